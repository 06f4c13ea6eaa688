"""Reads about urges and supervisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from kefu.cases.supervision.models import HelpCall, Supervision, Urge
from kefu.cases.supervision.policies import CONTACT, CaseFacts
from kefu.kit import hot
from kefu.people import queries as people
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.timeline.queries import visible
from kefu.touch.conversations import queries as conversations


def running(subject_id: int) -> Supervision | None:
    """The supervision that presses a case now."""
    return Supervision.objects.filter(subject_id=subject_id, lifted_at=None).select_related("by").first()


def facts(subject: Subject) -> CaseFacts:
    """What the judge needs of a case."""
    open_, path, owner = subject.closed_at is None, subject.unit_path, subject.owner_id
    if subject.kind != CONTACT:
        return facts_of(subject.pk, open_=open_, unit_path=path, owner_id=owner)
    # In a conversation the superior comes into the talk himself.
    open_ = open_ and not conversations.has_turns(subject.pk)
    return CaseFacts(open_, path, owner, level=None, reply_owed=False, kind=CONTACT, call=_call_of(_waiting(id=subject.pk)))


def facts_of(subject_id: int, *, open_: bool, unit_path: str, owner_id: int | None) -> CaseFacts:
    """The same for a caller that holds the subject's row already."""
    press = next(iter(_pressing(id=subject_id)), None)
    owed = (press is not None and press["replied_at"] is None) or bool(_unanswered(id=subject_id))
    level, call = press["level"] if press else None, _call_of(_waiting(id=subject_id))
    return CaseFacts(open=open_, unit_path=unit_path, owner_id=owner_id, level=level, reply_owed=owed, call=call)


def _call_of(waiting: Iterable[dict[str, Any]]) -> tuple[int, int] | None:
    """Who asked for help, and whom."""
    return next(((one["asked_by_id"], one["superior_id"]) for one in waiting), None)


_waiting = hot.Read(lambda: HelpCall.objects.filter(subject_id=hot.Slot("id"), answered_at=None).values("asked_by_id", "superior_id")[:1])
_pressing = hot.Read(lambda: Supervision.objects.filter(subject_id=hot.Slot("id"), lifted_at=None).values("level", "replied_at")[:1])
_unanswered = hot.Read(lambda: Urge.objects.filter(subject_id=hot.Slot("id"), replied_at=None).values("id")[:1])


NO_PRESS: dict[str, list[dict[str, Any]]] = {"urges": [], "supervisions": []}


def of_subject(subject_id: int) -> dict[str, list[dict[str, Any]]]:
    """All urges and supervisions of a case, newest first."""
    return {"urges": _urges(id=subject_id), "supervisions": _supervisions(id=subject_id)}


def calls(subject_id: int) -> list[dict[str, Any]]:
    """The calls for help about a case or a contact, newest first; the caller has judged that it may be seen."""
    return _calls(id=subject_id)


_CALL = (
    "id", "at", "text", "asked_by_id", "asked_by__name", "superior_id", "superior__name", "answer", "answered_at", "answered_by__name",
)  # fmt: skip
_calls = hot.Read(lambda: HelpCall.objects.filter(subject_id=hot.Slot("id")).order_by("-id").values(*_CALL))


def superiors(actor: Any, _subject_id: int | None) -> list[tuple[int, str]]:
    """Source of choices: whom one asks for help. The own superior first, then all who lead."""
    own = people.superior_of(actor.id) if actor.id else None
    leads = set(people.holders_of_right("conversations.lead")) | ({own} if own else set())
    known = people.briefs(sorted(leads - {actor.id}))
    named = ((pk, f"{row['number']} {row['name']}") for pk, row in known.items())
    return sorted(named, key=lambda pair: (pair[0] != own, pair[1]))


def first_superior(actor: Any, subject_id: int | None) -> dict[str, Any]:
    """What the form for help begins with."""
    known = superiors(actor, subject_id)
    return {"staff_id": known[0][0]} if known else {}


_REPLY = ("id", "at", "by__name", "reply", "replied_at", "replied_by__name")
_urges = hot.Read(lambda: Urge.objects.filter(subject_id=hot.Slot("id")).order_by("-id").values(*_REPLY, "text", "contact_id"))
_supervisions = hot.Read(
    lambda: Supervision.objects.filter(subject_id=hot.Slot("id")).order_by("-id").values(*_REPLY, "level", "demand", "lifted_at")
)


def any_press() -> Q:
    """For a query of cases: whether the case was ever urged or supervised, or help asked for it."""
    kinds = (Urge.objects, Supervision.objects, HelpCall.objects)
    urged, supervised, helped = (Q(Exists(rows.filter(subject_id=OuterRef("pk")))) for rows in kinds)
    return urged | supervised | helped


def facts_among(presses: dict[str, list[dict[str, Any]]], *, open_: bool, unit_path: str, owner_id: int | None) -> CaseFacts:
    """``facts_of`` from what ``of_subject`` gave."""
    pressing = min((one for one in presses["supervisions"] if one["lifted_at"] is None), key=lambda one: one["id"], default=None)
    unanswered = any(one["replied_at"] is None for one in presses["urges"])
    owed = (pressing is not None and pressing["replied_at"] is None) or unanswered
    call = _call_of(one for one in presses.get("calls", ()) if one["answered_at"] is None)
    level = pressing["level"] if pressing else None
    return CaseFacts(open=open_, unit_path=unit_path, owner_id=owner_id, level=level, reply_owed=owed, call=call)


def marks(subject_ids: list[int]) -> dict[int, dict[str, Any]]:
    """For a list: how often each case was urged, at which level it is supervised, and who is asked for help with it (R-01-3.1b)."""
    found: dict[int, dict[str, Any]] = {}
    for row in _urged.of(subject_ids):
        found.setdefault(row["subject_id"], {})["urged"] = row["count"]
    for row in _levels.of(subject_ids):
        found.setdefault(row["subject_id"], {})["level"] = row["level"]
    for row in _asked.of(subject_ids):
        found.setdefault(row["subject_id"], {})["help"] = row["superior__name"]
    return found


_urged = hot.Read(
    lambda count: Urge.objects.filter(subject_id__in=hot.slots(count)).values("subject_id").annotate(count=Count("id")).order_by()
)
_levels = hot.Read(lambda count: Supervision.objects.filter(subject_id__in=hot.slots(count), lifted_at=None).values("subject_id", "level"))
_asked = hot.Read(
    lambda count: HelpCall.objects.filter(subject_id__in=hot.slots(count), answered_at=None).values("subject_id", "superior__name")
)


def supervised(actor: Actor, limit: int = 100) -> list[dict[str, Any]]:
    """The cases under supervision that a person may see."""
    rows = Supervision.objects.filter(visible(actor, "subject__"), lifted_at=None).order_by("-id")
    return [
        dict(row)
        for row in rows.values(
            "subject_id", "subject__number", "subject__kind", "subject__title", "level", "demand", "at", "by__name", "replied_at"
        )[:limit]
    ]
