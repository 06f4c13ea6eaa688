"""The robot: it answers first, with public articles in their approved words only, and hands over to people (decision 0025)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kefu.engines.search import queries as search
from kefu.kit import moment, prepared
from kefu.kit.errors import NotFound
from kefu.kit.markdown import plain
from kefu.people.actor import SYSTEM
from kefu.timeline.services import record_one
from kefu.touch.channels.chat import queries
from kefu.touch.channels.chat.choices import WORDS
from kefu.touch.channels.chat.models import RobotAnswer, Visitor, Widget
from kefu.touch.conversations import handling
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Auto, Delivery, Direction, State
from kefu.touch.conversations.services import Conversation, Message
from kefu.touch.knowledge import queries as knowledge
from kefu.touch.knowledge import services as knowledge_services

LONGEST = 600
QUIET, BROKEN = timedelta(minutes=10), timedelta(seconds=30)
_MOST = 200
_MARKS = re.compile(r"[\W_]+")
_SHORT = re.compile(r"\W*(?:\w{1,2}|[a-z]+)\W*", re.IGNORECASE)
_ALONE = 4
_AWAY = gettext_noop(
    "Nobody is here right now. Your words are kept, and a person answers here once we are open. To be called back, write your phone"
    " number here."
)
_GREETINGS = frozenset(
    "你好 您好 你好啊 您好啊 在吗 在么 你好在吗 您好在吗 有人吗 请问 嗨 喂 早上好 上午好 下午好 晚上好 hi hello hey".split()  # noqa: SIM905
)
_THANKS = frozenset("谢谢 谢谢你 谢谢您 多谢 好的 好的谢谢 好 嗯 明白了 知道了 ok thanks thankyou 再见 没有了".split())  # noqa: SIM905


def wants_person(text: str, words: str = WORDS) -> bool:
    """Whether this asks for a person by one of ``words`` (one a line): by a word of one or two signs, or a single Latin one, only where
    little else is said."""
    close = _MARKS.sub("", text.casefold())
    return any(_asks(close, line) for line in words.splitlines())


def _asks(close: str, line: str) -> bool:
    word = _MARKS.sub("", line.casefold())
    return bool(word) and word in close and (not _SHORT.fullmatch(line) or len(close) <= len(word) + _ALONE)


def best(question: str, least: float) -> dict[str, Any] | None:
    """The public article that answers a question best, if at least this share of the question stands in it."""
    found = knowledge.found(knowledge.in_public(), question, limit=1) if question else []
    return next((row for row in found if search.share(question, f"{row['title']} {row['body']}") >= least), None)


def answer(*, widget: Widget, conversation_id: int, text: str) -> None:
    """The robot's turn, after the visitor's words were stored. It says nothing once a person has the talk."""
    close = _MARKS.sub("", text.casefold())
    wants, small = wants_person(text, widget.robot_words), close in _GREETINGS or close in _THANKS
    row = None if wants or small else best(text, widget.robot_share / 100)
    with transaction.atomic():
        held = talks.lock(conversation_id)
        if held is None or held.state != State.ROBOT:
            return
        at = moment.now()
        if wants:
            _hand_over(held, at, "asked")
        elif small:
            _say(held, _("Please write what you would like to know.") if close in _GREETINGS else _("You are welcome."), at)
        elif row is not None:
            made = _say(held, _cut(plain(row["body"])), at)
            RobotAnswer.objects.create(message=made, version=knowledge_services.answered_with(row["subject_id"], row["in_force"]))
        else:
            _found_none(held, widget, at)


def _hand_over(held: Conversation, at: datetime, why: str) -> None:
    """To people; outside service hours the visitor is told that nobody is there now, and what happens to what was said."""
    if not queries.is_open():
        _say(held, _(_AWAY), at)
    talks.to_people(held, at=at, why=why)


def _found_none(held: Conversation, widget: Widget, at: datetime) -> None:
    over = _in_vain(held) + 1 >= widget.robot_tries
    again, handed = (
        _("I have no answer to this. Please say it in other words, or ask for a person."),
        _("I have no answer to this. A colleague takes over.") if queries.is_open() else _("I have no answer to this."),
    )
    RobotAnswer.objects.create(message=_say(held, handed if over else again, at))
    if over:
        _hand_over(held, at, "tries")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "……"


def _say(held: Conversation, text: str, at: datetime) -> Message:
    made = prepared.made(
        Message, conversation_id=held.pk, account_id=held.account_id, direction=Direction.OUT, author_id=None, at=at, text=text, reply=text,
        auto=Auto.ROBOT, delivery=Delivery.SENT,
    )  # fmt: skip
    prepared.insert([made])
    held.last_at = held.last_out_at = at
    prepared.save(held, "last_at", "last_out_at")
    record_one(actor_id=None, subject_id=held.pk, kind="conversation.robot_answered", data={"message": made.pk}, at=at)
    return made


def _in_vain(held: Conversation) -> int:
    """How many answers in this talk were none, or did not help."""
    rows = RobotAnswer.objects.filter(Q(version=None) | Q(helped=False), message__conversation=held)
    return rows.count()


def to_person(*, visitor: Visitor) -> None:
    """The visitor wants a person. Where one has the talk already, nothing is to be done."""
    with transaction.atomic():
        held = talks.lock(visitor.conversation_id) if visitor.conversation_id else None
        if held is not None and held.state == State.ROBOT:
            _hand_over(held, moment.now(), "asked")


def judge(*, visitor: Visitor, message_id: int, helped: bool) -> None:
    """Whether an answer helped, once. After as many that did not as the widget says, people take over. Raises ``NotFound``."""
    with transaction.atomic():
        held = talks.lock(visitor.conversation_id) if visitor.conversation_id else None
        found = RobotAnswer.objects.select_related("version").filter(pk=message_id, message__conversation=held).first() if held else None
        if held is None or found is None or found.version is None:
            raise NotFound()
        if not RobotAnswer.objects.filter(pk=message_id, helped=None).update(helped=helped):
            return
        knowledge_services.judged(version=found.version, helped=helped)
        if held.state == State.ROBOT and not helped and _in_vain(held) >= visitor.widget.robot_tries:
            _hand_over(held, moment.now(), "tries")


def end_quiet() -> int:
    """Close the talks that the robot settled: nobody wrote any more. One that it left without an answer waits for a person; how many."""
    at = moment.now()
    robots = Conversation.objects.filter(state=State.ROBOT)
    unanswered = Q(last_in_at__lt=at - BROKEN) & (Q(last_out_at=None) | Q(last_out_at__lt=F("last_in_at")))
    over = list(robots.filter(unanswered | Q(last_at__lt=at - QUIET)).order_by("last_at").values_list("pk", flat=True)[:_MOST])
    for pk in over:
        with transaction.atomic():
            held = talks.lock(pk)
            if held is None or held.state != State.ROBOT:
                continue
            if held.last_out_at is None or (held.last_in_at and held.last_out_at < held.last_in_at):
                talks.to_people(held, at=at, why="broken")
            elif held.last_at < at - QUIET:
                answered = RobotAnswer.objects.filter(message__conversation=held, version__isnull=False).exclude(helped=False)
                handling.end(held, SYSTEM, "answered" if answered.exists() else "silent")
    return len(over)
