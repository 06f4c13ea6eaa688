"""Customer files: the list, one file, new and changed ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from markupsafe import Markup
from pydantic import ValidationError

from kefu.engines.filters import listing
from kefu.engines.imports.pages import import_urls
from kefu.engines.privacy.masking import mask
from kefu.engines.search import queries as search
from kefu.kit import http, phone, schema_fields, validation
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.errors import KefuError
from kefu.kit.fields import Field
from kefu.kit.paging import next_url_of
from kefu.kit.pieces import mark
from kefu.kit.tables import Column
from kefu.people.http import Request, staff_page
from kefu.touch.customers import queries, schemas, services
from kefu.touch.customers.choices import Tier


def _columns() -> list[Column]:
    return [
        Column("subject__number", _("Number"), fixed=True),
        Column("name", _("Name")),
        Column("phone", _("Phone")),
        Column("area", _("Area")),
        Column("address", _("Address")),
        Column("code", _("Customer number"), optional=True),
        Column("tier_name", _("Tier")),
        Column("tags", _("Tags"), "own", draw=_tags),
        Column("verified_at", _("Data checked"), "day"),
    ]


@staff_page("customers.see")
def index(request: Request) -> HttpResponse:
    """Customers, newest first; ``q`` searches names, numbers and addresses."""
    words = request.GET.get("q", "").strip()
    ids = [hit.subject_id for hit in search.find(actor=request.actor, text=words, kinds=[queries.KIND], limit=50)] if words else None
    saved = listing.asked(request, queries.KIND, ("area", "tier", "tag"))
    page = queries.rows(request.actor, ids=ids, tree=saved.tree, cursor=request.GET.get("after"))
    tags = queries.tags_of(row["subject_id"] for row in page.rows)
    context = {
        "columns": _columns(),
        "rows": [_dressed({**row, "tags": tags.get(row["subject_id"], [])}) for row in page.rows],
        "next_url": next_url_of(request, page.next),
        "filters": [
            Field("q", _("Name, phone, address or number"), value=words),
            Field("area", _("Area"), value=request.GET.get("area", "")),
            Field("tier", _("Tier"), "select", value=request.GET.get("tier"), choices=Tier.choices),
            Field("tag", _("Tag"), "select", value=request.GET.get("tag"), choices=queries.tag_names()),
        ],
        "saved": saved,
    }
    return http.page(request, "customers/list.html", context)


def _tags(row: dict[str, Any]) -> Markup:
    return Markup(" ").join(mark(one["name"], one["tone"]) for one in row["tags"])


def _dressed(row: dict[str, Any]) -> dict[str, Any]:
    row["id"] = row["subject_id"]
    row["name"] = mask("name", row["name"])
    row["address"] = mask("address", row["address"])
    row["phone"] = mask("phone", phone.shown(row["phone"] or ""))
    row["tier_name"] = _("Key account") if row["tier"] == "key" else _("Ordinary")
    return row


@staff_page("customers.edit")
def new(request: Request) -> HttpResponse:
    """A new file."""
    return drawn_new(request, {})


def drawn_new(request: Request, known: dict[str, Any], *, back: str = "") -> HttpResponse:
    """The form of a new file, filled with what is known, and what it sends; afterwards the page goes on to ``back`` or to the file. What is
    known of a person never stands in an address."""
    typed = known
    error: KefuError | None = None
    if request.method == "POST":
        typed = schema_fields.typed(schemas.CustomerIn, request.POST)
        try:
            values = schemas.CustomerIn.model_validate(typed).model_dump()
            phones = services.split_phones(values.pop("phones"))
            customer = services.create(actor=request.actor, phones=phones, source="desk", **values)
            return http.go(request, back or f"/customers/{customer.pk}")
        except ValidationError as wrong:
            error = validation.invalid(wrong)
        except KefuError as refusal:
            error = refusal
    errors = dict(error.fields) if error else {}
    fields = schema_fields.fields_of(schemas.CustomerIn, actor=request.actor, id=None, values=typed, errors=errors)
    return http.page(request, "customers/new.html", {"fields": fields, "error": error, "back": back}, status=error.status if error else 200)


@staff_page(queries.MERGE)
def duplicates(request: Request) -> HttpResponse:
    """Files that may be of one customer, latest found first."""
    page = queries.alike(request.actor, cursor=request.GET.get("after"))
    columns = [
        Column("one__subject__number", _("Number"), fixed=True),
        Column("one__name", _("Name")),
        Column("one__address", _("Address")),
        Column("ground_name", _("Why")),
        Column("other__subject__number", _("The other file")),
        Column("other__name", _("Name")),
        Column("other__address", _("Address")),
        Column("found_at", _("Found"), "stamp"),
    ]
    rows = [{**row, "id": row["one_id"]} for row in page.rows]
    context = {"columns": columns, "rows": rows, "next_url": next_url_of(request, page.next)}
    return http.page(request, "customers/duplicates.html", context)


urlpatterns = [
    path("customers", index, name="customers"),
    path("customers/duplicates", duplicates, name="customers.duplicates"),
    path("customers/new", new, name="customers.new"),
    *import_urls(queries.KIND, "customers/import", "customers.import"),
    *command_urls(commands_of(queries.KIND), "customers", "customer", anew=True),
]
