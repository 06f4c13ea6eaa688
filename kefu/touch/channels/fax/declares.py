"""What fax gives the engines, and the commands on faxes that wait for a person."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.kit.commands import Command, CommandSet
from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.channels.fax import handling, policies, queries, schemas, settings, tasks

RIGHTS = (Right(queries.MANAGE, _("Set up fax numbers")),)
EVENT_KINDS = (*settings.EVENT_KINDS, EventKind("fax.settled", _("settled a fax in quarantine"), icon="file"))
HEALTH = (Source("fax", queries.health, (queries.MANAGE, queries.OPEN)),)
MENU = (MenuItem("fax", _("Fax"), "/settings/fax", "file", "settings", 34, (queries.MANAGE, queries.OPEN)),)
PERIODICS = (
    Periodic("fax.look", _("Take in new faxes"), tasks.look, every=10),
    Periodic("fax.forget", _("Delete old files of faxes that were taken in"), tasks.forget, at="03:30"),
)
LETTER_TAKERS = (tasks.TAKER,)


def allowed(actor: Actor, sheet_id: int) -> set[str]:
    """The commands on one fax; raises ``NotFound``."""
    return policies.allowed(actor, queries.sheet(actor, sheet_id))


def _home(_result: object, _sheet: int) -> str:
    return reverse("fax-machines")


COMMANDS = CommandSet(
    queries.KIND,
    allowed,
    (
        Command("take_in", _("Take it in again"), handling.take_in, tone="primary", leads_to=_home),
        Command("lay_aside", _("Lay it aside"), handling.lay_aside, schemas.LayAside, tone="danger", leads_to=_home),
    ),
)
COMMAND_SETS = (COMMANDS,)
