"""The doors that gateways post to, and the settings of lines and templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kefu.engines.intake.services import knock
from kefu.engines.texting import gateway, length
from kefu.engines.texting.carrier import Trouble
from kefu.kit import flash, http, moment
from kefu.kit.command_pages import command_urls
from kefu.kit.errors import KefuError, TooOften
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.people.sign_in import address_of
from kefu.timeline.queries import of_settings
from kefu.touch.channels.sms import handling, queries, routing, schemas, services, settings
from kefu.touch.channels.sms.declares import COMMANDS
from kefu.touch.channels.sms.models import Line

HOME = "/settings/sms"
BODY = 500_000
FORGED, WINDOW = 30, timedelta(minutes=5)
TONES = {"approved": "success", "draft": "warning", "refused": "danger", "retired": "secondary", "failed": "danger", "queued": "warning"}


def _door(take: Callable[[Line, Any], str]) -> Callable[..., HttpResponse]:
    """A door for gateways. Without proof nothing is read, and after some such tries the caller has to wait."""

    @csrf_exempt
    @require_POST
    @wraps(take)
    def view(request: HttpRequest, hook: str) -> HttpResponse:
        try:
            line = queries.by_hook(hook)
            if len(request.body) > BODY:
                return HttpResponse(status=413)
            data = gateway.posted(request.body, request.headers.get("Content-Type", ""))
            recipe = routing.recipe_of(line)
            gateway.prove(recipe, request.body, data, request.headers, key=line.key, secret=line.secret, at=moment.now())
            return HttpResponse(take(line, data), content_type="text/plain; charset=utf-8")
        except (gateway.Forged, gateway.Unreadable, Trouble) as error:
            forged = isinstance(error, gateway.Forged)
            return _refused(request, 403 if forged else 400)
        except KefuError as error:
            return HttpResponse(status=error.status)

    view.rights = ()  # type: ignore[attr-defined]
    return view


def _refused(request: HttpRequest, status: int) -> HttpResponse:
    try:
        knock(door="sms.forged", who=address_of(request) or "-", most=FORGED, within=WINDOW)
    except TooOften as error:
        status = error.status
    return HttpResponse(status=status)


@_door
def receipts(line: Line, data: Any) -> str:
    """How far texts came."""
    recipe = routing.recipe_of(line)
    for one in gateway.receipts(recipe, data):
        routing.receive(line.pk, one)
    return recipe.receipts.reply if recipe.receipts else ""


@_door
def arrived(line: Line, data: Any) -> str:
    """Texts of people."""
    recipe = routing.recipe_of(line)
    for one in gateway.arrived(recipe, data):
        services.take_in(line, one)
    return recipe.inbound.reply if recipe.inbound else ""


@staff_page(queries.MANAGE, queries.WRITE, queries.APPROVE)
def index(request: Request) -> HttpResponse:
    """The lines, the templates, and what waits or went wrong."""
    context = {
        "may_set": request.actor.can(queries.MANAGE),
        "may_write": request.actor.can(queries.WRITE),
        "rows": queries.lines(request.actor),
        "templates": queries.templates(request.actor),
        "texts": queries.recent(request.actor),
        "blocked": queries.how_many_blocked(),
        "advice": queries.advice,
        "tones": TONES,
        "events": of_settings((settings.LINE, "sms.template")),
    }
    return http.page(request, "sms/lines.html", context)


@staff_page(queries.MANAGE)
def one(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """The form of one line; without an id a new one."""
    row = queries.line(request.actor, id) if id else None

    def keep(**values: object) -> HttpResponse:
        settings.keep_line(actor=request.actor, id=id, **values)  # type: ignore[arg-type]
        return flash.tell(http.go(request, HOME), _("Saved."))

    values: dict[str, Any] = {**row, "recipe": json.dumps(row["recipe"], ensure_ascii=False, indent=2)} if row else {"active": True}
    title = row["name"] if row else _("New SMS line")
    return page_forms.ask(request, title, keep, back_url=HOME, schema=schemas.LineIn, values=values)


@staff_page(queries.WRITE)
def write(request: Request) -> HttpResponse:
    """A new template."""

    def keep(**values: object) -> HttpResponse:
        made = handling.write(actor=request.actor, **values)  # type: ignore[arg-type]
        return flash.tell(http.go(request, f"{HOME}/templates/{made.pk}"), _("Saved."))

    return page_forms.ask(request, _("New SMS template"), keep, back_url=HOME, schema=schemas.TemplateIn)


@staff_page(queries.WRITE, queries.APPROVE)
def template(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One template, how long it is, and who judged it."""
    row = queries.template(request.actor, id)
    commands = COMMANDS.pick(COMMANDS.allowed(request.actor, id))
    return http.page(request, "sms/template.html", {"row": row, "length": length.measure(row.text), "commands": commands, "tones": TONES})


urlpatterns = [
    path("sms/<str:hook>/receipts", receipts, name="sms.receipts"),
    path("sms/<str:hook>/arrived", arrived, name="sms.arrived"),
    path("settings/sms", index, name="sms-lines"),
    path("settings/sms/new", one, name="sms-line-new"),
    path("settings/sms/<int:id>", one, name="sms-line"),
    path("settings/sms/templates/new", write, name="sms-template-new"),
    path("settings/sms/templates/<int:id>", template, name="sms-template"),
    *command_urls(COMMANDS, "settings/sms/templates", queries.KIND, anew=True),
]
