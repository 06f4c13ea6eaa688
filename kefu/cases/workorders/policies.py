"""The judge of orders: which commands a person may give to an order now."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from kefu.cases.workorders.choices import MOVES, State, Who
from kefu.cases.workorders.models import DispatchRule, OrderType, Price
from kefu.kit import moves
from kefu.kit.errors import Conflict, NotFound
from kefu.kit.moves import given
from kefu.people.actor import Actor

SETTINGS = ("orders.settings", "settings.manage")


def may_set(actor: Actor) -> bool:
    """Whether a person changes order types, dispatch rules and prices."""
    return actor.can_any(*SETTINGS)


def judge(actor: Actor) -> None:
    """Pass whoever may set it, and the system; raises ``NotAllowed`` for all others."""
    actor.require(*SETTINGS)


def allowed_type(actor: Actor, type_id: int) -> set[str]:
    """What may be done to an order type; raises ``NotFound`` for who sets none."""
    row = OrderType.objects.filter(pk=type_id).values_list("active").first() if may_set(actor) else None
    if row is None:
        raise NotFound()
    return {"change", "switch_off" if row[0] else "switch_on"}


def allowed_rule(actor: Actor, rule_id: int) -> set[str]:
    """A rule of a pack is switched off; only one of the centre's own is removed."""
    row = DispatchRule.objects.filter(pk=rule_id).values_list("active", "pack").first() if may_set(actor) else None
    if row is None:
        raise NotFound()
    return ({"switch_off"} if row[0] else set()) | (set() if row[1] else {"remove"})


def allowed_price(actor: Actor, price_id: int) -> set[str]:
    """What may be done to a price, reached by any of its rows."""
    if not may_set(actor) or not Price.objects.filter(pk=price_id).exists():
        raise NotFound()
    return {"change", "end"}


class OrderFacts(NamedTuple):
    """All that the judge needs to know of an order."""

    state: State
    unit_path: str = ""
    handler_id: int | None = None
    returned: bool = False
    ruled: bool = False
    extended: bool = False
    contacted: bool = False
    arrived: bool = False
    asked_by: int | None = None
    helping_paths: tuple[str, ...] = ()
    owed_callback: bool = False


_WORKS = ("orders.open", "orders.handle", "orders.dispatch", "orders.urge", "orders.supervise", "callbacks.do")


def relations(actor: Actor, order: OrderFacts) -> set[Who]:
    """In which relations a person stands to an order."""
    if actor.id is None:
        return {Who.SYSTEM}
    found: set[Who] = set()
    in_scope = bool(order.unit_path) and actor.sees_path(order.unit_path)
    if actor.can("orders.see") or in_scope:
        found.add(Who.READER)
    if actor.can("orders.dispatch"):
        found.add(Who.DISPATCHER)
    if actor.can("orders.handle") and in_scope:
        found.add(Who.UNIT)
    if actor.id == order.handler_id and actor.can("orders.handle"):
        found.add(Who.HANDLER)
    if actor.can("orders.extend") and actor.sees_path(order.unit_path):
        found.add(Who.APPROVER)
    if actor.can("orders.handle") and any(actor.sees_path(path) for path in order.helping_paths):
        found.add(Who.HELPER)
    if actor.can("callbacks.do"):
        found.add(Who.CALLER_BACK)
    return found


def _fits(name: str, actor: Actor, order: OrderFacts) -> bool:
    """What the table of moves cannot say."""
    if name == "return":
        # What somebody works on is given back by himself or by who leads the unit.
        own = order.state != State.WORKING or actor.id == order.handler_id or actor.can("orders.extend")
        return own and not order.returned and not order.ruled
    if name == "note":
        return actor.can_any(*_WORKS)
    if name in {"ask_extension", "ask_suspension"}:
        return order.asked_by is None and not (name == "ask_extension" and order.extended)
    if name in {"grant", "refuse"}:
        return order.asked_by is not None and order.asked_by != actor.id
    if name == "contact":
        return not order.contacted
    if name == "arrive":
        return not order.arrived
    if name == "withdraw_help":
        return bool(order.helping_paths)
    if name == "complete":
        return order.asked_by is None and not order.helping_paths
    if name == "close":
        return not order.owed_callback
    return True


def allowed(actor: Actor, order: OrderFacts) -> set[str]:
    """The commands this person may give to this order now."""
    return {name for name in given(MOVES, order.state, relations(actor, order)) if _fits(name, actor, order)}


def may_press(actor: Actor, order: OrderFacts, owner_id: int | None) -> bool:
    """Whether supervision hears a person who sees the order: who sees it only because the own unit helps presses nobody."""
    near = actor.sees_all or (actor.id is not None and actor.id == owner_id) or actor.sees_path(order.unit_path)
    return near or Who.HELPER not in relations(actor, order)


def require(actor: Actor, order: OrderFacts, command: str) -> None:
    """Pass, or raise: ``NotAllowed`` where the person may never give it, ``Conflict`` where the order does not permit it now."""
    who = relations(actor, order)
    if command == "return" and (order.returned or order.ruled) and MOVES[command].who & who:
        raise Conflict(
            _("This order has been returned once already; the dispatcher's ruling binds. Handle it, or ask your superior for help."),
            code="returned_before",
        )
    moves.require(MOVES, command, allowed=allowed(actor, order), who=who)
