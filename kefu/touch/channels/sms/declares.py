"""What SMS gives the engines, and the commands on templates."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic, Ticker
from kefu.kit import sentences
from kefu.kit.commands import Command, CommandSet
from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.channels.sms import handling, policies, queries, schemas, services, settings, tasks
from kefu.touch.conversations.choices import Notice

RIGHTS = (
    Right(queries.MANAGE, _("Set up SMS lines")),
    Right(queries.WRITE, _("Write SMS templates")),
    Right(queries.APPROVE, _("Approve SMS templates")),
)
_HOWS = {
    "written": _("written"), "changed": _("changed"), "approved": _("approved"), "refused": _("refused"), "retired": _("taken out of use"),
}  # fmt: skip
EVENT_KINDS = (
    *settings.EVENT_KINDS,
    EventKind("sms.template", _("SMS template “%(name)s”: %(how)s"), icon="message", names={"how": lambda how: str(_HOWS.get(how, how))}),
    EventKind(Notice.TEXTED, _("The customer was told by SMS: %(name)s"), icon="message"),
    EventKind(
        Notice.NOT_TEXTED, _("The SMS “%(name)s” did not go out: %(trouble)s"), icon="alert-triangle", names={"trouble": sentences.shown}
    ),
)
HEALTH = (Source("sms", queries.health, (queries.MANAGE, queries.WRITE, queries.APPROVE)),)
MENU = (MenuItem("sms", _("SMS"), "/settings/sms", "message", "settings", 32, (queries.MANAGE, queries.WRITE, queries.APPROVE)),)
OUTLETS = (tasks.OUTLET,)
TICKERS = (Ticker("sms.watch", tasks.SESSIONS.turn),)
PERIODICS = (Periodic("sms.forget", _("Forget parts of texts whose rest never came"), services.forget_old, at="03:10"),)


def allowed(actor: Actor, template_id: int) -> set[str]:
    """The commands on one template; raises ``NotFound``."""
    return policies.allowed(actor, queries.template(actor, template_id))


def _as_it_is(actor: Actor, template_id: int) -> dict[str, Any]:
    row = queries.template(actor, template_id)
    return {"name": row.name, "text": row.text, "occasion": row.occasion, "vendor_code": row.vendor_code}


COMMANDS = CommandSet(
    queries.KIND,
    allowed,
    (
        Command("approve", _("Approve"), handling.approve, tone="primary", confirm=_("May this text go out to customers?")),
        Command("refuse", _("Refuse"), handling.refuse, schemas.Refuse),
        Command("change", _("Change"), handling.change, schemas.TemplateIn, initial=_as_it_is, submit=_("Save")),
        Command("retire", _("Take out of use"), handling.retire, tone="danger", confirm=_("Is this text to go out no longer?")),
    ),
)
COMMAND_SETS = (COMMANDS,)
