"""What presence gives the engines, and the command on an agent."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.kit.commands import Command, CommandSet
from kefu.kit.errors import NotFound
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.timeline.registry import EventKind, SubjectKind
from kefu.touch.presence import handling, policies, queries, schemas
from kefu.touch.presence.choices import State
from kefu.touch.presence.services import forget_old


def _state_name(code: str) -> str:
    return str(State(code).label) if code in State.values else code


def _described(data: dict[str, Any]) -> str:
    why = queries.reason_name(data.get("reason", ""))
    return str(_("is now: %(state)s")) % {"state": _state_name(data.get("state", ""))} + (f" ({why})" if why else "")


SUBJECT_KINDS = (SubjectKind(queries.KIND, _("Agent"), "ZT", lambda _pk: "/floor"),)
EVENT_KINDS = (EventKind("presence.changed", _("is now: %(state)s"), "user-check", _described),)
MENU = (MenuItem("floor", _("Floor"), "/floor", "users", order=17, rights=("conversations.lead",)),)
PERIODICS = (
    Periodic("presence.forget", _("Forget who looked at records an hour ago"), forget_old, every=1800),
    Periodic("presence.disconnected", _("Sign off agents whose connection is lost"), handling.sign_off_disconnected, every=10),
)


def allowed(actor: Actor, staff_id: int) -> set[str]:
    """The commands on one agent; raises ``NotFound`` for a hidden one."""
    found = policies.allowed(actor, staff_id, queries.unit_path_of(staff_id))
    if not found:
        raise NotFound()
    return found


COMMAND_SETS = (
    CommandSet(
        queries.KIND,
        allowed,
        (Command("state", _("Change the state"), handling.change, schemas.Change, initial=lambda _actor, _id: {"state": State.OFFLINE}),),
    ),
)
