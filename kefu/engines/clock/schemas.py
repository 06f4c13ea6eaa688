"""The fields of the commands on limits and calendars."""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.engines.clock.choices import EndRule, RestDayRule, StartRule, Unit
from kefu.kit.asking import asked

_SPANS = r"^(\s*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}\s*)*$"


class LimitChange(Schema):
    """A new version. Empty rules are the usual ones of the unit."""

    valid_from: datetime.date = asked(_("In force from"), help=_("Cases accepted before keep the figure they have."))
    amount: Decimal = asked(_("Amount"), gt=0, le=1_000_000)
    unit: Unit = asked(_("Unit of time"), widget="select")
    start: StartRule = asked(_("Begins"), widget="select")
    end: EndRule = asked(_("Ends"), widget="select")
    rest: RestDayRule = asked(_("Rest days"), widget="select")
    pausable: bool = asked(_("May stand still"), True)


class LimitEnd(Schema):
    at: datetime.date = asked(_("Ends on"), help=_("No new case gets this limit from that day on."))


class CalendarChange(Schema):
    """The week; one line a day such as 08:30-12:00 13:30-17:30, empty for a rest day."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    follows_holidays: bool = asked(_("Follows the official holidays and make-up workdays"), True)
    mon: str = asked(_("Monday"), "", max_length=100, pattern=_SPANS, placeholder="08:30-12:00 13:30-17:30")
    tue: str = asked(_("Tuesday"), "", max_length=100, pattern=_SPANS)
    wed: str = asked(_("Wednesday"), "", max_length=100, pattern=_SPANS)
    thu: str = asked(_("Thursday"), "", max_length=100, pattern=_SPANS)
    fri: str = asked(_("Friday"), "", max_length=100, pattern=_SPANS)
    sat: str = asked(_("Saturday"), "", max_length=100, pattern=_SPANS)
    sun: str = asked(_("Sunday"), "", max_length=100, pattern=_SPANS)


class OwnDay(Schema):
    date: datetime.date = asked(_("Day"))
    spans: str = asked(_("Hours"), "", max_length=100, pattern=_SPANS, help=_("Such as 08:30-12:00 13:30-17:30; empty: closed."))
    name: str = asked(_("Occasion"), "", max_length=60)


class DutyDone(Schema):
    """How a recurring duty was done."""

    note: str = asked(_("What was done"), "", widget="textarea", max_length=2000)
    file: int | None = asked(_("Proof"), None, widget="file")
