"""Settings: receivers, how they fare, and what they were sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import ValidationError

from kefu.engines.filters import bar
from kefu.engines.filters import queries as filters
from kefu.engines.filters.rule_form import tested
from kefu.engines.webhooks import policies, queries, schemas, services
from kefu.engines.webhooks.choices import State
from kefu.engines.webhooks.declares import COMMANDS, DELIVERY
from kefu.kit import flash, http, paging, schema_fields, validation
from kefu.kit.command_pages import command_urls
from kefu.kit.errors import KefuError
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.timeline.queries import of_settings

HOME = "/settings/webhooks"
TONES = {State.DELIVERED: "success", State.WAITING: "warning", State.DEAD: "danger"}


@staff_page(policies.MANAGE)
def index(request: Request) -> HttpResponse:
    """All receivers and how they fare."""
    context = {"rows": queries.receivers(request.actor), "events": of_settings((services.CHANGED,))}
    return http.page(request, "webhooks/receivers.html", context)


@staff_page(policies.MANAGE)
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One receiver and its deliveries."""
    state = request.GET.get("state", "")
    page = queries.deliveries(request.actor, id, state=state, cursor=request.GET.get("after"))
    context = {
        "row": queries.receiver(request.actor, id),
        "commands": COMMANDS.pick(COMMANDS.allowed(request.actor, id)),
        "rows": page.rows,
        "next_url": paging.next_url_of(request, page.next),
        "state": state if state in State.values else "",
        "states": State.choices,
        "tones": TONES,
        "kinds": dict(queries.kind_choices()),
        "events": of_settings((services.CHANGED,), str(id)),
    }
    return http.page(request, "webhooks/receiver.html", context)


@staff_page(policies.MANAGE)
def delivery(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One delivery: what was sent, and what the receiver answered."""
    row = queries.get_delivery(request.actor, id)
    said = queries.said({"trouble": row.trouble, "detail": row.detail})
    commands = DELIVERY.pick(DELIVERY.allowed(request.actor, id))
    return http.page(request, "webhooks/delivery.html", {"row": row, "commands": commands, "tones": TONES, **said})


@staff_page(policies.MANAGE)
def form(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """The form of one receiver; without an id a new one, whose secret is shown once."""
    row = queries.get(request.actor, id) if id else None
    names = tuple(schemas.ReceiverIn.model_fields)
    values: dict[str, Any] = {name: getattr(row, name) for name in names} if row else {"active": True}
    tree: Any = row.condition if row else {}
    error: KefuError | None = None
    if request.method == "POST":
        values = schema_fields.typed(schemas.ReceiverIn, request.POST)
        try:
            tree = bar.posted(request.POST, "tree", tested(queries.KIND))
            given = dict(schemas.ReceiverIn.model_validate(values))
            made, secret = services.keep(actor=request.actor, id=id, condition=tree, **given)
            return _kept(request, made.pk, made.name, secret)
        except ValidationError as refused:
            error = validation.invalid(refused)
        except KefuError as refused:
            if refused.status in (403, 404):
                raise
            error = refused
    return _draw(request, row.name if row else _("New receiver"), values, tree, error, f"{HOME}/{id}" if id else HOME)


def _kept(request: Request, receiver_id: int, name: str, secret: str) -> HttpResponse:
    back = f"{HOME}/{receiver_id}"
    if not secret:
        return flash.tell(http.go(request, back), _("Saved."))
    return page_forms.show_once(
        request, name, _("With this secret the receiver checks signatures. It is shown only this once."), secret, back
    )


def _draw(request: Request, title: str, values: dict[str, Any], tree: Any, error: KefuError | None, back: str) -> HttpResponse:
    faults = dict(error.fields) if error else {}
    fields = schema_fields.fields_of(schemas.ReceiverIn, actor=request.actor, values=values, errors=faults)
    placed = {one.name for one in fields}
    said = [error.message(), *(str(text) for name, text in faults.items() if name not in placed)] if error else []
    context = {
        "title": title, "fields": fields, "error": " ".join(said), "builder": filters.builder(tested(queries.KIND), tree), "back": back,
    }  # fmt: skip
    return http.page(request, "webhooks/form.html", context, status=error.status if error else 200)


@staff_page(policies.MANAGE)
def rotate(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """A new secret, shown once; the old one signs beside it for a day."""
    row, back = queries.get(request.actor, id), f"{HOME}/{id}"

    def run(secret: str) -> HttpResponse:
        made = services.rotate(actor=request.actor, id=id, secret=secret)
        lead = _("This is the new secret. For a day every message carries a signature of the old one, too.")
        return page_forms.show_once(request, row.name, lead, made, back)

    return page_forms.ask(request, _("New secret"), run, schema=schemas.Rotate, back_url=back)


urlpatterns = [
    path("settings/webhooks", index, name="webhooks"),
    path("settings/webhooks/new", form, name="webhook-new"),
    path("settings/webhooks/<int:id>", one, name="webhook"),
    path("settings/webhooks/<int:id>/edit", form, name="webhook-edit"),
    path("settings/webhooks/<int:id>/secret", rotate, name="webhook-secret"),
    path("settings/webhooks/deliveries/<int:id>", delivery, name="webhook-delivery"),
    *command_urls(COMMANDS, "settings/webhooks", queries.KIND, anew=True),
    *command_urls(DELIVERY, "settings/webhooks/deliveries", queries.DELIVERY, anew=True),
]
