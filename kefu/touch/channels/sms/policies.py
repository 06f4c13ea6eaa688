"""The judge of SMS lines and templates."""

from kefu.kit.errors import NotAllowed
from kefu.people.actor import Actor
from kefu.touch.channels.sms import queries
from kefu.touch.channels.sms.choices import Approval
from kefu.touch.channels.sms.models import Template


def judge(actor: Actor, right: str = queries.MANAGE) -> None:
    """Pass who holds the right, and the system; raises ``NotAllowed`` for all others."""
    if actor.id is not None and not actor.can(right):
        raise NotAllowed()


def allowed(actor: Actor, row: Template) -> set[str]:
    """The commands on a template. Who wrote it never approves it."""
    found = set()
    if actor.can(queries.WRITE) and row.state != Approval.APPROVED:
        found.add("change")
    if actor.can(queries.APPROVE) and row.state == Approval.DRAFT and row.written_by_id != actor.id:
        found |= {"approve", "refuse"}
    if (actor.can(queries.WRITE) or actor.can(queries.APPROVE)) and row.state == Approval.APPROVED:
        found.add("retire")
    return found
