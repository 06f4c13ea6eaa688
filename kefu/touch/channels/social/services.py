"""What arrives: messages of people become turns of a conversation, once each; events move what is known of the person."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.engines.social.turns import EVENT, UNKNOWN, Came
from kefu.kit import moment, sentences
from kefu.kit.errors import NotAllowed
from kefu.timeline.services import record_one
from kefu.touch.channels.social import queries
from kefu.touch.channels.social.choices import FAILURES, State
from kefu.touch.channels.social.models import Link, Media, Person, Posted, Sending
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Delivery
from kefu.touch.conversations.services import Incoming

MOST_TEXT = 5000
KEEP = timedelta(days=1)
_UNKNOWN = gettext_lazy("WeChat could not deliver it (reason %(why)s).")
Go = Callable[[int], object]


def worded(came: Came) -> str:
    """The words of a turn, in the language of the centre."""
    with translation.override(settings.LANGUAGE_CODE):
        marks = {
            "image": _("[Picture]"), "voice": _("[Voice]"), "video": _("[Video]"), "file": _("[File]"), "location": _("[Location]"),
            "link": _("[Link]"),
        }  # fmt: skip
        if came.kind == UNKNOWN:
            return _("[A message of the kind “%(kind)s”, which cannot be shown here]") % {"kind": came.title or "?"}
        head = " ".join(one for one in (marks.get(came.kind, ""), came.title) if one)
    where = ", ".join(one for one in came.place if one)
    first = f"{head} ({where})" if where else head
    if came.kind == "link":
        return "\n".join(one for one in (first, came.text, came.url) if one)
    return " ".join(one for one in (first, came.text) if one)


def person_of(link: Link, key: str, name: str = "") -> Person:
    """Who writes, held until the transaction ends: two messages at one instant come one after the other."""
    row, _new = Person.objects.get_or_create(link=link, key=key, defaults={"name": name})
    return Person.objects.select_for_update(of=("self",)).get(pk=row.pk)


@transaction.atomic
def take_in(link: Link, came: Came, fetch: Go, name: str = "") -> bool:
    """Store a message or an event once; whether it is new. ``fetch`` queues the fetching of its file, by the id of the row."""
    if came.kind == EVENT:
        return _happened(link, came)
    person = person_of(link, came.sender, name)
    text = talks.clean(worded(came), MOST_TEXT).strip()
    incoming = Incoming(
        foreign_id=f"in:{came.foreign_id}", sender=queries.address_of(person), name=person.name, title=text[:60], text=text, reply=text,
    )  # fmt: skip
    message, new = talks.receive(account=link.account, incoming=incoming, conversation_id=person.conversation_id)
    if not new:
        return False
    at = moment.now()
    person.conversation_id, person.left_at = message.conversation_id, None
    person.wrote_at = min(came.at or at, at)
    person.save(update_fields=["conversation", "left_at", "wrote_at"])
    Link.objects.filter(pk=link.pk).update(came_at=at)
    if came.media:
        fetch(Media.objects.create(message=message, link=link, key=came.media, kind=came.kind).pk)
    return True


_EVENTS = {"subscribe": "social.followed", "unsubscribe": "social.left", "click": "social.clicked", "user_recall_msg": "social.recalled"}


def _happened(link: Link, came: Came) -> bool:
    """An event, once. It stands in the course of the person's conversation, if there is one."""
    mark = hashlib.sha256(f"event {came.foreign_id}".encode()).hexdigest()
    if not Posted.objects.get_or_create(link=link, mark=mark)[1]:
        return False
    if came.event == "msg_send_fail":
        failed(came.key, came.code)
    person = Person.objects.select_for_update(of=("self",)).filter(link=link, key=came.sender).first()
    if person is None:
        return True
    if came.event in ("subscribe", "unsubscribe"):
        person.left_at = moment.now() if came.event == "unsubscribe" else None
        person.save(update_fields=["left_at"])
    kind = _EVENTS.get(came.event)
    if kind and person.conversation_id:
        data = {"key": came.key[:80]} if came.event == "click" else {}
        record_one(actor_id=None, subject_id=person.conversation_id, kind=kind, data=data)
    return True


def failed(word: str, why: str) -> None:
    """微信客服 could not deliver a piece that it had taken."""
    held = Sending.objects.select_for_update(of=("self",)).filter(word=word.partition("_")[0]).first()
    if held is None or held.state == State.FAILED:
        return
    known = FAILURES.get(why)
    said = sentences.keep(known) if known else sentences.keep(_UNKNOWN, why=why or "0")
    held.state, held.trouble = State.FAILED, said
    held.save(update_fields=["state", "trouble"])
    talks.delivered(held.pk, Delivery.FAILED, said)


def posted(link: Link, mark: str, body: bytes) -> bool:
    """Whether this signature came for the first time, in the caller's transaction. Raises ``NotAllowed`` when it came with another body:
    it was taken from an older post."""
    digest = hashlib.sha256(body).hexdigest()
    row, new = Posted.objects.get_or_create(link=link, mark=mark, defaults={"digest": digest})
    if not new and row.digest != digest:
        raise NotAllowed()
    return new


def forget_old() -> int:
    """Drop the marks of what was posted after a day; older posts are refused for their time."""
    return Posted.objects.filter(at__lt=moment.now() - KEEP).delete()[0]
