"""Settings: limits with their versions and what-if, calendars with week and holidays."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from kefu.engines.clock import calendars, duties, holidays, policies, queries, reading, recurrences, rules, running, settings
from kefu.engines.clock.arithmetic import due_at
from kefu.engines.clock.choices import DayKind, EndRule, RestDayRule, StartRule, Unit
from kefu.engines.clock.declares import COMMAND_SETS, COMMANDS
from kefu.engines.clock.errors import Impossible
from kefu.engines.clock.models import LimitRule, Recurrence, WorkCalendar
from kefu.engines.files import queries as files
from kefu.kit import flash, http, moment
from kefu.kit.command_pages import command_urls
from kefu.kit.errors import KefuError, NotFound
from kefu.kit.language import named
from kefu.people.http import Request, staff_page
from kefu.people.queries import briefs
from kefu.timeline.queries import history

LIMIT, CALENDAR = COMMANDS
(DUTY,) = COMMAND_SETS
_TITLES = tuple(map(gettext_noop, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


def _words() -> dict[str, Any]:
    every = (Unit, StartRule, EndRule, RestDayRule)
    return {"words": {value: label for one in every for value, label in one.choices}, "calendars": dict(queries.calendar_choices())}


@require_GET
@staff_page(policies.MANAGE)
def limit_list(request: Request) -> HttpResponse:
    """Every limit with the version in force and the one that is planned."""
    at = moment.now()
    found: dict[str, dict[str, Any]] = {}
    for row in LimitRule.objects.order_by("subject_kind", "code", "valid_from"):
        one = found.setdefault(row.code, {"now": None, "next": None, "last": row})
        one["last"] = row
        if row.valid_from > at:
            one["next"] = one["next"] or row
        elif row.valid_to is None or row.valid_to > at:
            one["now"] = row
    return http.page(request, "clock/limits.html", {"rows": list(found.values()), **_words()})


@require_GET
@staff_page(policies.MANAGE)
def limit_one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One limit: its versions, and when it would end."""
    row = LimitRule.objects.filter(pk=id).first()
    if row is None:
        raise NotFound()
    versions = list(LimitRule.objects.filter(code=row.code).order_by("-valid_from"))
    context = {"row": row, "versions": versions, "at": moment.now(), **_what_if(request, versions), **_words()}
    return http.page(request, "clock/limit.html", context)


def _what_if(request: Request, versions: list[LimitRule]) -> dict[str, Any]:
    """Accepted then: due when, by each version."""
    asked = request.GET.get("start", "")
    told: dict[str, Any] = {"start": asked, "due": {}, "due_error": "", "provisional": []}
    try:
        for row in versions:
            calendar = calendars.named(row.calendar)
            start = reading.at(asked, calendar) if asked else moment.now()
            told["due"][row.pk] = due = due_at(calendar, rules.limit_of(row), start)
            years = {calendar.local(start).year, calendar.local(due).year}
            told["provisional"] = sorted({*told["provisional"], *(year for year in years if calendar.is_provisional(year))})
    except Impossible as error:
        told["due_error"] = error.message()
    return told


@require_GET
@staff_page(policies.MANAGE)
def calendar_list(request: Request) -> HttpResponse:
    """The calendars with their weeks, and the official holidays of one year."""
    known = holidays.known()
    this_year = moment.now().year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else this_year
    rows = [
        {
            "row": row,
            "week": [settings.text_of(row.week.get(day, [])) for day in reading.WEEKDAYS],
            "own": list(row.exceptions.order_by("date")),
        }
        for row in WorkCalendar.objects.order_by("code").prefetch_related("exceptions")
    ]
    missing = [one for one in (this_year, this_year + 1) if one not in known and (one == this_year or moment.now().month == 12)]
    context = {
        "rows": rows,
        "titles": [_(title) for title in _TITLES],
        "year": year,
        "years": sorted({*known, this_year, this_year + 1}),
        "days": known.get(year, ()),
        "kinds": dict(DayKind.choices),
        "missing": missing,
    }
    return http.page(request, "clock/calendars.html", context)


@require_POST
@staff_page(policies.MANAGE)
def holiday_import(request: Request) -> HttpResponse:
    """A year from a file in the form of holiday-cn."""
    sent = request.FILES.get("file")
    try:
        if sent is None or (sent.size or 0) > 200_000:
            raise Impossible(_("Choose a file with the holidays of one year."), code="no_file")
        try:
            data = orjson.loads(sent.read().removeprefix(b"\xef\xbb\xbf"))
        except ValueError:
            data = None
        year = settings.import_year(actor=request.actor, data=data)
    except Impossible as error:
        return flash.tell(http.go(request, "/settings/calendars"), error.message())
    return flash.tell(http.go(request, f"/settings/calendars?year={year}"), _("Saved."))


@require_POST
@staff_page(policies.MANAGE)
def holiday_set(request: Request) -> HttpResponse:
    """One day becomes a holiday, a make-up workday or a plain day."""
    asked = request.POST
    back, told = "/settings/calendars", _("Saved.")
    try:
        day = reading.day(asked.get("date", ""))
        back = f"/settings/calendars?year={day.year}"
        settings.set_holiday(actor=request.actor, day=day, kind=asked.get("kind", ""), name=asked.get("name", "")[:60])
    except KefuError as error:
        told = error.message()
    return flash.tell(http.go(request, back), told)


@require_GET
@staff_page()
def duty(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One coming of a recurring duty: its limit, its course, and the command that it was done."""
    subject, row = duties.get(request.actor, id)
    known = Recurrence.objects.filter(pk=row.frozen.get("recurrence")).first() if row else None
    context = {
        "duty": subject,
        "title": named({"name": row.name, "name_en": row.name_en}) if row else subject.title,
        "commands": DUTY.pick(DUTY.allowed(request.actor, id)),
        "deadlines": queries.of_subject(id),
        "people": list(briefs(running.answering(row)).values()) if row else [],
        "rhythm": recurrences.in_words(known.rule) if known else "",
        "files": files.of_subject(id),
        "events": history(id),
    }
    return http.page(request, "clock/_duty.html" if http.wants_fragment(request) else "clock/duty.html", context)


urlpatterns = [
    path("duties/<int:id>", duty, name="duty"),
    *command_urls(DUTY, "duties", "duty"),
    path("settings/limits", limit_list, name="limits"),
    path("settings/limits/<int:id>", limit_one, name="limit"),
    path("settings/calendars", calendar_list, name="calendars"),
    path("settings/calendars/holidays/import", holiday_import, name="holiday-import"),
    path("settings/calendars/holidays/set", holiday_set, name="holiday-set"),
    *command_urls(LIMIT, "settings/limits", "limit", anew=True),
    *command_urls(CALENDAR, "settings/calendars", "calendar", subject_url=lambda pk: "/settings/calendars", anew=True),
]
