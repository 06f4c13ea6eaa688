"""The settings of mailboxes, and their quarantine."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kefu.engines.files import services as files
from kefu.engines.privacy.masking import mask
from kefu.kit import flash, http, sentences
from kefu.kit.command_pages import Step, command_urls
from kefu.kit.paging import next_url_of
from kefu.kit.tables import Column
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.timeline.queries import of_settings
from kefu.touch.channels.email import queries, schemas, settings
from kefu.touch.channels.email.choices import Settled, Why
from kefu.touch.channels.email.declares import COMMANDS

HOME = "/settings/mailboxes"
TONES = {"good": "success", "failing": "danger"}


def _columns() -> list[Column]:
    return [
        Column("title", _("Subject line"), fixed=True),
        Column("sender", _("Sender")),
        Column("why_name", _("Why it waits")),
        Column("detail", _("Detail")),
        Column("tries", _("Tries"), "number"),
        Column("at", _("Arrived at"), "short_stamp"),
    ]


@staff_page(queries.MANAGE, queries.OPEN)
def index(request: Request) -> HttpResponse:
    """The mailboxes, and what of their mail waits for a person."""
    aside = request.GET.get("letters") == "aside"
    page = queries.quarantined(request.actor, settled=Settled.ASIDE if aside else Settled.OPEN, cursor=request.GET.get("after"))
    for row in page.rows:
        row["title"], row["sender"] = row["title"] or _("(no subject line)"), mask("email", row["sender"])
        row["why_name"] = Why(row["why"]).label
    context = {
        "may_set": request.actor.can(queries.MANAGE),
        "may_open": request.actor.can(queries.OPEN),
        "boxes": queries.mailboxes(request.actor),
        "told": queries.told,
        "columns": _columns(),
        "rows": page.rows,
        "aside": aside,
        "next_url": next_url_of(request, page.next),
        "tones": TONES,
        "events": of_settings((settings.MAILBOX,)),
    }
    return http.page(request, "email/mailboxes.html", context)


@staff_page(queries.MANAGE)
def one(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """The form of one mailbox; without an id a new one."""
    row = queries.mailbox(request.actor, id) if id else None

    def keep(**values: object) -> HttpResponse:
        settings.keep_mailbox(actor=request.actor, id=id, **values)  # type: ignore[arg-type]
        return flash.tell(http.go(request, HOME), _("Saved."))

    def attempt(**values: object) -> list[Step]:
        return settings.attempt(actor=request.actor, id=id, **values)

    title = row["name"] if row else _("New mailbox")
    return page_forms.ask(
        request,
        title,
        keep,
        back_url=HOME,
        schema=schemas.MailboxIn,
        values=row or {"active": True},
        also=_("Try connection"),
        attempt=attempt,
    )


@staff_page(queries.OPEN)
def waiting(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """A message in quarantine, as far as it can be read."""
    row = queries.entry(request.actor, id)
    context = {
        "row": row,
        "detail": sentences.shown(row.detail),
        "sender": mask("email", row.sender),
        "commands": COMMANDS.pick(COMMANDS.allowed(request.actor, id)),
        **queries.opened(row),
    }
    return http.page(request, "email/quarantined.html", context)


@staff_page(queries.OPEN)
def raw(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """Its bytes, to be saved and looked at elsewhere."""
    row = queries.entry(request.actor, id)
    headers = {"Content-Disposition": f'attachment; filename="quarantine-{id}.eml"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(files.read(row.file_id), content_type="message/rfc822", headers=headers)


urlpatterns = [
    path("settings/mailboxes", index, name="mailboxes"),
    path("settings/mailboxes/new", one, name="mailbox-new"),
    path("settings/mailboxes/<int:id>", one, name="mailbox"),
    path("settings/mailboxes/quarantine/<int:id>", waiting, name="quarantined"),
    path("settings/mailboxes/quarantine/<int:id>/raw", raw, name="quarantined-raw"),
    *command_urls(COMMANDS, "settings/mailboxes/quarantine", "quarantined"),
]
