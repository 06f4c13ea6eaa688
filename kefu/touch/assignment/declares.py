"""What the assignment gives the engines, and its commands on conversations and agents."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Ticker
from kefu.engines.notify.registry import NoticeKind
from kefu.kit.choices_registry import ChoiceSource
from kefu.kit.commands import Command, CommandSet
from kefu.people import queries as people
from kefu.people.actor import Actor
from kefu.timeline.registry import EventKind
from kefu.touch.assignment import handling, policies, queries, schemas, services
from kefu.touch.conversations.queries import KIND as CONVERSATION
from kefu.touch.presence import queries as presence


def _freed(data: dict[str, Any]) -> str:
    gone = data.get("reason") == "gone"
    return str(_("waits again: the agent has signed off") if gone else _("waits again: no answer in time"))


def _offered(actor: Actor, conversation_id: int | None, *, takers: bool) -> list[tuple[int, Any]]:
    found = queries.colleagues(actor, conversation_id or 0, takers=takers)
    return queries.choices(found[: queries.MOST_OFFERED])


EVENT_KINDS = (
    EventKind("conversation.offered", _("offered to %(to)s"), icon="hand-stop"),
    EventKind("conversation.freed", _("waits again"), "rotate", _freed),
)
NOTICE_KINDS = (NoticeKind("conversation.offered", _("%(number)s is offered to you"), icon="message"),)
COLLEAGUES = "/inbox/{id}/colleagues/options"
CHOICES = (
    ChoiceSource("colleagues", partial(_offered, takers=False), src=COLLEAGUES, named=people.named),
    ChoiceSource("takers", partial(_offered, takers=True), src=f"{COLLEAGUES}?takers=1", named=people.named),
)
TICKERS = (Ticker("assignment", services.turn),)


def allowed(actor: Actor, conversation_id: int) -> set[str]:
    """What may be done with the offer of one conversation."""
    return {"pass_on"} if queries.is_offered(actor, conversation_id) else set()


def allowed_on_agent(actor: Actor, staff_id: int) -> set[str]:
    return {"skill"} if policies.may_set_skill(actor, presence.unit_path_of(staff_id)) else set()


COMMAND_SETS = (
    CommandSet(
        CONVERSATION, allowed, (Command("pass_on", _("Let others take it"), handling.pass_on, leads_to=lambda _made, _id: "/inbox"),)
    ),
    CommandSet(presence.KIND, allowed_on_agent, (Command("skill", _("Skill"), handling.set_skill, schemas.SetSkill),)),
)
