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
    """The commands on a fax that waits; what was laid aside can still be taken in."""
    if not actor.can(queries.OPEN):
        return set()
    drawn = {"take_in"} if row.file and row.file.sha256 else set()
    if row.state == State.HELD:
        return drawn | {"lay_aside"}
    return drawn if row.state == State.ASIDE else set()
