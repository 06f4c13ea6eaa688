"""The judge of urging and supervising."""

from __future__ import annotations

from typing import NamedTuple

from kefu.cases.supervision.choices import Level
from kefu.people.actor import Actor

RANK = {level: place for place, level in enumerate(Level.values)}


class CaseFacts(NamedTuple):
    """What the judge needs of a case."""

    open: bool
    unit_path: str
    owner_id: int | None
    level: str | None
    reply_owed: bool
    kind: str = ""
    call: tuple[int, int] | None = None  # who asked for help and whom, while it waits for an answer


_WORKS = ("orders.open", "orders.handle", "orders.dispatch", "orders.urge", "callbacks.do")
CONTACT = "contact"


def _helps(actor: Actor, case: CaseFacts) -> set[str]:
    """Help of a superior (R-01-3.1b): who was asked answers, or any other who leads; who asked may withdraw it."""
    if case.call is not None:
        asker, superior = case.call
        answers = actor.id == superior or (actor.can("conversations.lead") and actor.id != asker)
        return {"give_help"} if answers else {"withdraw_call"} if actor.id == asker else set()
    works = actor.can("contacts.take") if case.kind == CONTACT else actor.can_any(*_WORKS)
    return {"ask_superior"} if case.open and actor.id is not None and works else set()


def allowed(actor: Actor, case: CaseFacts) -> set[str]:
    """The commands a person may give to a case now."""
    found = _helps(actor, case)
    if not case.open or case.kind == CONTACT:
        return found
    if actor.can("orders.urge"):
        found.add("urge")
    if actor.can("orders.supervise"):
        if case.level is None or RANK[case.level] < len(RANK) - 1:
            found.add("supervise")
        if case.level is not None:
            found.add("lift")
    own = actor.id == case.owner_id or (actor.can("orders.handle") and bool(case.unit_path) and actor.sees_path(case.unit_path))
    if case.reply_owed and own:
        found.add("answer_urge")
    return found
