"""The day work record (F-2): on screen, on paper, signed once, as Excel; the whole table leaves the house only by approval."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kefu.engines.forms import printing
from kefu.engines.measures.period import today
from kefu.engines.privacy import exports
from kefu.engines.privacy import queries as privacy
from kefu.engines.privacy.choices import ExportState
from kefu.engines.privacy.models import ExportRequest
from kefu.insight.reports import papers, policies, services, workbook
from kefu.insight.reports.models import SignedDay
from kefu.kit import flash, http, moment
from kefu.kit.errors import NotFound
from kefu.kit.tables import Column
from kefu.people.http import Request, staff_page
from kefu.touch.contacts.choices import Channel

SEES = (policies.SEE, "contacts.take")
WHAT = "reports.day"
SCREEN = 300


def file_answer(body: bytes, name: str, media: str) -> HttpResponse:
    """A file to keep, under an ASCII name."""
    return HttpResponse(body, content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def head() -> list[tuple[str, str]]:
    """The columns of the record: code and label."""
    return [
        ("channel", _("Way")), ("time", _("Time")), ("name", _("Name of the person")), ("address", _("Address")), ("phone", _("Phone")),
        ("content", _("Service content")), ("appointment_at", _("Appointment")), ("wishes", _("Special wishes")),
        ("complaint", _("Complaint")), ("sent_to", _("Sent to")), ("sent_at", _("Dispatched")), ("result", _("Result")),
        ("callback", _("Callback")), ("agent", _("Agent")),
    ]  # fmt: skip


def _columns() -> list[Column]:
    kinds = {"time": "own", "appointment_at": "short_stamp", "sent_at": "short_stamp", "channel": "own", "complaint": "own"}
    optional = {"wishes", "appointment_at", "sent_at"}
    return [Column(code, label, kinds.get(code, "text"), optional=code in optional) for code, label in head()]


def _day_of(text: str) -> date:
    if not text:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound() from error


def _signed(day: date) -> dict[str, Any]:
    row = SignedDay.objects.filter(day=day).select_related("by").first()
    return {"row": row, "same": row is not None and services.digest(papers.day_facts(day)) == row.sha256}


def _own_exports(request: Request, day: date) -> list[ExportRequest]:
    """What this person asked to take out of this day, newest first."""
    rows = privacy.exports_visible_to(request.actor).filter(requested_by_id=request.actor.id, what=WHAT).order_by("-id")[:50]
    return [row for row in rows if row.query.get("day") == day.isoformat()]


@require_GET
@staff_page(*SEES)
def day(request: Request) -> HttpResponse:
    """The record of one day (R-04-3.5.2)."""
    asked, actor = request.GET, request.actor
    on = _day_of(asked.get("day", ""))
    signed = _signed(on)
    paper = bool(asked.get("print") or asked.get("pdf"))
    whole = paper or bool(asked.get("xlsx"))
    rows = papers.day_rows(actor, on, limit=papers.MOST if whole else SCREEN)
    if asked.get("xlsx"):
        columns = [one for one in head() if one[0] not in papers.PERSONAL]
        return file_answer(workbook.day_file(actor, on, columns, _worded(rows)), f"kefu-day-{on}.xlsx", workbook.MEDIA)
    if paper:
        view = papers.day_view(on, rows, signed["row"])
        html = printing.sheet(
            view, head={"number": on.isoformat(), "printed": f"{actor.number} {actor.name}"}, embed=bool(asked.get("pdf"))
        )
        if asked.get("pdf"):
            return file_answer(printing.pdf(html), f"F-2-{on}.pdf", "application/pdf")
        return HttpResponse(html)
    context = {
        "day": on, "before": on - timedelta(days=1), "after": on + timedelta(days=1), "today": today(), "columns": _columns(), "rows": rows,
        "channels": dict(Channel.choices), "signed": signed, "full": len(rows) >= SCREEN, "limit": SCREEN,
        "may_sign": policies.may_sign(actor) and signed["row"] is None and on <= today(), "may_export": actor.can("privacy.export"),
        "exports": _own_exports(request, on), "states": dict(ExportState.choices), "at": moment.now(),
    }  # fmt: skip
    return http.page(request, "reports/day.html", context)


def _worded(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "channel": str(Channel(row["channel"]).label)} for row in rows]


@require_POST
@staff_page(policies.FREEZE)
def sign(request: Request) -> HttpResponse:
    on = _day_of(request.POST.get("day", ""))
    services.sign_day(actor=request.actor, day=on, remark=request.POST.get("remark", ""))
    return flash.tell(http.go(request, f"/reports/day?day={on}"), _("Signed."))


@require_POST
@staff_page("privacy.export")
def ask_export(request: Request) -> HttpResponse:
    """Ask to take the whole table out; it holds personal data, so another person approves."""
    on = _day_of(request.POST.get("day", ""))
    exports.request(
        actor=request.actor, what=WHAT, purpose=request.POST.get("purpose", ""), columns=[code for code, _label in head()],
        personal_columns=list(papers.PERSONAL), query={"day": on.isoformat()},
    )  # fmt: skip
    return flash.tell(http.go(request, f"/reports/day?day={on}"), _("Asked. You are told when it is decided."))


@require_POST
@staff_page("privacy.export")
def take_export(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The whole table as Excel, once, of an approved export."""
    row = privacy.exports_visible_to(request.actor).filter(pk=id, requested_by_id=request.actor.id, what=WHAT).first()
    if row is None:
        raise NotFound()
    on = _day_of(str(row.query.get("day", "")))
    rows = _worded(papers.day_rows(request.actor, on, open_values=True))
    body = workbook.day_file(request.actor, on, head(), rows)
    exports.record(actor=request.actor, id=id, rows=len(rows), sha256=hashlib.sha256(body).hexdigest())
    return file_answer(body, f"kefu-day-{on}-full.xlsx", workbook.MEDIA)


urlpatterns = [
    path("reports/day", day, name="reports.day"),
    path("reports/day/sign", sign, name="reports.sign"),
    path("reports/day/export", ask_export, name="reports.day-export"),
    path("reports/day/export/<int:id>", take_export, name="reports.day-take"),
]
