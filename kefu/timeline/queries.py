"""Reads: which subjects a person may see, and the history of one."""

from __future__ import annotations

from typing import Any, Protocol

from django.db.models import Exists, OuterRef, Q, QuerySet

from kefu.kit import hot
from kefu.kit.paging import Page, after, cut
from kefu.timeline import registry
from kefu.timeline.choices import Audience, Secrecy
from kefu.timeline.models import Event, Note, Subject, Watcher


class Viewer(Protocol):
    """What the line needs to know of a person."""

    @property
    def id(self) -> int | None: ...
    @property
    def sees_all(self) -> bool: ...
    @property
    def path_ranges(self) -> tuple[tuple[str, str], ...]: ...
    def can(self, right: str) -> bool: ...


def takes_part(viewer: Viewer, prefix: str = "") -> Q:
    """The subjects a person owns or follows."""
    watched = Watcher.objects.filter(staff_id=viewer.id or 0).values("subject_id")
    return Q(**{f"{prefix}owner_id": viewer.id}) | Q(**{f"{prefix}pk__in": watched})


def visible(viewer: Viewer, prefix: str = "", *, kind: str | None = None) -> Q:
    """The condition on a subject (reached by ``prefix``, e.g. "subject__") under which ``viewer`` may see it.

    ``kind`` says that only subjects of that kind are asked for, which keeps the condition small.
    """
    if viewer.sees_all and viewer.can("secrets.see"):
        return Q()
    part = takes_part(viewer, prefix)
    if viewer.sees_all:
        scope = Q()
    else:
        scope = part
        for low, high in viewer.path_ranges:
            scope |= Q(**{f"{prefix}unit_path__gte": low, f"{prefix}unit_path__lt": high})
        opened = [one.code for one in registry.subject_kinds if one.open_to and viewer.can(one.open_to)]
        if kind is None and opened:
            scope |= Q(**{f"{prefix}kind__in": opened})
        elif kind in opened:
            scope = Q()
    if viewer.can("secrets.see"):
        return scope
    return scope & (Q(**{f"{prefix}secrecy": Secrecy.ORDINARY}) | part)


def visible_to(viewer: Viewer) -> QuerySet[Subject]:
    return Subject.objects.filter(visible(viewer))


def kind_of(subject_id: int) -> str | None:
    """The kind of a subject, or None; says nothing about who may see it."""
    return Subject.objects.filter(pk=subject_id).values_list("kind", flat=True).first()


def lock(subject_id: int) -> bool:
    """Hold the row until the transaction ends, so that one thing about a subject is written once; False if there is none."""
    return Subject.objects.select_for_update(no_key=True).filter(pk=subject_id).values_list("pk").first() is not None


def history(subject_id: int, *, audiences: tuple[str, ...] = (Audience.CUSTOMER, Audience.STAFF), limit: int = 200) -> list[dict[str, Any]]:
    """The events of one subject, newest first; the caller has judged that the subject may be seen."""
    return _history(audiences, limit, id=subject_id)


def history_page(
    subject_ids: list[int], *, audiences: tuple[str, ...] = (Audience.CUSTOMER, Audience.STAFF), cursor: str | None = None, size: int = 50
) -> Page[dict[str, Any]]:
    """One page of the events of several subjects together, newest first, by one statement; the caller has judged that they may be seen."""
    one: dict[str, Any] = {"subject_id": subject_ids[0]} if len(subject_ids) == 1 else {"subject_id__in": subject_ids}
    rows = after(Event.objects.filter(**one, audience__in=audiences), keys=("-id",), cursor=cursor)
    return cut([dict(row) for row in rows.values("subject_id", *_EVENT)[: size + 1]], size=size, key=lambda row: [row["id"]])


_EVENT = ("id", "kind", "at", "data", "audience", "clauses", "actor__name", "actor__number")


def _events(audiences: tuple[str, ...], limit: int) -> QuerySet[Event, Any]:
    rows = Event.objects.filter(subject_id=hot.Slot("id"), audience__in=audiences).order_by("-id")
    return rows.values("id", "kind", "at", "data", "audience", "clauses", "actor__name", "actor__number")[:limit]


_history = hot.Read(_events)


def last_of(subject_id: int, kinds: tuple[str, ...]) -> Event | None:
    """The newest event of these kinds on one subject; says nothing about who may see it."""
    return Event.objects.filter(subject_id=subject_id, kind__in=kinds).order_by("-id").first()


def of_settings(kinds: tuple[str, ...], code: str = "", limit: int = 30) -> list[dict[str, Any]]:
    """Changes of settings of these kinds, newest first, whoever made them; with ``code`` those of one row. The caller has judged."""
    rows = Event.objects.filter(kind__in=kinds)
    if code:
        rows = rows.filter(data__code=code)
    found = rows.order_by("-at", "-id").values(*_EVENT)[:limit]
    return [dict(row) for row in found]


def notes(subject_id: int) -> list[dict[str, Any]]:
    return _notes(id=subject_id)


_NOTE = ("id", "text", "at", "author__name", "author__number")
_notes = hot.Read(lambda: Note.objects.filter(subject_id=hot.Slot("id"), voided_at=None).order_by("id").values(*_NOTE))


def any_note() -> Exists:
    """For a query of cases: whether somebody noted something."""
    return Exists(Note.objects.filter(subject_id=OuterRef("pk"), voided_at=None))


def led_to(viewer: Viewer, ids: list[int]) -> list[dict[str, Any]]:
    """The cases among ``ids`` that a person may see, newest first: number, kind, title, whether still open."""
    rows = visible_to(viewer).filter(pk__in=ids).order_by("-id")
    return [dict(row) for row in rows.values("id", "kind", "number", "title", "opened_at", "closed_at")]
