"""What another system hands in, and what it says of the replies that it fetched."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment, phone, sentences
from kefu.kit.errors import Invalid, NotFound, Text
from kefu.people.actor import Actor
from kefu.touch.channels.other import queries
from kefu.touch.channels.other.choices import Known
from kefu.touch.channels.other.models import Attached
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Delivery, Direction
from kefu.touch.conversations.queries import Message
from kefu.touch.conversations.registry import Outlet
from kefu.touch.conversations.services import Account, Enclosed, Incoming

_ID, _MAIL = re.compile(r"[a-z0-9][a-z0-9._:@|-]*"), re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def customer_of(channel: Attached, told: str) -> str:
    """The customer as conversations are found by. Raises ``Invalid`` for what two customers could share."""
    told = told.strip()
    if channel.known_by == Known.PHONE:
        if phone.is_possible(told):
            return phone.normalise(told)
        raise Invalid(fields={"customer": _("Please enter a phone number that reaches the customer.")})
    if channel.known_by == Known.EMAIL:
        if _MAIL.fullmatch(told):
            return told.lower()
        raise Invalid(fields={"customer": _("This is no mail address.")})
    if not _ID.fullmatch(told):
        raise Invalid(fields={"customer": _("An id is made of small letters, digits and . _ : @ | -. Encode yours if it has others.")})
    return told


@transaction.atomic
def hand_in(
    *, actor: Actor, code: str, id: str, customer: str, text: str = "", name: str = "", phone: str = "", title: str = "",  # noqa: A002
    files: Sequence[Mapping[str, str]] = (),
) -> tuple[Message, bool]:  # fmt: skip
    """Store what a customer wrote, once for each ``id``; it goes on the last conversation with that customer. Answers whether it is new.

    ``files``: name and content (Base64) of each; one that is not taken is named on the message with the reason, the others are kept.
    Raises ``NotAllowed``, ``NotFound``, ``Invalid``.
    """
    channel = queries.by_code(actor, code)
    sender = customer_of(channel, customer)
    Attached.objects.select_for_update(of=("self",)).get(pk=channel.pk)  # two of one instant come into one conversation
    number = sender if channel.known_by == Known.PHONE else _normal(phone)
    text = talks.clean(text, 20_000).strip()
    enclosed = [Enclosed(talks.clean(one["name"], 200), partial(_decoded, one["content"])) for one in files]
    if not text and not enclosed:
        raise Invalid(fields={"text": _("Please fill this in.")})
    title = title or text[:60] or enclosed[0].name[:60]
    incoming = Incoming(
        foreign_id=f"in:{id}", sender=sender, name=name, title=title, text=text, reply=text, phone=number, files=enclosed
    )  # fmt: skip
    return talks.receive(account=channel.account, incoming=incoming, conversation_id=conversations.latest_with(channel.pk, sender))


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except ValueError as error:
        raise Invalid(_("The content is not written in Base64."), code="file_base64") from error


def _normal(number: str) -> str:
    return phone.normalise(number) if number.strip() and phone.is_possible(number) else ""


def fetched(*, actor: Actor, code: str, limit: int) -> list[dict[str, object]]:
    """The replies that wait; they wait until they are confirmed. Raises ``NotAllowed``, ``NotFound``."""
    channel = queries.by_code(actor, code)
    Attached.objects.filter(pk=channel.pk).update(asked_at=moment.now())
    return queries.replies(channel, limit)


def confirm(*, actor: Actor, code: str, id: int, state: str, trouble: str = "") -> None:  # noqa: A002
    """How far a reply has come; the agent is told when it failed. Raises ``NotAllowed``, ``NotFound``."""
    channel = queries.by_code(actor, code)
    if not Message.objects.filter(pk=id, account_id=channel.pk, direction=Direction.OUT).exists():
        raise NotFound()
    talks.delivered(id, Delivery(state), sentences.plain(trouble) if state == Delivery.FAILED else "")


def hindrance(account: Account) -> Text:
    """Why this channel sends nothing."""
    return "" if account.active else _("This channel is switched off.")


def send(_message: Message) -> None:
    """A reply waits until the other system fetches it; webhooks tell that system at once."""


OUTLET = Outlet(Channel.API, send, hindrance, most_text=20_000)
