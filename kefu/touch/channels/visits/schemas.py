"""What crosses the door with a visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.engines.rulebook.queries import choices_of
from kefu.kit.commands import asked
from kefu.touch.channels.visits import queries
from kefu.touch.channels.visits.choices import Protocol


def _counters(actor: Any, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    return queries.counters()


class Register(Schema):
    organisation: str = asked(_("Organisation"), "", max_length=120)
    rank: str = asked(_("Rank"), "", max_length=80)
    host_id: int | None = asked(_("Host"), None, choices="all_staff")
    protocol: Protocol = asked(_("Level of protocol"), Protocol.EQUAL)
    protocol_reason: str = asked(_("Why this level"), "", max_length=200)


class Person(Schema):
    name: str = asked(_("Visitor"), "", max_length=80)
    phone: str = asked(_("Phone"), "", max_length=40)
    purpose: str = asked(_("Purpose of the visit"), "", max_length=2000, widget="textarea")
    counter: str = asked(_("Counter"), "", max_length=2, choices=_counters)


class Arrive(Register, Person):
    """A visitor at the door, asked before all else who he is; nothing but the counter has to be said."""


class Call(Schema):
    window: str = asked(_("Window"), "", max_length=20)


class Leave(Schema):
    opinion: str = asked(_("The visitor's opinion"), "", max_length=500, widget="textarea")


class Refuse(Schema):
    refusal: str = asked(_("Why refused"), max_length=40, choices=choices_of("visit_refusals"))
    text: str = asked(_("Explanation"), "", max_length=500, widget="textarea")


class VisitRow(Schema):
    id: int
    ticket: str
    state: str
    window: str
    arrived_at: datetime
    called_at: datetime | None
    served_at: datetime | None
    left_at: datetime | None
    ahead: int | None = None
    about_seconds: int | None = None


class VisitRows(Schema):
    rows: list[VisitRow]
