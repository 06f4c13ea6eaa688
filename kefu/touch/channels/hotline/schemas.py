"""What crosses the door with an order of the hotline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import ConfigDict

from kefu.engines.rulebook.queries import choices_of
from kefu.kit.commands import asked
from kefu.kit.values import Instant
from kefu.touch.channels.hotline.choices import Rated, Role, Solved, Spoken, Verdict, Way

_EXAMPLE: dict[str, Any] = {
    "number": "2026112200012345", "passed_on_at": "2026-11-22T09:00:00+08:00", "due_at": "2026-11-27T18:00:00+08:00", "round": 0,
    "name": "张三", "phone": "13800001234", "address": "3-2-501", "content": "小区路灯不亮，已反映两次",
}  # fmt: skip


class HotlineIn(Schema):
    """An order as the hotline passes it on. Times without an offset are times of the centre."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    number: str = asked(_("Number of the hotline"), min_length=1, max_length=60)
    content: str = asked(_("Content"), max_length=20_000, widget="textarea", rows=5)
    passed_on_at: Instant | None = asked(_("Passed on at"), None, help=_("Empty: just now."))
    due_at: Instant | None = asked(_("Limit on the order"), None, help=_("As written on the order. Empty: the limit of the rule book."))
    round: int | None = asked(_("Redo round"), None, ge=0, le=99, help=_("0 for the first handling. Empty: found out by the time."))
    words: str = asked(_("What is asked of the redo"), "", max_length=2000, widget="textarea", rows=2)
    category: str = asked(_("Category of the hotline"), "", max_length=80)
    role: Role = asked(_("We are"), Role.MAIN)
    partners: str = asked(_("Other units on the order"), "", max_length=200)
    name: str = asked(_("Name"), "", max_length=80, group=_("Caller"))
    phone: str = asked(_("Phone"), "", max_length=40, group=_("Caller"))
    address: str = asked(_("Address of the matter"), "", max_length=200, group=_("Caller"))
    wishes: str = asked(_("Special wishes"), "", max_length=500, group=_("Caller"))
    secret: bool = asked(_("The caller asks for secrecy"), False, group=_("Caller"))
    ruled: bool = asked(_("Assigned directly, cannot be returned"), False)
    files: list[int] = asked(_("Scan and enclosures"), [], widget="file", max_length=20)


class HotlineTaken(Schema):
    id: int
    number: str
    contact: str
    state: str
    round: int
    due_at: datetime
    what: str


class HotlineRow(Schema):
    id: int
    number: str
    state: str
    round: int
    due_at: datetime
    return_until: datetime | None
    category: str
    role: str
    partners: str
    secret: bool
    ruled: bool
    name: str
    phone: str
    content: str
    led_to: int | None
    led_to_number: str | None


class HotlinePage(Schema):
    items: list[HotlineRow]
    next: str | None


class HotlineRead(HotlineRow):
    rounds: list[dict[str, Any]]
    told: list[dict[str, Any]]
    obligations: list[dict[str, Any]]
    events: list[dict[str, Any]]
    allowed: list[str]


class ToldRow(Schema):
    id: int
    order: int
    number: str
    round: int
    kind: str
    at: datetime
    way: str
    text: str
    reason: str
    until: datetime | None
    solved: str
    spoken: str
    spoken_at: datetime | None
    unit: str
    verdict: str
    files: list[int]


class ToldPage(Schema):
    items: list[ToldRow]
    next: str | None


class Report(Schema):
    text: str = asked(_("Answer"), min_length=2, max_length=4000, widget="textarea", rows=6)
    solved: Solved = asked(_("Result"))
    spoken: Spoken = asked(_("The caller was told"), Spoken.PHONE)
    spoken_at: Instant | None = asked(_("Told at"), None)
    way: Way = asked(_("How the hotline is told"), Way.PLATFORM)
    files: list[int] = asked(_("Enclosures of the answer"), [], widget="file", max_length=20)


class AskReturn(Schema):
    reason: str = asked(_("Reason"), max_length=40, choices=choices_of("hotline_return_reasons"))
    text: str = asked(_("Explanation"), min_length=2, max_length=2000, widget="textarea")
    way: Way = asked(_("How the hotline is told"), Way.PLATFORM)


class AskExtension(Schema):
    until: Instant = asked(_("Until"))
    text: str = asked(_("Reason"), min_length=2, max_length=2000, widget="textarea")
    way: Way = asked(_("How the hotline is told"), Way.PLATFORM)


class Decide(Schema):
    verdict: Verdict = asked(_("The hotline says"), choices=[(one.value, one.label) for one in (Verdict.GRANTED, Verdict.REFUSED)])
    until: Instant | None = asked(_("Extended until"), None, help=_("Where it grants another time than was asked."))
    remark: str = asked(_("Remark"), "", max_length=500, widget="textarea")


class Rate(Schema):
    rated: Rated = asked(_("The caller's word"))
    solved: bool | None = asked(_("Solved"), None, choices=[("true", _("Yes")), ("false", _("No"))])


class Redo(Schema):
    words: str = asked(_("What is asked of the redo"), min_length=2, max_length=2000, widget="textarea")
    due_at: Instant | None = asked(_("Limit on the order"), None, help=_("As written on the order. Empty: the limit of the rule book."))


class OpenCase(Schema):
    """What the journey to a case asks; everything else stands on the order of the hotline."""

    order_type: str = asked(_("Type of business"), max_length=60, choices="order_types")
