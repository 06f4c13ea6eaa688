"""Reads about mailboxes and the quarantine. Who sets up mailboxes sees no letters; who leads the inbox does."""

from __future__ import annotations

from typing import Any

from kefu.engines.files import services as files
from kefu.engines.mail import reading
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.touch.channels.email.choices import Settled
from kefu.touch.channels.email.models import Quarantined
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

KIND = "quarantined"
MANAGE, OPEN = "mailboxes.manage", "conversations.lead"
ROW = ("id", "account__name", "why", "detail", "sender", "title", "at", "tries", "settled", "file_id", "file__size")


def mailboxes(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The mailboxes; none for who neither sets them up nor leads the inbox."""
    if actor.id is not None and not (actor.can(MANAGE) or actor.can(OPEN)):
        return []
    rows = Account.objects.filter(channel=Channel.EMAIL, **which).order_by("name", "pk")
    return [dict(row) for row in rows.values("id", "name", "address", "unit_id", "unit__name", "active", "health", "trouble", "tried_at")]


def mailbox(actor: Actor, account_id: int) -> dict[str, Any]:
    """One mailbox; raises ``NotFound`` for who may not see it."""
    found = mailboxes(actor, pk=account_id)
    if not found:
        raise NotFound()
    return found[0]


def by_address(address: str) -> Account | None:
    """The mailbox in use with this address, for what arrives by itself."""
    boxes = Account.objects.filter(channel=Channel.EMAIL, active=True, address__iexact=address.strip())
    return boxes.select_related("unit").first()


def quarantined(actor: Actor, *, cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """What waits for a person, newest first."""
    if not actor.can(OPEN):
        return Page([], None)
    rows = after(Quarantined.objects.filter(settled=Settled.OPEN), keys=("-id",), cursor=cursor).values(*ROW)[: size + 1]
    return cut([dict(row) for row in rows], size=size, key=lambda row: [row["id"]])


def entry(actor: Actor, entry_id: int) -> Quarantined:
    """One message of the quarantine; raises ``NotFound`` for who does not lead the inbox."""
    found = Quarantined.objects.select_related("file", "account").filter(pk=entry_id).first() if actor.can(OPEN) else None
    if found is None:
        raise NotFound()
    return found


def opened(row: Quarantined) -> dict[str, Any]:
    """What can be read of it: the letter as it was understood, and the first lines of its bytes."""
    data = files.read(row.file_id)
    try:
        letter: dict[str, Any] | None = reading.read(data).as_json()
    except Exception:  # it lies here because it is odd
        letter = None
    return {"letter": letter, "head": data[:4000].decode("utf-8", "replace")}
