"""Looking behind a mask; what was looked at, exported and erased."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kefu.engines.privacy import exports, queries, retention, services
from kefu.engines.privacy.choices import ExportState
from kefu.kit import flash, http
from kefu.kit.errors import Invalid, KefuError, NotFound
from kefu.people.http import Request, staff_page

SEES = ("privacy.approve", "privacy.export", "privacy.manage", "audit.see")
TABS = ("exports", "reveals", "retention", "proofs")


@require_http_methods(["GET", "POST"])
@staff_page("privacy.reveal")
def reveal(request: Request, subject: int, field: str) -> HttpResponse:
    """Ask the reason, then show the value; it stands in no cache."""
    context: dict[str, object] = {"url": request.path, "value": None, "reason": request.POST.get("reason", ""), "error": "", "status": 200}
    if request.method == "POST":
        try:
            context["value"] = services.reveal(actor=request.actor, subject_id=subject, field=field, reason=str(context["reason"]))
        except NotFound:
            raise
        except KefuError as refused:
            context |= {"error": " ".join(str(text) for text in refused.fields.values()) or refused.message(), "status": refused.status}
    template = "privacy/reveal_drawer.html" if http.wants_fragment(request) else "privacy/reveal.html"
    status = context.pop("status")
    return http.page(request, template, context, status=int(str(status)))


@require_GET
@staff_page(*SEES)
def overview(request: Request) -> HttpResponse:
    """Exports, reveals, retention and proofs of erasure, each for whom it concerns."""
    actor, tab, after = request.actor, request.GET.get("tab", "exports"), request.GET.get("after")
    if tab not in TABS:
        raise NotFound()
    context: dict[str, object] = {"tab": tab, "may_manage": actor.can("privacy.manage")}
    if tab == "exports":
        page = queries.exports(actor, cursor=after)
        context |= {"page": page, "may": {row.pk: exports.allowed(actor, row) for row in page.rows}, "states": dict(ExportState.choices)}
    elif tab == "reveals":
        context["page"] = queries.reveals(actor, cursor=after)
    elif tab == "retention":
        context["rows"] = queries.retention()
    else:
        context |= {"page": queries.proofs(cursor=after), "names": queries.kinds()}
    return http.page(request, "privacy/overview.html", context)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise Invalid(_("Type a whole number."))
    return int(text)


@require_POST
@staff_page("privacy.approve")
def approve(request: Request, export: int) -> HttpResponse:
    exports.approve(actor=request.actor, id=export)
    return flash.tell(http.go(request, "/settings/privacy"), _("Approved."))


@require_POST
@staff_page("privacy.approve")
def refuse(request: Request, export: int) -> HttpResponse:
    exports.refuse(actor=request.actor, id=export, reason=request.POST.get("reason", ""))
    return flash.tell(http.go(request, "/settings/privacy"), _("Refused."))


@require_POST
@staff_page("privacy.manage")
def set_rule(request: Request, kind: str) -> HttpResponse:
    asked = request.POST
    retention.set_rule(actor=request.actor, data_kind=kind, months=_number(asked.get("months", "")), basis=asked.get("basis", ""))
    return flash.tell(http.go(request, "/settings/privacy?tab=retention"), _("Saved."))


urlpatterns = [
    path("privacy/reveal/<int:subject>/<str:field>", reveal, name="reveal"),
    path("settings/privacy", overview, name="privacy"),
    path("settings/privacy/exports/<int:export>/approve", approve, name="export-approve"),
    path("settings/privacy/exports/<int:export>/refuse", refuse, name="export-refuse"),
    path("settings/privacy/retention/<str:kind>", set_rule, name="retention-rule"),
]
