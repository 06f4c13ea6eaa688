"""The settings of units, staff and posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods

from kefu.kit import flash, http
from kefu.kit.errors import KefuError, NotAllowed, NotFound
from kefu.kit.fields import Field
from kefu.kit.tables import Column
from kefu.people import policies, posts, queries, schemas, services, units
from kefu.people.choices import Scope, UnitKind
from kefu.people.declares import COMMANDS
from kefu.people.http import Request, staff_page
from kefu.people.page_forms import Form, confirmed, draw, read
from kefu.people.registry import rights as declared
from kefu.timeline.choices import Audience
from kefu.timeline.queries import history

STAFF, UNIT = COMMANDS
MANAGE = policies.MANAGE
SHOWN_ONCE = {"reset_password", "reactivate"}
BOTH = require_http_methods(["GET", "POST"])


def _unit_choices() -> list[tuple[int, str]]:
    return queries.unit_choices()


@require_GET
@staff_page(MANAGE)
def unit_tree(request: Request) -> HttpResponse:
    """The tree of units with heads."""
    kinds = dict(UnitKind.choices)
    return http.page(request, "people/units.html", {"rows": queries.unit_rows(), "kinds": kinds})


def _unit_fields(row: dict[str, Any]) -> list[Field]:
    return [
        Field("name", _("Name"), value=row.get("name"), required=True, maxlength=80),
        Field("name_en", _("English name"), value=row.get("name_en"), maxlength=80),
        Field("kind", _("Kind"), "select", value=row.get("kind", UnitKind.DEPARTMENT), choices=UnitKind.choices, required=True),
        Field("takes_orders", _("Takes work orders"), "switch", value=row.get("takes_orders", True)),
        Field("bound", _("The regulations bind this unit"), "switch", value=row.get("bound", True)),
    ]


@BOTH
@staff_page(MANAGE)
def unit_new(request: Request) -> HttpResponse:
    fields = [
        Field("code", _("Code"), required=True, maxlength=40, hint=_("Letters, digits, dots and dashes; it stays as it is.")),
        Field("parent", _("Below"), "unit", value=request.GET.get("below"), choices=_unit_choices()),
        *_unit_fields({}),
    ]
    form = Form(_("New unit"), request.get_full_path(), "/settings/units", fields, submit=_("Create"))
    return _sent(request, form, lambda: units.create_unit(actor=request.actor, **read(request, schemas.NewUnit)), "/settings/units")


def _sent(request: HttpRequest, form: Form, run: Callable[[], Any], back: str) -> HttpResponse:
    """Draw the form, or run what it asks and lead back; a refusal draws it again."""
    if request.method == "GET":
        return draw(request, form)
    try:
        confirmed(request, form)
        run()
    except (NotAllowed, NotFound):
        raise
    except KefuError as error:
        return draw(request, form, error)
    return flash.tell(http.go(request, back), _("Saved."))


@BOTH
@staff_page(MANAGE)
def unit_do(request: Request, unit: int, command: str) -> HttpResponse:
    """One command to one unit."""
    if command not in policies.allowed_unit(request.actor, unit):
        raise NotFound()
    told = UNIT.by_name[command]
    row = next(row for row in queries.unit_rows() if row["id"] == unit)
    fields: list[Field] = []
    if command == "change":
        head = [(row["head_id"], f"{row['head__number']} {row['head__name']}")] if row["head_id"] else []
        picker = Field("head", _("Head"), "staff", value=row["head_id"], choices=head, src="/people/options")
        fields = [*_unit_fields(row), picker]
    elif command == "move":
        fields = [Field("parent", _("Below"), "unit", value=row["parent_id"], choices=_unit_choices())]
    form = Form(f"{told.label}: {row['name']}", request.path, "/settings/units", fields, told.label, told.tone, told.confirm or "")
    return _sent(request, form, lambda: told.run(actor=request.actor, id=unit, **read(request, told.schema)), "/settings/units")


STAFF_COLUMNS = (
    Column("number", _lazy("Agent number"), fixed=True),
    Column("name", _lazy("Name")),
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
        Field("unit", _("Unit and below"), "unit", value=unit, choices=_unit_choices()),
        Field(
            "closed", _("State"), "select", value=asked.get("closed"), choices=[("1", _("Closed accounts"))], placeholder=_("Open accounts")
        ),
    ]
    return http.page(request, "people/staff.html", {"page": found, "columns": STAFF_COLUMNS, "fields": fields})


def _staff_fields(row: dict[str, Any]) -> list[Field]:
    return [
        Field("number", _("Agent number"), value=row.get("number"), required=True, maxlength=20, hint=_("Callers are told this number.")),
        Field("name", _("Name"), value=row.get("name"), required=True, maxlength=60),
        Field("unit", _("Unit"), "unit", value=row.get("unit_id"), choices=_unit_choices(), required=True),
        Field("phone", _("Phone"), "phone", value=row.get("phone"), maxlength=32),
        Field("email", _("E-mail"), "email", value=row.get("email"), maxlength=254),
    ]


@BOTH
@staff_page(MANAGE)
def staff_new(request: Request) -> HttpResponse:
    """Open an account; the answer shows the one-time password."""
    fields = _staff_fields({})
    fields.insert(1, Field("username", _("User name"), required=True, maxlength=60, autocomplete="off"))
    form = Form(_("New account"), "/settings/staff/new", "/settings/staff", fields, submit=_("Create"))
    if request.method == "GET":
        return draw(request, form)
    try:
        made, word = services.create_staff(actor=request.actor, **read(request, schemas.NewStaff))
    except KefuError as error:
        return draw(request, form, error)
    return _shown_once(request, str(made), word, f"/settings/staff/{made.pk}")


def _shown_once(request: HttpRequest, title: str, word: str, back: str) -> HttpResponse:
    lead = _("This is the one-time password. It is shown only this once and must be changed at the first sign-in.")
    context = {"title": title, "lead": lead, "secret": word, "back_url": back}
    return http.page(request, "people/shown_once_drawer.html" if http.wants_fragment(request) else "people/shown_once.html", context)


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


def _command_fields(command: str, row: dict[str, Any], request: HttpRequest) -> list[Field]:
    if command == "change":
        return _staff_fields(row)
    if command == "grant":
        return [
            Field("post", _("Post"), "select", choices=queries.post_choices(), required=True),
            Field("unit", _("In unit"), "unit", value=row["unit_id"], choices=_unit_choices(), required=True),
            Field("until", _("Until"), "datetime", hint=_("Empty: for good.")),
        ]
    if command == "set_deputy":
        return [
            Field("deputy", _("Deputy"), "staff", required=True, src="/people/options"),
            Field("since", _("From"), "datetime", required=True),
            Field("until", _("Until"), "datetime", required=True),
        ]
    if command == "end":
        held = [(one["id"], f"{one['post']} · {one['unit__name']}") for one in queries.holdings_of(row["id"])]
        return [Field("holding", _("Post"), "select", value=request.GET.get("holding"), choices=held, required=True)]
    return []


@BOTH
@staff_page(MANAGE)
def staff_do(request: Request, staff: int, command: str) -> HttpResponse:
    """One command to one account."""
    row = queries.staff_row(request.actor, staff)
    if command not in policies.allowed_staff(request.actor, staff):
        raise NotFound()
    told = STAFF.by_name[command]
    back = f"/settings/staff/{staff}"
    title = f"{told.label}: {row['number']} {row['name']}"
    form = Form(title, request.path, back, _command_fields(command, row, request), told.label, told.tone, told.confirm or "")
    if command not in SHOWN_ONCE:
        return _sent(request, form, lambda: told.run(actor=request.actor, id=staff, **read(request, told.schema)), back)
    if request.method == "GET":
        return draw(request, form)
    try:
        confirmed(request, form)
        word = told.run(actor=request.actor, id=staff)
    except KefuError as error:
        return draw(request, form, error)
    return _shown_once(request, title, word, back)


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
    question = _("Change the rights of everybody who holds this post?")
    form = Form(f"{_('Post')}: {name}", request.path, "/settings/posts", fields, confirm=question)

    def run() -> None:
        asked = request.POST
        posts.change_post(
            actor=request.actor, code=code, alias=asked.get("alias", ""), rights=asked.getlist("rights"), scope=asked.get("scope", "")
        )

    return _sent(request, form, run, "/settings/posts")


urlpatterns = [
    path("settings/units", unit_tree, name="units"),
    path("settings/units/new", unit_new, name="unit-new"),
    path("settings/units/<int:unit>/do/<str:command>", unit_do, name="unit-do"),
    path("settings/staff", staff_list, name="staff"),
    path("settings/staff/new", staff_new, name="staff-new"),
    path("settings/staff/<int:staff>", staff_one, name="staff-one"),
    path("settings/staff/account/<int:subject>", staff_by_account, name="staff-account"),
    path("settings/staff/<int:staff>/do/<str:command>", staff_do, name="staff-do"),
    path("settings/posts", post_matrix, name="posts"),
    path("settings/posts/<str:code>", post_one, name="post-one"),
]
