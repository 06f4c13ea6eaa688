"""Reads: the widget of a page, what a visitor sees, what an administrator sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.core import signing
from django.db.models import CharField, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from kefu.engines.clock import calendars
from kefu.engines.files import services as files
from kefu.engines.rulebook.queries import setting
from kefu.kit import hot, moment
from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.health import Way
from kefu.people.actor import Actor
from kefu.touch.assignment.queries import MOST as FAR
from kefu.touch.assignment.queries import places
from kefu.touch.channels.chat.models import RobotAnswer, Visitor, Widget
from kefu.touch.conversations import queries as talks
from kefu.touch.conversations.choices import Auto, Direction, State
from kefu.touch.conversations.queries import Message
from kefu.touch.knowledge.registry import Asked

MANAGE = "chat.manage"
SALT = "kefu.chat.visitor"
MOST = 200
MOST_ASKED, MOST_READ = 3_000, 400
TYPES = "chat-types"  # tells the streams of a conversation that the agent types
LOOK = "chat"  # wakes the streams of a conversation for what is no event of its line


def widget(key: str) -> Widget:
    """The widget in use with this key. Raises ``NotFound``."""
    found = Widget.objects.select_related("account__unit").filter(key=key[:24], account__active=True).first()
    if found is None:
        raise NotFound()
    return found


def of_portal() -> str:
    """The key of the widget that stands on the centre's own public pages; "" for none. Of several, the first that was made."""
    return Widget.objects.filter(portal=True, account__active=True).order_by("pk").values_list("key", flat=True).first() or ""


def token_of(visitor: Visitor) -> str:
    """The signed identity that the visitor's browser keeps."""
    return signing.Signer(salt=SALT).sign(visitor.key)


def signed_number(conversation_id: int) -> str:
    """The number by which a web site vouches for the visitor of a conversation; "" where none does."""
    rows = Visitor.objects.filter(conversation_id=conversation_id).exclude(number="")
    return rows.values_list("number", flat=True).first() or ""


def visitor(token: str) -> Visitor:
    """Whose token this is. Raises ``NotFound`` for one that is not ours or whose widget is out of use."""
    try:
        key = signing.Signer(salt=SALT).unsign(token[:200])
    except signing.BadSignature as error:
        raise NotFound() from error
    found: list[Visitor] = _known(key=key)
    if not found:
        raise NotFound()
    return found[0]


_known = hot.Rows(
    lambda: Visitor.objects.select_related("widget__account").filter(key=hot.Slot("key", CharField()), widget__account__active=True)
)
_locked = hot.Read(lambda: Visitor.objects.select_for_update().filter(pk=hot.Slot("id")).values("conversation_id"))


def lock(visitor_id: int) -> int | None:
    """The conversation that a visitor goes on with, held until the transaction ends."""
    found: int | None = _locked(id=visitor_id)[0]["conversation_id"]
    return found


def check_origin(held: Widget, origin: str, host: str) -> None:
    """Raises ``NotAllowed`` unless the page stands on a site of the widget or on our own."""
    if not origin or (origin not in held.sites and urlsplit(origin).netloc != host):
        raise NotAllowed()


def address_of(key: str) -> str:
    """By which the conversations of a visitor are found."""
    return f"visitor:{key}"


def is_open() -> bool:
    """Whether the centre serves right now, by the calendar of the setting ``calendar.service``; without that calendar, always."""
    calendar = calendars.all_calendars().get(str(setting("calendar.service", default="")))
    if calendar is None:
        return True
    at = moment.now()
    today = calendar.local(at).date()
    return any(start <= at < end for day in (today - timedelta(days=1), today) for start, end in calendar.working(day))


class Who(NamedTuple):
    """A visitor, as little as a stream needs to hold of him."""

    id: int
    key: str
    widget: int


def who(held: Visitor) -> Who:
    return Who(held.pk, held.key, held.widget_id)


def seen(held: Who, after: int) -> dict[str, Any]:
    """What the visitor sees: the turns after ``after`` in order (``more`` when some are left), and how the talk stands.

    Turns of one conversation are written under its lock, so their ids are its order: nothing can come before what was told already.
    """
    found = _all_turns(address=address_of(held.key), account=held.widget, after=after)
    return {"turns": _turns(found[:MOST]), "more": len(found) > MOST, **standings([held])[held.id]}


def fresh(after: dict[int, int]) -> dict[int, list[dict[str, Any]]]:
    """The turns of each conversation after the last one that was told, in order, at most ``MOST`` of all: one statement for any number."""
    pairs = hot.padded(list(after.items()))
    bound = {f"{name}{place}": value for place, pair in enumerate(pairs) for name, value in zip(("talk", "last"), pair, strict=True)}
    found: dict[int, list[dict[str, Any]]] = {}
    rows = _new_turns(len(pairs), **bound) if pairs else []
    for row, turn in zip(rows, _turns(rows), strict=True):
        found.setdefault(row["conversation_id"], []).append(turn)
    return found


def _rows(wanted: Q) -> Any:
    names = ("conversation_id", "id", "direction", "text", "at", "author__number", "foreign_id", "auto", "encloses")
    rows = Message.objects.filter(wanted).exclude(direction=Direction.NOTE).order_by("id")
    return rows.annotate(encloses=talks.encloses()).values(*names)


def _of_some(count: int) -> Any:
    wanted = Q()
    for place in range(count):
        wanted |= Q(conversation_id=hot.Slot(f"talk{place}"), id__gt=hot.Slot(f"last{place}"))
    return _rows(wanted)[:MOST]


_new_turns = hot.Read(_of_some)
_all_turns = hot.Read(
    lambda: _rows(
        Q(
            conversation__address=hot.Slot("address", CharField()), conversation__account_id=hot.Slot("account"),
            id__gt=hot.Slot("after"),
        )
    )[: MOST + 1]
)  # fmt: skip


def _turns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a widget is told of each turn, its files with it."""
    held = talks.attachments(row["id"] for row in rows if row["encloses"])
    robots = robot_answers(row["id"] for row in rows if row["auto"] == Auto.ROBOT)
    return [_turn(row, held.get(row["id"], ())) | _by_robot(row, robots) for row in rows]


def _by_robot(row: dict[str, Any], answers: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """That the robot said it, and from which article."""
    return {"robot": answers.get(row["id"], {})} if row["auto"] == Auto.ROBOT else {}


def robot_answers(message_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The article of each answer of the robot, and whether it helped the visitor. Where no answer is named, nothing is read."""
    ids = list(message_ids)
    if not ids:
        return {}
    rows = RobotAnswer.objects.filter(pk__in=ids, version__isnull=False)
    named = rows.values_list("message_id", "version__article_id", "version__title", "helped")
    return {pk: {"article": article, "title": title, "helped": helped} for pk, article, title, helped in named}


def unanswered(begin: datetime, end: datetime) -> list[Asked]:
    """What the robot was asked in this span and had no answer to, or none that helped (R-02F-3.4)."""
    talk = "message__conversation"
    before = Message.objects.filter(conversation=OuterRef(talk), pk__lt=OuterRef("pk"), direction=Direction.IN).order_by("-pk")
    rows = RobotAnswer.objects.filter(Q(version=None) | Q(helped=False), message__at__gte=begin, message__at__lt=end)
    asked = rows.filter(**{f"{talk}__last_at__gte": begin}).annotate(asked=Subquery(before.values("reply")[:1])).order_by("pk")
    named = ("asked", "message__at", f"{talk}_id", f"{talk}__contact__name")
    return [Asked(text[:MOST_READ], at, pk, private=(name,)) for text, at, pk, name in asked.values_list(*named)[:MOST_ASKED] if text]


def _turn(row: dict[str, Any], attached: Iterable[dict[str, Any]]) -> dict[str, Any]:
    own = row["direction"] == Direction.IN
    sent = (row["foreign_id"] or "").partition(":")[2] if own else ""
    named = [{"id": one["file_id"], "name": one["file__name"], "type": one["file__media_type"]} for one in attached]
    agent = row["author__number"] or ""
    return {"seq": row["id"], "own": own, "agent": agent, "text": row["text"], "at": row["at"], "id": sent, "files": named}


def read_up_to(conversation_id: int) -> int:
    """The last turn that the visitor of a conversation has read; 0 for none."""
    return Visitor.objects.filter(conversation_id=conversation_id).values_list("read_id", flat=True).first() or 0


def file_of(held: Visitor, file_id: int) -> bytes:
    """A file of a turn that the visitor sees. Raises ``NotFound``."""
    rows = Message.objects.filter(conversation__address=address_of(held.key), conversation__account_id=held.widget_id)
    if not rows.exclude(direction=Direction.NOTE).filter(attachments__file_id=file_id).exists():
        raise NotFound()
    return files.read(file_id)


_STANDING = (
    "id", "conversation_id", "conversation__state", "conversation__contact__agent__number", "conversation__rating__stars",
    "conversation__first_reply_at", "seen_id",
)  # fmt: skip
_standings = hot.Read(lambda count: Visitor.objects.filter(pk__in=hot.slots(count)).values(*_STANDING))


def standings(held: Sequence[Who]) -> dict[int, dict[str, Any]]:
    """How the talk of each visitor stands: its number, state, place in the queue, the agent's number, whether it was rated, and whether
    it waits at an hour when nobody is there."""
    rows = [tuple(row.values()) for row in _standings.of(hot.padded([one.id for one in held]))]
    waiting = {pk for pk, _talk, state, *_rest in rows if state == State.WAITING}
    away = waiting if waiting and not is_open() else set()
    queue = places(one.widget for one in held if one.id in waiting)
    return {
        pk: {
            "talk": talk, "state": state or "new", "place": queue.get(talk, FAR) if pk in waiting else 0, "agent": agent or "",
            "rated": stars is not None or replied is None,  # what no person answered is not rated
            "seen": shown, "away": pk in away,
        }
        for pk, talk, state, agent, stars, replied, shown in rows
    }  # fmt: skip


def widgets(actor: Actor) -> list[dict[str, Any]]:
    """All widgets for who sets them up."""
    if not actor.can(MANAGE):
        raise NotAllowed()
    rows = Widget.objects.order_by("account__name").values("account_id", "key", "sites", "portal", "account__name", "account__active")
    return [dict(row) for row in rows]


def one(actor: Actor, account_id: int) -> dict[str, Any]:
    """One widget for its form. Raises ``NotFound``."""
    if not actor.can(MANAGE):
        raise NotAllowed()
    robot = ("robot", "robot_share", "robot_tries", "robot_words")
    names = ("account_id", "key", "sites", "portal", "greeting", "consent", *robot, "account__name", "account__unit_id", "account__active")
    row = Widget.objects.filter(pk=account_id).values(*names).first()
    if row is None:
        raise NotFound()
    return {**row, "name": row["account__name"], "unit_id": row["account__unit_id"], "active": row["account__active"],
            "sites": "\n".join(row["sites"])}  # fmt: skip


def health() -> list[Way]:
    """How each widget fares: a chat needs nothing outside, so it works or is switched off."""
    last, found = talks.last_of_accounts(), []
    for pk, name, active in Widget.objects.order_by("account__name", "pk").values_list("pk", "account__name", "account__active"):
        came, went = last.get(pk, (None, None))
        found.append(Way(_("Chat"), name, "/settings/chat", active, came is not None, came, went))
    return found
