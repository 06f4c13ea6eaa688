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
    """The commands on a message in quarantine: what was laid aside can still be taken in, until its bytes are erased."""
    if not actor.can(queries.OPEN):
        return set()
    if row.settled == Settled.OPEN:
        return {"take_in", "lay_aside"}
    return {"take_in"} if row.settled == Settled.ASIDE and row.file.sha256 else set()
