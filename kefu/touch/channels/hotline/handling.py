"""What the hotline is told and what it says in return: answers, returns, extensions, the word of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import calendars
from kefu.engines.clock import queries as clock_queries
from kefu.engines.clock import services as clock
from kefu.engines.clock.arithmetic import due_at as reckon
from kefu.engines.clock.arithmetic import usual
from kefu.engines.clock.choices import State as Running
from kefu.engines.files import services as stored
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import Actor
from kefu.timeline.services import record_one
from kefu.touch.channels.hotline.choices import Kind, Rated, Solved, Spoken, State, Verdict, Way
from kefu.touch.channels.hotline.models import HotlineOrder, HotlineRound, Told
from kefu.touch.channels.hotline.services import CLAUSE, LIMIT, case_of, given
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Outcome
from kefu.touch.conversations import handling as talks


def _tell(order: HotlineOrder, actor: Actor, kind: Kind, at: datetime, event: str, data: dict[str, Any], **fields: Any) -> Told:
    told = Told.objects.create(order=order, round=order.round, kind=kind, at=at, by_id=actor.person_id, **fields)
    record_one(actor_id=actor.id, subject_id=order.pk, kind=event, data=data, clauses=CLAUSE, at=at)
    return told


def report(
    *, actor: Actor, id: int, text: str, solved: Solved, way: Way, spoken: Spoken = Spoken.PHONE,  # noqa: A002
    spoken_at: datetime | None = None, files: Sequence[int] = (),
) -> HotlineOrder:  # fmt: skip
    """Report the result of this round back to the hotline (答复), with ``files`` (photos, the signed sheet). Raises ``Conflict`` while the
    case behind it is not done."""
    with given(actor, id, "report") as order:
        at = moment.now()
        if spoken_at is not None and spoken_at > at:
            raise Invalid(fields={"spoken_at": _("This time is still to come.")})
        case = case_of(order)
        standing = case[0].standing(case[1]) if case else None
        if standing is not None and not standing.done:
            raise Conflict(_("The case is not completed yet. Complete it first, then report back."), code="case_open")
        enclosed = list(dict.fromkeys(files))
        stored.attach(actor=actor, file_ids=enclosed, subject_id=order.pk)
        _tell(
            order, actor, Kind.ANSWER, at, "hotline.reported", {"text": text[:500], "solved": str(solved), "way": str(way)},
            files=enclosed, text=text, solved=solved, way=way, spoken=spoken, spoken_at=spoken_at, unit=standing.unit if standing else "",
        )  # fmt: skip
        order.state = State.REPORTED
        order.save(update_fields=["state"])
        HotlineRound.objects.filter(order=order, number=order.round).update(reported_at=at)
        clock.reach(subject=order.contact.subject, moments=("reported",), at=at, actor_id=actor.id)
        talks.end_with(actor=actor, contact=order.contact, wrap_up="answered")
        return order


def ask_return(*, actor: Actor, id: int, reason: str, text: str, way: Way) -> HotlineOrder:  # noqa: A002
    """Return the order to the hotline (退单), once and within the window, with a coded reason. The clock runs until it agrees."""
    with given(actor, id, "ask_return") as order:
        at = moment.now()
        _tell(
            order, actor, Kind.RETURN, at, "hotline.return_asked", {"reason": reason, "text": text[:500]},
            text=text, reason=reason, way=way, verdict=Verdict.PENDING,
        )  # fmt: skip
        order.state = State.RETURNING
        order.save(update_fields=["state"])
        return order


def longest(order: HotlineOrder) -> datetime:
    """Until when an extension may be asked at most (setting ``order.outside_extension_workdays`` after the limit)."""
    days = _most_days()
    return reckon(calendars.named("standard"), usual(days, "working_day"), order.due_at) if days > 0 else order.due_at + timedelta(days=366)


def ask_extension(*, actor: Actor, id: int, until: datetime, text: str, way: Way) -> HotlineOrder:  # noqa: A002
    """Ask the hotline for more time (延期), once and before the limit. Nothing moves until it agrees."""
    with given(actor, id, "ask_extension") as order:
        at = moment.now()
        if until <= order.due_at:
            raise Invalid(fields={"until": _("The new time must be later than the present limit.")})
        if until > longest(order):
            raise Invalid(fields={"until": _("The hotline extends by %(days)s working days at most.") % {"days": _most_days()}})
        data = {"until": until.isoformat(), "text": text[:500]}
        _tell(
            order, actor, Kind.EXTENSION, at, "hotline.extension_asked", data,
            text=text, until=until, way=way, verdict=Verdict.PENDING,
        )  # fmt: skip
        return order


def _most_days() -> int:
    return int(setting("order.outside_extension_workdays", default=0))


def decide(*, actor: Actor, id: int, verdict: Verdict, until: datetime | None = None, remark: str = "") -> HotlineOrder:  # noqa: A002
    """Write what the hotline said to a return or an extension."""
    if verdict == Verdict.PENDING:
        raise Invalid(fields={"verdict": _("Choose from the list.")})
    with given(actor, id, "decide") as order:
        at = moment.now()
        asked = Told.objects.select_for_update().get(order=order, verdict=Verdict.PENDING)
        asked.verdict, asked.decided_at, asked.remark = verdict, at, remark
        asked.save(update_fields=["verdict", "decided_at", "remark"])
        data = {"kind": asked.kind, "verdict": str(verdict), "remark": remark}
        record_one(actor_id=actor.id, subject_id=order.pk, kind="hotline.decided", data=data, clauses=CLAUSE, at=at)
        if asked.kind == Kind.RETURN:
            _returned(actor, order, verdict == Verdict.GRANTED, asked.text, at)
        elif verdict == Verdict.GRANTED:
            _extended(actor, order, until or asked.until or order.due_at, asked.text, at)
        return order


def _returned(actor: Actor, order: HotlineOrder, granted: bool, why: str, at: datetime) -> None:
    """Taken back: contact and case end. Refused: it is ours, and cannot be returned again."""
    if not granted:
        order.state, order.ruled = State.OPEN, True
        order.save(update_fields=["state", "ruled"])
        return
    order.state = State.RETURNED
    order.save(update_fields=["state"])
    clock.reach(subject=order.contact.subject, moments=("returned",), at=at, actor_id=actor.id)
    case = case_of(order)
    if case is not None:
        case[0].drop(actor, case[1], why)
    elif order.contact.outcome == Outcome.OPEN:
        contacts.finish(actor=actor, contact=order.contact, outcome=Outcome.REFERRED, referred_to="12345", at=at)
    talks.end_with(actor=actor, contact=order.contact, wrap_up="not_ours")


def _extended(actor: Actor, order: HotlineOrder, until: datetime, why: str, at: datetime) -> None:
    """The limit moves, of the report and of the case."""
    for row in clock_queries.lines(order.pk):
        if row["code"] == LIMIT and row["state"] == Running.RUNNING:
            clock.extend(obligation_id=row["id"], until=until, approved_by=actor.person_id, reason=why, at=at, actor_id=actor.id)
    order.due_at = until
    order.save(update_fields=["due_at"])
    HotlineRound.objects.filter(order=order, number=order.round).update(due_at=until)
    case = case_of(order)
    if case is not None:
        case[0].limit(actor, case[1], until, at)


def rate(*, actor: Actor, id: int, rated: Rated, solved: bool | None = None) -> HotlineOrder:  # noqa: A002
    """What the caller told the hotline when it called back (满意度)."""
    with given(actor, id, "rate") as order:
        at = moment.now()
        HotlineRound.objects.filter(order=order, number=order.round).update(rated=rated, solved=solved, rated_at=at)
        record_one(actor_id=actor.id, subject_id=order.pk, kind="hotline.rated", data={"rated": str(rated)}, clauses=CLAUSE, at=at)
        return order
