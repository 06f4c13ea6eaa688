"""Events of limits, the notices of the ticker, recurring duties."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import duties, packs, policies, reading, rules, schemas, settings
from kefu.engines.clock.choices import Cause, DayKind
from kefu.engines.clock.models import LimitRule, WorkCalendar
from kefu.engines.clock.ticker import tick
from kefu.engines.jobs.registry import Ticker
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.rulebook.queries import code_name
from kefu.kit.commands import Command, CommandSet
from kefu.kit.errors import Text
from kefu.kit.language import named
from kefu.kit.menu import MenuItem
from kefu.timeline.registry import EventKind, SubjectKind


def _event(code: str, text: Text, icon: str) -> EventKind:
    def describe(data: dict[str, Any]) -> str:
        return (str(text) % {**data, "name": named(data)}).rstrip(" :：")

    return EventKind(code, text, icon, describe)


def _paused(data: dict[str, Any]) -> str:
    causes = {str(one): str(one.label) for one in Cause}
    reason = str(data.get("reason", ""))
    told = {"name": named(data), "reason": causes.get(reason) or code_name("pause_reasons", reason)}
    return str(_("stopped the clock “%(name)s”: %(reason)s")) % told


def _calendar_changed(data: dict[str, Any]) -> str:
    kinds = {"plain": _("Plain day"), **{str(one): one.label for one in DayKind}}
    change = " ".join(filter(None, (data["change"], str(kinds.get(data.get("kind", ""), "")))))
    return str(_("changed the calendar “%(name)s”: %(change)s")) % {"name": data["name"], "change": change}


EVENT_KINDS = (
    _event("clock.met", _("kept the limit “%(name)s”"), "clock-check"),
    _event("clock.late", _("kept the limit “%(name)s” too late"), "clock-exclamation"),
    _event("clock.warned", _("the limit “%(name)s” comes near"), "bell"),
    _event("clock.overdue", _("the limit “%(name)s” has run out"), "alarm"),
    _event("clock.escalated", _("the overrun limit “%(name)s” went one level up"), "stairs-up"),
    EventKind("clock.paused", _("stopped the clock “%(name)s”: %(reason)s"), "player-pause", _paused),
    _event("clock.resumed", _("let the clock “%(name)s” go on"), "player-play"),
    _event("clock.extended", _("extended the limit “%(name)s”: %(reason)s"), "calendar-plus"),
    _event("clock.set", _("the limit “%(name)s” was set from outside"), "calendar-pin"),
    _event("limit.changed", _("changed the limit “%(name)s”: %(before)s → %(after)s from %(from)s"), "adjustments"),
    EventKind("calendar.changed", _("changed the calendar"), "calendar-cog", _calendar_changed),
    EventKind("duty.done", _("did the duty %(note)s"), icon="circle-check"),
    _event("clock.void", _("ended the limit “%(name)s” without a verdict: %(reason)s"), "circle-off"),
)
NOTICE_KINDS = (
    NoticeKind("clock.warned", _("“%(name)s” of %(number)s is due at %(due)s"), icon="bell"),
    NoticeKind("clock.overdue", _("“%(name)s” of %(number)s has run out (due at %(due)s)"), icon="alarm"),
    NoticeKind("clock.escalated", _("%(number)s has come up to you: “%(name)s” ran out at %(due)s"), icon="stairs-up"),
)
SUBJECT_KINDS = (SubjectKind("duty", _("Duty"), "D", lambda pk: f"/duties/{pk}"),)
TICKERS = (Ticker("clock", tick),)
RULE_KINDS = packs.RULE_KINDS
MENU = (
    MenuItem("limits", _("Limits"), "/settings/limits", icon="clock", group="settings", order=30, rights=(policies.MANAGE,)),
    MenuItem("calendars", _("Calendars"), "/settings/calendars", icon="calendar", group="settings", order=31, rights=(policies.MANAGE,)),
)


def _limit_initial(actor: Any, pk: int) -> dict[str, Any]:
    row = LimitRule.objects.get(pk=pk)
    more = {"start": row.start_rule, "end": row.end_rule, "rest": row.rest_rule, "pausable": row.pausable}
    return {"amount": str(rules.number(row.amount)), "unit": row.unit, **more}


def _calendar_initial(actor: Any, pk: int) -> dict[str, Any]:
    row = WorkCalendar.objects.get(pk=pk)
    week = {day: settings.text_of(row.week.get(day, [])) for day in reading.WEEKDAYS}
    return {"name": row.name, "follows_holidays": row.follows_holidays, **week}


COMMANDS = (
    CommandSet(
        "limit",
        policies.allowed_limit,
        (
            Command(
                "change", _("Change from a date on"), settings.change_limit, schemas.LimitChange, initial=_limit_initial, tone="primary"
            ),
            Command("end", _("End this limit"), settings.end_limit, schemas.LimitEnd, tone="danger", confirm=_("End this limit?")),
        ),
    ),
    CommandSet(
        "calendar",
        policies.allowed_calendar,
        (
            Command("change", _("Change the week"), settings.change_calendar, schemas.CalendarChange, initial=_calendar_initial),
            Command("set_day", _("Set one day"), settings.set_day, schemas.OwnDay),
        ),
    ),
)
COMMAND_SETS = (CommandSet("duty", duties.allowed, (Command("done", _("Report as done"), duties.done, schemas.DutyDone, tone="primary"),)),)
