"""The judge of mailboxes and of the quarantine."""

from kefu.kit.errors import NotAllowed
from kefu.people.actor import Actor
from kefu.touch.channels.email import queries
from kefu.touch.channels.email.choices import Settled
from kefu.touch.channels.email.models import Quarantined


def judge(actor: Actor) -> None:
    """Pass who sets up mailboxes, and the system; raises ``NotAllowed`` for all others."""
    if actor.id is not None and not actor.can(queries.MANAGE):
        raise NotAllowed()


def allowed(actor: Actor, row: Quarantined) -> set[str]:
    """The commands on a message in quarantine."""
    return {"take_in", "lay_aside"} if actor.can(queries.OPEN) and row.settled == Settled.OPEN else set()
