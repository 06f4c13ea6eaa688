"""The judge of orders of the hotline: what may be done to one now."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from kefu.kit.errors import Conflict, NotAllowed
from kefu.people.actor import Actor
from kefu.touch.channels.hotline.choices import Kind, State, Verdict
from kefu.touch.channels.hotline.models import HotlineOrder, Told
from kefu.touch.channels.hotline.queries import TAKE
from kefu.touch.contacts.choices import Outcome


class Facts(NamedTuple):
    """All that the judge needs to know of an order of the hotline. ``asked``: kinds of what it was asked, to its verdict."""

    state: State
    round: int
    due_at: datetime
    return_until: datetime | None
    ruled: bool
    outcome: str
    asked: dict[str, str]


def facts(order: HotlineOrder) -> Facts:
    asked = dict(Told.objects.filter(order=order).exclude(kind=Kind.ANSWER).values_list("kind", "verdict"))
    outcome = order.contact.outcome
    return Facts(State(order.state), order.round, order.due_at, order.return_until, order.ruled, outcome, asked)


def allowed(actor: Actor, case: Facts, at: datetime) -> set[str]:
    """The commands a person may give now. A return is possible once, in its window, in the first round, and never after a ruling; an
    extension is asked once and before the limit."""
    if not actor.can(TAKE):
        return set()
    if case.state == State.REPORTED:
        return {"rate", "redo"}
    if case.state == State.RETURNED:
        return set()
    found = {"decide"} if Verdict.PENDING in case.asked.values() else set()
    if case.state == State.RETURNING:
        return found
    found |= {"redo"} | ({"open"} if case.outcome == Outcome.OPEN else {"report"})
    if not found & {"decide"}:
        in_window = case.return_until is not None and at <= case.return_until
        if in_window and not case.ruled and not case.round and Kind.RETURN not in case.asked:
            found.add("ask_return")
        if at <= case.due_at and Kind.EXTENSION not in case.asked:
            found.add("ask_extension")
    return found


def require(actor: Actor, case: Facts, command: str, at: datetime) -> None:
    """Pass, or raise ``NotAllowed`` or ``Conflict``."""
    if not actor.can(TAKE):
        raise NotAllowed()
    if command not in allowed(actor, case, at):
        raise Conflict(code="not_now")
