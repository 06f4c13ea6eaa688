"""The whole matrix of orders: state x situation x post -> commands. ``KEFU_MATRIX=write`` writes matrix.txt."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from kefu.cases.workorders.choices import State
from kefu.cases.workorders.policies import OrderFacts, allowed
from kefu.people.actor import Actor

TABLE = Path(__file__).with_suffix(".txt")
UNIT, OTHER = "00010002", "00010003"
DESK = frozenset({"contacts.take", "orders.see", "orders.open", "orders.urge"})
POSTS: dict[str, Actor] = {
    "guest of no post": Actor(1),
    "agent": Actor(2, rights=DESK, sees_all=True),
    "callback desk": Actor(3, rights=DESK | {"callbacks.do"}, sees_all=True),
    "dispatcher": Actor(4, rights=DESK | {"orders.dispatch", "orders.extend", "orders.supervise"}, sees_all=True),
    "head of the unit": Actor(5, rights=frozenset({"orders.see", "orders.handle", "orders.extend"}), path_ranges=((UNIT, UNIT + "~"),)),
    "handler of the order": Actor(6, rights=frozenset({"orders.see", "orders.handle"}), path_ranges=((UNIT, UNIT + "~"),)),
    "colleague of the handler": Actor(7, rights=frozenset({"orders.see", "orders.handle"}), path_ranges=((UNIT, UNIT + "~"),)),
    "handler elsewhere": Actor(8, rights=frozenset({"orders.see", "orders.handle"}), path_ranges=((OTHER, OTHER + "~"),)),
    "auditor": Actor(9, rights=frozenset({"orders.see", "audit.see"}), sees_all=True),
    "administrator": Actor(10, rights=frozenset({"people.manage", "settings.manage"})),
}
HANDLED = {State.WORKING, State.SUSPENDED, State.COMPLETED, State.CLOSED, State.ARCHIVED}
SITUATIONS: dict[str, dict[str, object]] = {
    "plain": {},
    "returned and ruled": {"returned": True, "ruled": True},
    "extended": {"extended": True},
    "handler asked": {"asked_by": 6},
    "head asked": {"asked_by": 5},
    "help is owed": {"helping_paths": (OTHER,)},
    "contacted, arrived": {"contacted": True, "arrived": True},
    "callback owed": {"owed_callback": True},
}


def facts(state: State, situation: str) -> OrderFacts:
    owner = 6 if state in HANDLED else None
    return OrderFacts(state, unit_path=UNIT, handler_id=owner)._replace(**SITUATIONS[situation])


def lines() -> list[str]:
    found = []
    for state, situation in product(State, SITUATIONS):
        for post, actor in POSTS.items():
            names = " ".join(sorted(allowed(actor, facts(state, situation)))) or "-"
            found.append(f"{state.value:<11}{situation:<21}{post:<26}{names}")
    return found
