"""What reception gives the engines, and the commands on a visit."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.engines.rulebook.queries import code_name
from kefu.engines.rulebook.registry import Carries
from kefu.kit.commands import Command, CommandSet
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.timeline.registry import EventKind
from kefu.touch.channels.visits import policies, queries, schemas, services

MENU = (MenuItem("visits", _("Reception"), "/visits", "users-plus", order=11, rights=(queries.TAKE,)),)
EVENT_KINDS = (
    EventKind("visit.arrived", _("has come, number %(ticket)s"), icon="users-plus"),
    EventKind("visit.called", _("called number %(ticket)s %(window)s"), icon="speakerphone"),
    EventKind("visit.received", _("received the visitor with number %(ticket)s"), icon="hand-stop"),
    EventKind("visit.left", _("saw the visitor off %(opinion)s"), icon="logout"),
    EventKind(
        "visit.refused",
        _("turned the visitor away (%(reason)s) %(text)s"),
        icon="ban",
        names={"reason": partial(code_name, "visit_refusals")},
    ),
    EventKind("visit.registered", _("wrote the register of visitors"), icon="notes"),
)
CARRIES = (Carries("screen", "/visits", _("Reception: numbers, waits, register of visitors (F-26)"), ("R-04-2.1", "R-04-2.4", "R-04-2.5")),)


def allowed(actor: Actor, visit_id: int) -> set[str]:
    """The commands on one visit; raises ``NotFound``."""
    return policies.allowed(actor, queries.get(actor, visit_id).state)


def _held(actor: Actor, visit_id: int) -> dict[str, Any]:
    visit = queries.get(actor, visit_id)
    return {name: getattr(visit, name) for name in schemas.Register.model_fields}


def _record(_visit: Any, visit_id: int) -> str:
    return reverse("desk.one", args=[visit_id])


COMMANDS = CommandSet(
    queries.KIND,
    allowed,
    (
        Command("serve", _("Receive"), services.serve, tone="primary", leads_to=_record),
        Command("call", _("Call"), services.call, schemas.Call),
        Command("leave", _("See off"), services.leave, schemas.Leave),
        Command("register", _("Register of visitors"), services.register, schemas.Register, initial=_held),
        Command("refuse", _("Turn away"), services.refuse, schemas.Refuse, tone="danger"),
    ),
)
COMMAND_SETS = (COMMANDS,)
OUTLETS = (services.OUTLET,)
