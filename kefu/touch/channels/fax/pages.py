"""The settings of fax numbers, and the faxes that wait for a person."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kefu.engines.files import services as files
from kefu.kit import flash, http
from kefu.kit.command_pages import command_urls
from kefu.kit.errors import NotFound
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.timeline.queries import of_settings
from kefu.touch.channels.fax import queries, schemas, settings
from kefu.touch.channels.fax.choices import State
from kefu.touch.channels.fax.declares import COMMANDS

HOME = "/settings/fax"


@staff_page(queries.MANAGE, queries.OPEN)
def index(request: Request) -> HttpResponse:
    """The fax numbers, and what waits for a person."""
    aside = request.GET.get("faxes") == "aside"
    context = {
        "may_set": request.actor.can(queries.MANAGE),
        "may_open": request.actor.can(queries.OPEN),
        "rows": queries.machines(request.actor),
        "aside": aside,
        "held": queries.held(request.actor, State.ASIDE if aside else State.HELD),
        "events": of_settings((settings.MACHINE,)),
    }
    return http.page(request, "fax/machines.html", context)


@staff_page(queries.MANAGE)
def one(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """The form of one fax number; without an id a new one."""
    row = queries.machine(request.actor, id) if id else None

    def keep(**values: object) -> HttpResponse:
        settings.keep_machine(actor=request.actor, id=id, **values)  # type: ignore[arg-type]
        return flash.tell(http.go(request, HOME), _("Saved."))

    title = row["name"] if row else _("New fax number")
    return page_forms.ask(request, title, keep, back_url=HOME, schema=schemas.MachineIn, values=row or {"active": True})


@staff_page(queries.OPEN)
def sheet(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """A fax that waits, and what can be done with it."""
    row = queries.sheet(request.actor, id)
    commands = COMMANDS.pick(COMMANDS.allowed(request.actor, id))
    return http.page(request, "fax/sheet.html", {"row": row, "commands": commands})


@staff_page(queries.OPEN)
def raw(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """Its bytes, to be saved and looked at elsewhere."""
    row = queries.sheet(request.actor, id)
    if row.file_id is None:
        raise NotFound()
    headers = {"Content-Disposition": f'attachment; filename="fax-{id}.bin"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(files.read(row.file_id), content_type="application/octet-stream", headers=headers)


urlpatterns = [
    path("settings/fax", index, name="fax-machines"),
    path("settings/fax/new", one, name="fax-machine-new"),
    path("settings/fax/<int:id>", one, name="fax-machine"),
    path("settings/fax/quarantine/<int:id>", sheet, name="fax-sheet"),
    path("settings/fax/quarantine/<int:id>/raw", raw, name="fax-sheet-raw"),
    *command_urls(COMMANDS, "settings/fax/quarantine", queries.KIND),
]
