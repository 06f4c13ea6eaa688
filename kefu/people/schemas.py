"""What crosses the API about people, and the fields of the commands as pages ask them."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.kit.asking import asked
from kefu.people import queries
from kefu.people.choices import UnitKind

CODE = r"^[A-Za-z0-9_.-]+$"


class StaffChange(Schema):
    number: str = asked(
        _("Agent number"), min_length=1, max_length=20, pattern=CODE, help=_("Callers are told this number."), examples=["021"]
    )
    name: str = asked(_("Full name"), min_length=1, max_length=60, examples=["陈静"])
    unit: int = asked(_("Unit"), choices="units")
    phone: str = asked(_("Phone"), "", max_length=32, widget="phone")
    email: str = asked(_("E-mail"), "", max_length=254, widget="email")


class NewStaff(StaffChange):
    username: str = asked(_("User name"), min_length=2, max_length=60, pattern=r"^[\w.@-]+$", examples=["chenjing"])


class Grant(Schema):
    post: int = asked(_("Post"), choices="posts")
    unit: int = asked(_("In unit"), choices="units")
    until: datetime | None = asked(_("Until"), None, help=_("Empty: for good."))


class EndHolding(Schema):
    holding: int = asked(_("Post"), choices=queries.holding_choices, widget="select")


class DeputySpan(Schema):
    deputy: int = asked(_("Deputy"), choices="all_staff")
    since: datetime = asked(_("From"))
    until: datetime = asked(_("Until"))


class UnitChange(Schema):
    name: str = asked(_("Name"), min_length=1, max_length=80, examples=["工程部"])
    name_en: str = asked(_("English name"), "", max_length=80)
    kind: UnitKind = asked(_("Kind"), UnitKind.DEPARTMENT, widget="select")
    head: int | None = asked(_("Head"), None, choices=queries.head_choices, widget="select")
    takes_orders: bool = asked(_("Takes work orders"), True)
    bound: bool = asked(_("The regulations bind this unit"), True)


class NewUnit(Schema):
    code: str = asked(
        _("Code"),
        min_length=1,
        max_length=40,
        pattern=CODE,
        help=_("Letters, digits, dots and dashes; it stays as it is."),
        examples=["repair"],
    )
    parent: int | None = asked(_("Below"), None, choices="units")
    name: str = asked(_("Name"), min_length=1, max_length=80, examples=["工程部"])
    name_en: str = asked(_("English name"), "", max_length=80)
    kind: UnitKind = asked(_("Kind"), UnitKind.DEPARTMENT, widget="select")
    takes_orders: bool = asked(_("Takes work orders"), True)
    bound: bool = asked(_("The regulations bind this unit"), True)


class UnitMove(Schema):
    parent: int | None = asked(_("Below"), None, choices="units", help=_("Empty: at the top."))


class NewToken(Schema):
    name: str = asked(_("For which system"), min_length=1, max_length=60, examples=["ERP"])
    rights: list[str] = asked(_("What it may do"), choices=queries.right_choices, min_length=1, widget="checks", examples=[["orders.see"]])
    days: int = asked(_("Lasts"), 365, ge=1, le=1825, unit=_("days"))


class Made(Schema):
    id: int


class OneTimePassword(Schema):
    one_time_password: str


class MadeStaff(Made, OneTimePassword):
    pass


class MadeToken(Made):
    token: str
