"""Pages: overview, month, the rows behind a figure, the record of a day, the record of a complaint."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kefu.cases.complaints import queries as complaints
from kefu.engines.forms import printing
from kefu.engines.measures import queries as engine
from kefu.engines.measures.period import Period
from kefu.engines.measures.registry import Value, Which, measures
from kefu.engines.privacy import services as privacy
from kefu.insight.reports import day_pages, papers, policies, queries, services, workbook
from kefu.insight.reports.measures.making import unit_names
from kefu.kit import flash, http, show
from kefu.kit.errors import Invalid
from kefu.kit.paging import next_url_of
from kefu.kit.tables import Column
from kefu.people.http import Request, staff_page
from kefu.timeline.registry import subject_kinds

KEY_FIGURES = ("complaints.accepted", "complaints.on_time", "callbacks.satisfied", "orders.accepted", "orders.on_time", "contacts.received")
IDENTITY = ("name", "phone", "address")


def _month_of(text: str) -> Period:
    period = Period.parse(text) if text else Period.now()
    return period if period.kind == "month" else Period.of("month", period.first)


@require_GET
@staff_page(policies.SEE)
def overview(request: Request) -> HttpResponse:
    """The reports there are, this month so far, the months that were frozen, and what every figure means."""
    period = Period.now()
    now = engine.Reading(KEY_FIGURES, period, actor=request.actor)
    before = engine.Reading(KEY_FIGURES, period.previous(), actor=request.actor)
    context = {
        "period": period,
        "cards": [queries.card(code, period, now, before) for code in KEY_FIGURES],
        "as_of": now.as_of,
        "freezes": queries.freezes(),
        "dictionary": [one for one in measures if not one.right or request.actor.can(one.right)],
    }
    return http.page(request, "reports/overview.html", context)


@require_GET
@staff_page(policies.SEE)
def month(request: Request) -> HttpResponse:
    """The manager's month (R-04-3.7.7): as it was frozen, if it was, else as it is now; on screen, on paper, as PDF or Excel."""
    asked, actor = request.GET, request.actor
    period = _month_of(asked.get("month", ""))
    held = queries.latest_freeze(period) if policies.sees_frozen(actor) else None
    frozen = held if held is not None and not asked.get("live") else None
    made = queries.month(actor, period, held=frozen)
    standing = queries.standing(held) if held is not None else None
    context = {
        "made": made,
        "period": period,
        "standing": standing,
        "is_frozen": frozen is not None,
        "query": _kept(period, frozen is None),
    }
    if asked.get("xlsx"):
        note = (
            _("Frozen figures, version %(version)s, SHA-256 %(hash)s") % {"version": frozen.version, "hash": frozen.sha256}
            if frozen
            else _("Today stands as of %(time)s.") % {"time": show.clock(made.as_of)}
            if made.as_of
            else ""
        )
        return day_pages.file_answer(workbook.month_file(actor, made, note), f"kefu-month-{period.code}.xlsx", workbook.MEDIA)
    if asked.get("print") or asked.get("pdf"):
        return _paper(request, "reports/month_print.html", context | {"mark": workbook.watermark(actor)}, f"kefu-month-{period.code}.pdf")
    may = policies.allowed(actor, period.is_over, held, bool(standing and standing["review"]))
    return http.page(request, "reports/month.html", context | {"may": may})


def _kept(period: Period, live: bool) -> str:
    return f"month={period.code}" + ("&live=1" if live else "")


def _paper(request: Request, template: str, context: dict[str, Any], name: str) -> HttpResponse:
    if not request.GET.get("pdf"):
        return http.page(request, template, context)
    html = render_to_string(template, {**context, "actor": request.actor, "for_pdf": True}, request=request)
    return day_pages.file_answer(printing.pdf(html), name, "application/pdf")


@require_POST
@staff_page(policies.FREEZE)
def freeze(request: Request) -> HttpResponse:
    period = _month_of(request.POST.get("month", ""))
    services.freeze(actor=request.actor, period=period, reason=request.POST.get("reason", "")[:200])
    return flash.tell(
        http.go(request, f"/reports/month?month={period.code}"), _("The figures are frozen. A second person reviews them now.")
    )


@require_POST
@staff_page(policies.FREEZE)
def review(request: Request, id: int) -> HttpResponse:  # noqa: A002
    made = services.review(actor=request.actor, freeze_id=id, remark=request.POST.get("remark", ""))
    return flash.tell(http.go(request, f"/reports/month?month={made.freeze.period}"), _("Reviewed."))


@require_GET
@staff_page(policies.SEE)
def rows(request: Request) -> HttpResponse:
    """The cases behind a figure."""
    asked = request.GET
    found = engine.measure(asked.get("measure", ""), request.actor)
    period = Period.parse(asked["period"]) if asked.get("period") else Period.now()
    which: Which = "good" if asked.get("which") == "good" else "missed" if asked.get("which") == "missed" else "all"
    dims: dict[str, Value] = {name.removeprefix("by."): str(value) for name, value in asked.items() if name.startswith("by.")}
    page = queries.rows(request.actor, found.code, period, dims, which=which, cursor=asked.get("after"))
    units = unit_names([row["subject__unit_path"] for row in page.rows])
    for row in page.rows:
        kind = subject_kinds.get(row["subject__kind"])
        row |= {"kind": kind.name if kind else "", "unit": units.get(row["subject__unit_path"], "")}
    columns = [
        Column("subject__number", _("Number"), fixed=True),
        Column("kind", _("Kind")),
        Column("subject__title", _("Content")),
        Column("unit", _("Unit")),
        Column("subject__opened_at", _("Opened"), "stamp"),
    ]
    context = {
        "found": found, "period": period, "which": which, "columns": columns, "rows": page.rows,
        "next_url": next_url_of(request, page.next),
        "narrowed": queries.narrowed(found, dims),
        "tabs": [(code, label, queries.rows_url(found.code, period, dims, code)) for code, label in _whiches(found.combine)],
    }  # fmt: skip
    return http.page(request, "reports/rows.html", context)


def _whiches(combine: str) -> list[tuple[Which, str]]:
    return (
        [("all", _("All"))] if combine == "sum" else [("all", _("All")), ("good", _("Counted above the line")), ("missed", _("The others"))]
    )


@require_http_methods(["GET", "POST"])
@staff_page("complaints.see", "complaints.receive", "complaints.judge", "complaints.decide", "callbacks.do")
def complaint_record(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The complaint handling record F-1 on paper. The complainant stands masked; with a reason, which is logged, in full (R-00-3.2a)."""
    complaint = complaints.get(request.actor, id)
    identity = _revealed(request, id) if request.method == "POST" else None
    view = papers.complaint_view(request.actor, complaint, identity)
    as_pdf = bool(request.GET.get("pdf"))
    head = {"number": complaint.subject.number, "printed": f"{request.actor.number} {request.actor.name}"}
    html = printing.sheet(view, head=head, embed=as_pdf)
    if as_pdf:
        return day_pages.file_answer(printing.pdf(html), f"F-1-{complaint.subject.number}.pdf", "application/pdf")
    if identity is None and request.actor.can("privacy.reveal") and any(part.section.confidential for part in view.parts):
        html = html.replace("<body>", "<body>" + render_to_string("reports/_identity.html", {}, request=request), 1)
    return HttpResponse(html)


def _revealed(request: Request, complaint_id: int) -> dict[str, str]:
    reason = request.POST.get("reason", "")
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why the complainant is to be printed.")})
    return {name: privacy.reveal(actor=request.actor, subject_id=complaint_id, field=name, reason=reason) for name in IDENTITY}


urlpatterns = [
    path("reports", overview, name="reports"),
    path("reports/month", month, name="reports.month"),
    path("reports/month/freeze", freeze, name="reports.freeze"),
    path("reports/month/review/<int:id>", review, name="reports.review"),
    path("reports/rows", rows, name="reports.rows"),
    path("reports/f1/<int:id>", complaint_record, name="reports.f1"),
    *day_pages.urlpatterns,
]
