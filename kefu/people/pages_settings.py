"""The settings of units, staff and posts."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods

from kefu.kit import flash, http
from kefu.kit.command_pages import command_urls
from kefu.kit.errors import NotFound
from kefu.kit.fields import Field
from kefu.kit.tables import Column
from kefu.people import policies, posts, queries, schemas, services, units
from kefu.people.choices import Scope, UnitKind
from kefu.people.declares import COMMANDS
from kefu.people.http import Request, staff_page
from kefu.people.page_forms import ask, show_once
from kefu.people.registry import rights as declared
from kefu.timeline.choices import Audience
from kefu.timeline.queries import history

STAFF, UNIT = COMMANDS
MANAGE = policies.MANAGE
BOTH = require_http_methods(["GET", "POST"])


@require_GET
@staff_page(MANAGE)
def unit_tree(request: Request) -> HttpResponse:
    """The tree of units with heads."""
    kinds = dict(UnitKind.choices)
    return http.page(request, "people/units.html", {"rows": queries.unit_rows(), "kinds": kinds})


@BOTH
@staff_page(MANAGE)
def unit_new(request: Request) -> HttpResponse:
    def run(**values: Any) -> HttpResponse:
        units.create_unit(actor=request.actor, **values)
        return flash.tell(http.go(request, "/settings/units"), _("Saved."))

    below = {"parent": request.GET.get("below")}
    return ask(request, _("New unit"), run, schema=schemas.NewUnit, values=below, back_url="/settings/units", submit=_("Create"))


STAFF_COLUMNS = (
    Column("number", _lazy("Agent number"), fixed=True),
    Column("name", _lazy("Full name")),
    Column("username", _lazy("User name")),
    Column("unit__name", _lazy("Unit")),
    Column("totp_since", _lazy("Two-step sign-in"), kind="own"),
    Column("last_login", _lazy("Last sign-in"), kind="stamp"),
)


@require_GET
@staff_page(MANAGE)
def staff_list(request: Request) -> HttpResponse:
    """The list of accounts."""
    asked = request.GET
    unit = asked.get("unit", "")
    found = queries.staff_list(
        request.actor,
        q=asked.get("q", "").strip()[:40],
        unit_id=int(unit) if unit.isdecimal() and len(unit) < 10 else None,
        closed=asked.get("closed") == "1",
        cursor=asked.get("after"),
    )
    fields = [
        Field("q", _("Number, name or user name"), value=asked.get("q")),
        Field("unit", _("Unit and below"), "unit", value=unit, choices=queries.unit_choices()),
        Field(
            "closed", _("State"), "select", value=asked.get("closed"), choices=[("1", _("Closed accounts"))], placeholder=_("Open accounts")
        ),
    ]
    return http.page(request, "people/staff.html", {"page": found, "columns": STAFF_COLUMNS, "fields": fields})


@BOTH
@staff_page(MANAGE)
def staff_new(request: Request) -> HttpResponse:
    """Open an account; the answer shows the one-time password."""

    def run(**values: Any) -> HttpResponse:
        made, word = services.create_staff(actor=request.actor, **values)
        return show_once(request, str(made), _one_time(), word, f"/settings/staff/{made.pk}")

    return ask(request, _("New account"), run, schema=schemas.NewStaff, back_url="/settings/staff", submit=_("Create"))


def _one_time() -> str:
    return _("This is the one-time password. It is shown only this once and must be changed at the first sign-in.")


@require_GET
@staff_page(MANAGE)
def staff_one(request: Request, staff: int) -> HttpResponse:
    """One account: its posts, deputies, keys and history."""
    row = queries.staff_row(request.actor, staff)
    audit = row["subject_id"] is not None
    context = {
        "row": row,
        "commands": STAFF.pick(policies.allowed_staff(request.actor, staff) - {"end"}),
        "may_end": "end" in policies.allowed_staff(request.actor, staff),
        "holdings": queries.holdings_of(staff),
        "past": queries.holdings_of(staff, past=True),
        "deputies": queries.deputies_of(staff),
        "tokens": queries.tokens_of(staff),
        "scopes": dict(Scope.choices),
        "events": history(row["subject_id"], audiences=tuple(Audience.values), limit=50) if audit else [],
    }
    return http.page(request, "people/staff_one.html", context)


@require_GET
@staff_page(MANAGE)
def staff_by_account(request: Request, subject: int) -> HttpResponse:
    """From the history of an account to the account."""
    found = queries.staff_visible_to(request.actor).filter(subject_id=subject).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound()
    return http.go(request, f"/settings/staff/{found}")


@BOTH
@staff_page(MANAGE)
def staff_password(request: Request, staff: int, command: str) -> HttpResponse:
    """The two commands whose answer is a one-time password."""
    if command not in policies.allowed_staff(request.actor, staff):
        raise NotFound()
    told = STAFF.by_name[command]
    row = queries.staff_row(request.actor, staff)

    def run() -> HttpResponse:
        word = told.run(actor=request.actor, id=staff)
        return show_once(request, f"{row['number']} {row['name']}", _one_time(), word, f"/settings/staff/{staff}")

    back = f"/settings/staff/{staff}"
    return ask(request, told.label, run, back_url=back, submit=told.label, tone=told.tone, confirm=told.confirm)


def _areas() -> list[tuple[str, list[Any]]]:
    """The declared rights by the capability that declares them."""
    found: dict[str, list[Any]] = {}
    for right in sorted(declared, key=lambda right: right.code):
        found.setdefault(right.code.partition(".")[0], []).append(right)
    return sorted(found.items())


@require_GET
@staff_page(MANAGE)
def post_matrix(request: Request) -> HttpResponse:
    """Posts against rights."""
    rows = queries.post_rows()
    context = {"posts": rows, "areas": _areas(), "scopes": dict(Scope.choices), "post_name": lambda row: queries.post_name(row, "")}
    return http.page(request, "people/posts.html", context)


@BOTH
@staff_page(MANAGE)
def post_one(request: Request, code: str) -> HttpResponse:
    """What this site calls a post, what it may do and whose records it sees."""
    row = next((row for row in queries.post_rows() if row["code"] == code), None)
    if row is None:
        raise NotFound()
    name = queries.post_name(row, "")
    choices = [(right.code, right.name) for area in _areas() for right in area[1]]
    fields = [
        Field("alias", _("What this site calls it"), value=row["alias"], maxlength=60),
        Field("scope", _("Data scope"), "select", value=row["scope"], choices=Scope.choices, required=True),
        Field("rights", _("Rights"), "checks", value=row["rights"], choices=choices),
    ]

    def run() -> HttpResponse:
        asked = request.POST
        posts.change_post(
            actor=request.actor, code=code, alias=asked.get("alias", ""), rights=asked.getlist("rights"), scope=asked.get("scope", "")
        )
        return flash.tell(http.go(request, "/settings/posts"), _("Saved."))

    question = _("Change the rights of everybody who holds this post?")
    return ask(request, _("Post: %(name)s") % {"name": name}, run, fields=fields, back_url="/settings/posts", confirm=question)


urlpatterns = [
    path("settings/units", unit_tree, name="units"),
    path("settings/units/new", unit_new, name="unit-new"),
    *command_urls(UNIT, "settings/units", "unit", lambda _id: "/settings/units"),
    path("settings/staff", staff_list, name="staff"),
    path("settings/staff/new", staff_new, name="staff-new"),
    path("settings/staff/<int:staff>", staff_one, name="staff-one"),
    path("settings/staff/account/<int:subject>", staff_by_account, name="staff-account"),
    path("settings/staff/<int:staff>/do/reset_password", staff_password, {"command": "reset_password"}, name="staff-reset-password"),
    path("settings/staff/<int:staff>/do/reactivate", staff_password, {"command": "reactivate"}, name="staff-reactivate"),
    *command_urls(STAFF, "settings/staff", "staff"),
    path("settings/posts", post_matrix, name="posts"),
    path("settings/posts/<str:code>", post_one, name="post-one"),
]
