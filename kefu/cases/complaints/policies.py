"""The judge of complaints: which commands a person may give now, and who may know the complainant."""

from __future__ import annotations

from typing import NamedTuple

from kefu.cases.complaints.choices import MOVES, Severity, State, Validity, Who
from kefu.kit import moves
from kefu.kit.moves import given
from kefu.people.actor import Actor


class ComplaintFacts(NamedTuple):
    """All that the judge needs to know of a complaint."""

    state: State
    unit_path: str = ""
    receiver_id: int | None = None
    against_id: int | None = None
    severity: str = ""
    validity: str = ""
    judged_by: int | None = None
    confirmed: bool = False
    contacted: bool = False
    analysed: bool = False
    measures: int = 0
    unchecked: int = 0
    visited: bool = False
    told: bool = False
    system_defect: bool = False
    reviewed: bool = False
    overdue: bool = False
    owing: tuple[int, ...] = ()
    concerned_path: str = ""
    asked: tuple[int, ...] = ()
    found_liable: tuple[int, ...] = ()
    unsettled: int = 0


def relations(actor: Actor, case: ComplaintFacts) -> set[Who]:
    """In which relations a person stands to a complaint. The one complained of only reads and does his measures (R-02F-4.1)."""
    if actor.id is None:
        return {Who.SYSTEM}
    found = {Who.READER, *_owes(actor.id, case)}
    if actor.id == case.against_id:
        return found
    in_scope = bool(case.unit_path) and actor.sees_path(case.unit_path)
    if actor.can("complaints.receive"):
        found.add(Who.CENTRE)
    if actor.can("complaints.judge"):
        found.add(Who.JUDGE)
        if actor.id != case.judged_by:
            found.add(Who.SECOND)
    if actor.can("complaints.decide") and actor.sees_all:
        found.add(Who.MANAGER)
        if actor.id != case.judged_by:
            found.add(Who.SECOND)
    if actor.can("complaints.investigate") and in_scope:
        found.add(Who.INVESTIGATOR)
    if actor.can("complaints.decide") and in_scope:
        found.add(Who.DECIDER)
    if actor.id == case.receiver_id:
        found.add(Who.RECEIVER)
    if actor.can("callbacks.do"):
        found.add(Who.CALLER_BACK)
    return found


def _owes(person_id: int, case: ComplaintFacts) -> set[Who]:
    """What is asked of a person by name: a measure, or his word on a responsibility."""
    return ({Who.OWNER} if person_id in case.owing else set()) | ({Who.LIABLE} if person_id in case.asked else set())


def _fits(name: str, case: ComplaintFacts) -> bool:
    """What the table of moves cannot say."""
    valid, invalid = case.validity == Validity.VALID, case.validity == Validity.INVALID
    match name:
        case "contact":
            return not case.contacted
        case "confirm_verdict" | "overrule":
            return invalid and not case.confirmed
        case "explain":
            return invalid
        case "analyse" | "decide" | "measure" | "hold_liable":
            return valid
        case "check_measure":
            return case.unchecked > 0
        case "waive_visit":
            return valid and case.severity == Severity.SEVERE and not case.visited
        case "tell":
            return not case.told
        case "settle_liability":
            return case.unsettled > 0
        case "review":
            return case.system_defect and not case.reviewed
        case "report_past":
            return case.overdue
    return True


def allowed(actor: Actor, case: ComplaintFacts) -> set[str]:
    """The commands this person may give to this complaint now."""
    return {name for name in given(MOVES, case.state, relations(actor, case)) if _fits(name, case)}


def may_close(actor: Actor, case: ComplaintFacts) -> bool:
    """Whether a person may try to close it; what is still missing is said then."""
    return case.state == State.DECIDED and actor.can("complaints.receive") and actor.id != case.against_id


def require(actor: Actor, case: ComplaintFacts, command: str) -> None:
    """Pass, or raise ``NotAllowed`` or ``Conflict``."""
    moves.require(MOVES, command, allowed=allowed(actor, case), who=relations(actor, case))


def knows_complainant(actor: Actor, case: ComplaintFacts) -> bool:
    """Who complains is told to the centre and to the receiver, never to the one complained of or to his unit (domain: secrecy).

    A post of the centre makes no difference to somebody of that unit: rights are held, a place in the matter is not left.
    """
    if actor.id is not None and actor.id == case.against_id:
        return False
    if actor.id is not None and actor.id == case.receiver_id:
        return True
    if actor.id in case.found_liable or is_concerned(actor, case.concerned_path):
        return False
    if actor.can_any("complaints.receive", "complaints.judge", "callbacks.do"):
        return True
    # The head of a department decides its complaints, too; only who decides over all departments is the centre.
    return actor.can("complaints.decide") and actor.sees_all


def is_concerned(actor: Actor, path: str) -> bool:
    """Whether a person belongs to the unit that is complained of, or holds a post in it."""
    if not path:
        return False
    return actor.unit_path.startswith(path) or any(low.startswith(path) for low, _high in actor.path_ranges)
