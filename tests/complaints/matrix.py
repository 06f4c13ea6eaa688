"""The whole matrix of complaints: state x situation x post -> commands. ``KEFU_MATRIX=write`` writes matrix.txt."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from kefu.cases.complaints.choices import State
from kefu.cases.complaints.policies import ComplaintFacts, allowed
from kefu.people.actor import Actor

TABLE = Path(__file__).with_suffix(".txt")
UNIT, OTHER = "00010002", "00010003"
HEAD = frozenset({"complaints.see", "complaints.investigate", "complaints.decide", "orders.handle"})
POSTS: dict[str, Actor] = {
    "employee who took it": Actor(1),
    "agent": Actor(2, rights=frozenset({"complaints.see"}), sees_all=True),
    "receptionist, judged it": Actor(3, rights=frozenset({"complaints.receive", "complaints.judge", "callbacks.do"}), sees_all=True),
    "second receptionist": Actor(4, rights=frozenset({"complaints.receive", "complaints.judge"}), sees_all=True),
    "head of the unit": Actor(5, rights=HEAD, path_ranges=((UNIT, UNIT + "~"),)),
    "head elsewhere": Actor(6, rights=HEAD, path_ranges=((OTHER, OTHER + "~"),)),
    "manager": Actor(7, rights=HEAD | {"complaints.receive", "complaints.judge"}, sees_all=True),
    "the one complained of": Actor(8, rights=HEAD | {"complaints.receive", "complaints.judge"}, sees_all=True),
    "administrator": Actor(9, rights=frozenset({"people.manage"})),
}
SITUATIONS: dict[str, dict[str, object]] = {
    "valid, ordinary": {"validity": "valid", "severity": "ordinary"},
    "valid, severe": {"validity": "valid", "severity": "severe"},
    "valid, severe, visited": {"validity": "valid", "severity": "severe", "visited": True},
    "invalid": {"validity": "invalid", "severity": "ordinary"},
    "invalid, confirmed": {"validity": "invalid", "severity": "ordinary", "confirmed": True},
    "contacted, told": {"validity": "valid", "severity": "ordinary", "contacted": True, "told": True},
    "measure unchecked": {"validity": "valid", "severity": "ordinary", "measures": 1, "unchecked": 1},
    "system defect": {"validity": "valid", "severity": "severe", "system_defect": True},
    "overdue": {"validity": "valid", "severity": "ordinary", "overdue": True},
}
BEFORE_VERDICT = {State.RECEIVED, State.CLASSED}


def facts(state: State, situation: str) -> ComplaintFacts:
    made = ComplaintFacts(state, unit_path=UNIT, receiver_id=1, against_id=8, judged_by=3)._replace(**SITUATIONS[situation])
    if state == State.RECEIVED:
        made = made._replace(severity="")
    return made._replace(validity="", judged_by=None, confirmed=False) if state in BEFORE_VERDICT else made


def lines() -> list[str]:
    found = []
    for state, situation in product(State, SITUATIONS):
        for post, actor in POSTS.items():
            names = " ".join(sorted(allowed(actor, facts(state, situation)))) or "-"
            found.append(f"{state.value:<11}{situation:<24}{post:<25}{names}")
    return found
