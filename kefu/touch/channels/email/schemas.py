"""What the forms of mailboxes ask, and what crosses the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.kit.commands import asked
from kefu.people.queries import unit_choices
from kefu.touch.channels.email.queries import mailboxes


def _units(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return unit_choices()


def _boxes(actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return [(row["id"], f"{row['name']} {row['address']}") for row in mailboxes(actor, active=True)]


class MailboxIn(Schema):
    """A mailbox that customers write to."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    address: str = asked(
        _("Mail address"), min_length=3, max_length=254, pattern=r"^\s*[^@\s]+@[^@\s]+\s*$", placeholder="service@example.com"
    )
    unit_id: int = asked(_("Unit"), choices=_units, help=_("Whose inbox its letters come to."))
    active: bool = asked(_("In use"), True)


class TakeIn(Schema):
    account_id: int | None = asked(_("As a letter to"), None, choices=_boxes, help=_("Leave it empty if its addresses tell."))


class MailboxRow(Schema):
    id: int
    name: str
    address: str
    unit_id: int
    unit__name: str
    active: bool
    health: str
    trouble: str
    tried_at: datetime | None


class MailboxRows(Schema):
    rows: list[MailboxRow]


class QuarantineRow(Schema):
    id: int
    account: str | None = Field(description="The mailbox it came to, where that is known")
    why: str
    detail: str
    sender: str = Field(examples=["z***@example.com"])
    title: str
    size: int
    at: datetime
    tries: int


class QuarantinePage(Schema):
    items: list[QuarantineRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")
