"""What the mail channel gives the engines, and the commands on what lies in quarantine."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Ticker
from kefu.engines.notify.registry import NoticeKind
from kefu.kit.commands import Command, CommandSet
from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.channels.email import handling, policies, queries, routing, schemas, settings, tasks

RIGHTS = (Right(queries.MANAGE, _("Set up mailboxes")),)
EVENT_KINDS = (
    *settings.EVENT_KINDS,
    EventKind(routing.ACKNOWLEDGED, _("The customer was told automatically that the letter is here"), icon="mail"),
    EventKind("mailbox.quarantine", _("settled a message in quarantine"), icon="mail"),
)
NOTICE_KINDS = (NoticeKind(routing.NOT_COPIED, _("%(number)s: a copy of your reply did not arrive"), icon="alert-triangle"),)
HEALTH = (Source("mail", queries.health, (queries.MANAGE, queries.OPEN)),)
MENU = (MenuItem("mailboxes", _("Mailboxes"), "/settings/mailboxes", "mail", "settings", 30, (queries.MANAGE, queries.OPEN)),)


OUTLETS = (tasks.OUTLET,)
TICKERS = (Ticker("email.watch", tasks.WATCHMAN.turn),)


def allowed(actor: Actor, entry_id: int) -> set[str]:
    """The commands on one message in quarantine; raises ``NotFound``."""
    return policies.allowed(actor, queries.entry(actor, entry_id))


def _inbox(_conversation: int, _entry: int) -> str:
    return reverse("mailboxes")


COMMANDS = CommandSet(
    queries.KIND,
    allowed,
    (
        Command("take_in", _("Take it in again"), handling.take_in, schemas.TakeIn, tone="primary", leads_to=_inbox),
        Command("lay_aside", _("Lay it aside"), handling.lay_aside, schemas.LayAside, tone="danger", leads_to=_inbox),
    ),
)
COMMAND_SETS = (COMMANDS,)
