"""What a visitor does: begin, write, rate, leave a message outside hours. And the way out: a reply is there once it is stored."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.files.refusals import Large
from kefu.engines.notify.services import tell
from kefu.engines.privacy.masking import mask
from kefu.kit import moment, phone, sentences
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import SYSTEM, Actor
from kefu.timeline import waking
from kefu.timeline.services import record_one
from kefu.timeline.waking import Word
from kefu.touch.channels.chat import asking, queries, routing
from kefu.touch.channels.chat.models import Rating, Visitor, Widget
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Direction, State
from kefu.touch.conversations.services import Conversation, Enclosed, Incoming, Message

LONGEST = 2000
MOST_FILES, MOST_BYTES = 5, 10 * 1024 * 1024
ID = re.compile(r"[A-Za-z0-9-]{8,40}")


def clean(text: str, most: int) -> str:
    return talks.clean(text, most).strip()


def start(*, widget: Widget, name: str, origin: str, agreed: bool, proof: str = "") -> Visitor:
    """A new visitor, or the one whom the site names by ``proof``. Raises ``Invalid`` where the widget asks for consent and none was
    given, and for a proof that is none."""
    known = routing.proven(widget, proof) if proof else None
    if widget.consent and not agreed:
        raise Invalid(fields={"agreed": _("Please read the notice and agree.")})
    if known is not None:
        return routing.visitor_of(widget, known, origin=origin, agreed=agreed)
    return Visitor.objects.create(
        widget=widget, key=secrets.token_hex(16), name=clean(name, 40), origin=origin[:200], agreed_at=moment.now() if agreed else None
    )


def write(*, visitor: Visitor, text: str, id: str, upload: UploadedFile | None = None, title: str = "") -> bool:  # noqa: A002
    """Store what a visitor wrote, once for each ``id`` that the browser gave it; whether it is new. ``title`` names a talk that it begins.

    Raises ``Invalid``, also for a file that is not taken: then nothing of it is stored.
    """
    text = clean(text, LONGEST + 1)
    if not text and upload is None:
        raise Invalid(fields={"text": _("Please fill this in.")})
    if len(text) > LONGEST:
        raise Invalid(fields={"text": _("At most %(most)d characters fit here.") % {"most": LONGEST}})
    if not ID.fullmatch(id):
        raise Invalid(fields={"id": _("Please fill this in.")})
    enclosed = [_enclosed(upload)] if upload is not None else []
    incoming = Incoming(
        foreign_id=f"{visitor.key}:{id}", sender=queries.address_of(visitor.key), name=visitor.name, phone=visitor.phone,
        title=(title or text or enclosed[0].name)[:60], text=text, reply=text, files=enclosed, robot=visitor.widget.robot,
    )  # fmt: skip
    try:
        message = _written(visitor, incoming)
    except IntegrityError:
        if talks.stored(visitor.widget.account, incoming.foreign_id) is None:
            raise
        return False
    if message.conversation.state == State.ROBOT:
        asking.answer(widget=visitor.widget, conversation_id=message.conversation_id, text=text)
    return True


@transaction.atomic
def _written(visitor: Visitor, incoming: Incoming) -> Message:
    # Two messages of one visitor at the same instant come one after the other, and into one conversation.
    before = queries.lock(visitor.pk)
    message = talks.store(account=visitor.widget.account, incoming=incoming, conversation_id=before)
    if message.trouble:
        raise Invalid(fields={"file": sentences.shown(message.trouble)})
    if message.conversation_id != before:
        Visitor.objects.filter(pk=visitor.pk).update(conversation_id=message.conversation_id)
        if before is not None:
            waking.say(Word(queries.LOOK, before))  # the other tabs go over to the new one
    return message


def mark(*, visitor: Visitor, read: int = 0, types: bool = False) -> None:
    """The visitor has read up to a turn, or types: the agent's page shows it, nothing of it stands on the line."""
    if visitor.conversation_id is None:
        return
    talk = visitor.conversation_id
    agent = Conversation.objects.filter(pk=talk).values_list("contact__agent_id", flat=True).first()
    told = [waking.sign("types", talk, agent)] if types and agent else []
    if read > visitor.read_id and Message.objects.filter(pk=read, conversation_id=talk, direction=Direction.OUT).exists():
        Visitor.objects.filter(pk=visitor.pk, read_id__lt=read).update(read_id=read)
        told += [waking.sign("read", talk, agent, read)] if agent else []
    waking.say(*told)


def mark_by_agent(*, actor: Actor, id: int, read: int = 0, types: bool = False) -> None:  # noqa: A002
    """The agent whose talk it is has the visitor's words before him up to a turn, or types. Who only looks in tells the visitor nothing."""
    held = conversations.get(actor, id)
    if held.contact.agent_id != actor.id:
        return
    told = [Word(queries.TYPES, id)] if types else []
    if read and Message.objects.filter(pk=read, conversation_id=id, direction=Direction.IN).exists():
        told += [Word(queries.LOOK, id)] * Visitor.objects.filter(conversation_id=id, seen_id__lt=read).update(seen_id=read)
    waking.say(*told)


def _enclosed(upload: UploadedFile) -> Enclosed:
    if (upload.size or 0) > MOST_BYTES:
        raise Large(limit=MOST_BYTES // 1024 // 1024)
    return Enclosed(upload.name or "", upload.read)


def rate(*, visitor: Visitor, stars: int, text: str) -> None:
    """Keep what the visitor thinks of the talk. Raises ``Invalid``, ``Conflict`` before anybody has answered."""
    if not 1 <= stars <= 5:
        raise Invalid(fields={"stars": _("Give one to five stars.")})
    held = Visitor.objects.select_related("conversation__contact").get(pk=visitor.pk)
    talk = held.conversation
    if talk is None or talk.first_reply_at is None:
        raise Conflict(_("There is nothing to rate yet."))
    with transaction.atomic():
        at = moment.now()
        words = clean(text, 500)
        Rating.objects.update_or_create(conversation=talk, defaults={"stars": stars, "text": words, "at": at})
        record_one(actor_id=None, subject_id=talk.pk, kind="chat.rated", data={"stars": stars, "text": words}, at=at)
        if stars <= 2 and talk.contact.agent_id is not None:
            tell(staff_ids=[talk.contact.agent_id], kind="chat.rated", subject_id=talk.pk, params={"stars": stars})


def leave_number(*, visitor: Visitor, given: dict[str, Any], id: str) -> None:  # noqa: A002
    """A phone number for a call, left with the own talk outside hours, with words or without: a turn of it, and on its contact record.

    Raises ``Invalid`` with a sentence for each field.
    """
    words, number = clean(str(given.get("text", "")), LONGEST - 30), clean(str(given.get("phone", "")), 20)
    if not phone.is_possible(number):
        raise Invalid(fields={"phone": _("Please enter a phone number that reaches you.")})
    with transaction.atomic():
        shown = words or mask("phone", number)
        write(visitor=visitor, text=f"{number}\n{words}".strip(), id=id, title=shown)
        talk = Visitor.objects.select_related("conversation__contact").get(pk=visitor.pk).conversation
        if talk is not None and not talk.contact.phone:
            contacts.keep_draft(talk.contact, phone=number)
        if talk is not None and phone.leading(talk.contact.content) == number:  # the talk begins by it
            contacts.keep_draft(talk.contact, content=shown)


def leave(*, widget: Widget, given: dict[str, Any], id: str) -> None:  # noqa: A002
    """A message outside hours: a contact on the desk, once for each ``id``. Raises ``Invalid`` with a sentence for each field."""
    words, number = clean(str(given.get("text", "")), LONGEST), clean(str(given.get("phone", "")), 20)
    wrong = {}
    if len(words) < 2:
        wrong["text"] = _("Please tell us what it is about.")
    if not phone.is_possible(number):
        wrong["phone"] = _("Please enter a phone number that reaches you.")
    if widget.consent and given.get("agreed") is not True:
        wrong["agreed"] = _("Please read the notice and agree.")
    if not ID.fullmatch(id):
        wrong["id"] = _("Please fill this in.")
    if wrong:
        raise Invalid(fields=wrong)
    actor = SYSTEM
    contacts.receive(
        actor=actor, channel=Channel.CHAT, foreign_id=f"left:{widget.pk}:{id}", waits=True, name=clean(str(given.get("name", "")), 40),
        phone=number, content=words,
    )  # fmt: skip
