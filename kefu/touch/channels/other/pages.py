"""The settings of attached channels."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kefu.kit import flash, http
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.timeline.queries import of_settings
from kefu.touch.channels.other import queries, schemas, settings
from kefu.touch.channels.other.choices import Known

HOME = "/settings/other"


@staff_page(queries.MANAGE)
def index(request: Request) -> HttpResponse:
    context = {"rows": queries.channels(request.actor), "kinds": dict(Known.choices), "events": of_settings((settings.CHANGED,))}
    return http.page(request, "other/channels.html", context)


@staff_page(queries.MANAGE)
def one(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """The form of one channel; without an id a new one."""
    row = queries.channel(request.actor, id) if id else None

    def keep(**values: object) -> HttpResponse:
        settings.keep(actor=request.actor, id=id, **values)  # type: ignore[arg-type]
        return flash.tell(http.go(request, HOME), _("Saved."))

    title = row["name"] if row else _("New channel")
    return page_forms.ask(request, title, keep, back_url=HOME, schema=schemas.ChannelIn, values=row or {"active": True})


urlpatterns = [
    path("settings/other", index, name="other-channels"),
    path("settings/other/new", one, name="other-channel-new"),
    path("settings/other/<int:id>", one, name="other-channel"),
]
