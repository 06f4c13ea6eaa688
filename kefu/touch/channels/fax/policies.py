"""The judge of fax numbers and of faxes that wait for a person."""

from kefu.kit.errors import NotAllowed
from kefu.people.actor import Actor
from kefu.touch.channels.fax import queries
from kefu.touch.channels.fax.choices import State
from kefu.touch.channels.fax.models import Sheet


def judge(actor: Actor) -> None:
    """Pass who sets up fax numbers; raises ``NotAllowed`` for all others."""
    if not actor.can(queries.MANAGE):
        raise NotAllowed()


def allowed(actor: Actor, row: Sheet) -> set[str]:
    """The commands on a fax that waits."""
    if not actor.can(queries.OPEN) or row.state != State.HELD:
        return set()
    return {"take_in", "lay_aside"} if row.file_id else {"lay_aside"}
