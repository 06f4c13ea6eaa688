"""Reads about urges and supervisions."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from kefu.cases.supervision.models import Supervision, Urge
from kefu.cases.supervision.policies import CaseFacts
from kefu.kit import hot
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.timeline.queries import visible


def running(subject_id: int) -> Supervision | None:
    """The supervision that presses a case now."""
    return Supervision.objects.filter(subject_id=subject_id, lifted_at=None).select_related("by").first()


def facts(subject: Subject) -> CaseFacts:
    """What the judge needs of a case."""
    return facts_of(subject.pk, open_=subject.closed_at is None, unit_path=subject.unit_path, owner_id=subject.owner_id)


def facts_of(subject_id: int, *, open_: bool, unit_path: str, owner_id: int | None) -> CaseFacts:
    """The same for a caller that holds the subject's row already."""
    press = next(iter(_pressing(id=subject_id)), None)
    owed = (press is not None and press["replied_at"] is None) or bool(_unanswered(id=subject_id))
    return CaseFacts(open=open_, unit_path=unit_path, owner_id=owner_id, level=press["level"] if press else None, reply_owed=owed)


_pressing = hot.Read(lambda: Supervision.objects.filter(subject_id=hot.Slot("id"), lifted_at=None).values("level", "replied_at")[:1])
_unanswered = hot.Read(lambda: Urge.objects.filter(subject_id=hot.Slot("id"), replied_at=None).values("id")[:1])


NO_PRESS: dict[str, list[dict[str, Any]]] = {"urges": [], "supervisions": []}


def of_subject(subject_id: int) -> dict[str, list[dict[str, Any]]]:
    """All urges and supervisions of a case, newest first."""
    return {"urges": _urges(id=subject_id), "supervisions": _supervisions(id=subject_id)}


_REPLY = ("id", "at", "by__name", "reply", "replied_at", "replied_by__name")
_urges = hot.Read(lambda: Urge.objects.filter(subject_id=hot.Slot("id")).order_by("-id").values(*_REPLY, "text", "contact_id"))
_supervisions = hot.Read(
    lambda: Supervision.objects.filter(subject_id=hot.Slot("id")).order_by("-id").values(*_REPLY, "level", "demand", "lifted_at")
)


def any_press() -> Q:
    """For a query of cases: whether the case was ever urged or supervised."""
    return Exists(Urge.objects.filter(subject_id=OuterRef("pk"))) | Exists(Supervision.objects.filter(subject_id=OuterRef("pk")))


def facts_among(presses: dict[str, list[dict[str, Any]]], *, open_: bool, unit_path: str, owner_id: int | None) -> CaseFacts:
    """``facts_of`` from what ``of_subject`` gave."""
    pressing = min((one for one in presses["supervisions"] if one["lifted_at"] is None), key=lambda one: one["id"], default=None)
    unanswered = any(one["replied_at"] is None for one in presses["urges"])
    owed = (pressing is not None and pressing["replied_at"] is None) or unanswered
    return CaseFacts(open=open_, unit_path=unit_path, owner_id=owner_id, level=pressing["level"] if pressing else None, reply_owed=owed)


def marks(subject_ids: list[int]) -> dict[int, dict[str, Any]]:
    """For a list: how often each case was urged and at which level it is supervised."""
    found: dict[int, dict[str, Any]] = {}
    for row in _urged.of(subject_ids):
        found.setdefault(row["subject_id"], {})["urged"] = row["count"]
    for row in _levels.of(subject_ids):
        found.setdefault(row["subject_id"], {})["level"] = row["level"]
    return found


_urged = hot.Read(
    lambda count: Urge.objects.filter(subject_id__in=hot.slots(count)).values("subject_id").annotate(count=Count("id")).order_by()
)
_levels = hot.Read(lambda count: Supervision.objects.filter(subject_id__in=hot.slots(count), lifted_at=None).values("subject_id", "level"))


def supervised(actor: Actor, limit: int = 100) -> list[dict[str, Any]]:
    """The cases under supervision that a person may see."""
    rows = Supervision.objects.filter(visible(actor, "subject__"), lifted_at=None).order_by("-id")
    return [
        dict(row)
        for row in rows.values(
            "subject_id", "subject__number", "subject__kind", "subject__title", "level", "demand", "at", "by__name", "replied_at"
        )[:limit]
    ]
