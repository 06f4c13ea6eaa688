"""Many messages at once that begin conversations with people: as ``services.receive`` stores one, in a few statements together."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction

from kefu.engines.clock import services as clock
from kefu.engines.files import services as files
from kefu.engines.search import services as search
from kefu.kit import driven, moment, prepared, sentences
from kefu.kit.errors import Invalid, TooMuch
from kefu.people.actor import SYSTEM
from kefu.timeline.services import Happened, record
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.services import Contact
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Direction
from kefu.touch.conversations.models import Account, Attachment, Conversation, Message
from kefu.touch.conversations.services import MOST_FILES, MOST_HTML, MOST_TEXT, Incoming, clean, foreign, new_thread, refusal, too_many
from kefu.touch.customers import queries as customers


@dataclass(frozen=True)
class Arrived:
    """A message whose files lie in the store already, with the names of those that were not taken."""

    incoming: Incoming
    files: list[tuple[files.Laid, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def laid(incoming: Incoming) -> Arrived:
    """Keep the bytes of the files of a message, before and outside of the transaction that stores it. Raises ``Unavailable``."""
    arrived = Arrived(incoming)
    for one in incoming.files[:MOST_FILES]:
        try:
            arrived.files.append((files.lay(io.BytesIO(one.content()), one.name), one.cid))
        except (Invalid, TooMuch) as error:
            arrived.refused.append(refusal(one, error))
    arrived.refused.extend(too_many(one) for one in incoming.files[MOST_FILES:])
    return arrived


def begin(*, account: Account, letters: Sequence[Arrived]) -> list[Message]:
    """Store messages that answer nothing, each as a conversation of its own; all are written, or none.

    The caller has seen that none of them is here; one that came meanwhile raises ``IntegrityError``.
    """
    at = moment.now()
    with transaction.atomic(), driven.flowing():
        known = _contacts(account, letters)
        begun = [_talk(account, contact, one.incoming) for contact, one in zip(known, letters, strict=True)]
        prepared.insert(begun)
        messages = [_message(account, talk, one) for talk, one in zip(begun, letters, strict=True)]
        prepared.insert(messages, keyed=True)
        _attach(messages, letters)
        wrote = [Happened(one.conversation_id, "conversation.wrote", {"message": one.pk}) for one in messages]
        record(actor_id=None, happened=wrote, at=at)
        search.index_many([talks.found_by(contact, one.incoming) for contact, one in zip(known, letters, strict=True)], fresh=True)
        owed = [contact.subject for contact, one in zip(known, letters, strict=True) if not one.incoming.auto]
        if owed:
            facts = {"channel": account.channel, "account": account.address}
            clock.reach_all(subjects=owed, moments=("written",), at=at, facts=facts)
    return messages


def _contacts(account: Account, letters: Sequence[Arrived]) -> list[Contact]:
    customers_of = customers.by_emails(one.incoming.sender for one in letters)
    rows = []
    for incoming in (one.incoming for one in letters):
        known = customers_of.get(incoming.sender.strip().lower(), [])
        row = talks.contact_of(account, foreign(incoming.foreign_id), incoming, known)
        rows.append({**row, "title": talks.title_of(incoming)} if talks.title_of(incoming) else row)
    actor = replace(SYSTEM, unit_path=account.unit.path)
    return contacts.receive_all(actor=actor, channel=Channel(account.channel), at=moment.now(), rows=rows)


def _talk(account: Account, contact: Contact, incoming: Incoming) -> Conversation:
    at = contact.received_at
    return prepared.made(
        Conversation, contact_id=contact.pk, account_id=account.pk, thread=new_thread(), title=talks.title_of(incoming),
        address=incoming.sender.lower()[:254], last_at=at, last_in_at=at,
    )  # fmt: skip


def _message(account: Account, talk: Conversation, one: Arrived) -> Message:
    told = one.incoming
    return prepared.made(
        Message, conversation_id=talk.pk, account_id=account.pk, direction=Direction.IN, at=talk.last_at, sender=told.sender[:254],
        text=clean(told.text, MOST_TEXT), reply=clean(told.reply, MOST_TEXT), html=clean(told.html, MOST_HTML),
        foreign_id=foreign(told.foreign_id), auto=told.auto, trouble=sentences.together(one.refused),
    )  # fmt: skip


def _attach(messages: Sequence[Message], letters: Sequence[Arrived]) -> None:
    each = [(message, laid_file, cid) for message, one in zip(messages, letters, strict=True) for laid_file, cid in one.files]
    if each:
        stored = files.keep_laid([(laid_file, message.conversation_id) for message, laid_file, _cid in each], at=messages[0].at)
        prepared.insert(
            [
                prepared.made(Attachment, message_id=message.pk, file_id=file.pk, cid=cid[:200])
                for (message, _laid, cid), file in zip(each, stored, strict=True)
            ],
            keyed=False,
        )
