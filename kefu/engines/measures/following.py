"""Past days follow what happens to their cases: late closings, verdicts, corrections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from kefu.engines.measures import services
from kefu.engines.measures.counted import Counted, Joined
from kefu.engines.measures.models import FilledDay, Followed
from kefu.engines.measures.period import today
from kefu.engines.measures.registry import Measure, measures
from kefu.kit import moment
from kefu.timeline import feed
from kefu.timeline.feed import Bookmark
from kefu.timeline.models import Event

BATCH = 2000
MOST = 20 * BATCH


def skip() -> None:
    """The roll-ups stand where the events end (all days were filled just now)."""
    _stand(feed.end())


def follow() -> int:
    """Roll up anew the past days of the cases to which something happened since the last time; the answer is the number of days.

    A case counts on days on which something happened to it, and on those its rows say (a limit on the day it is due). Days that are not
    rolled up are left alone: they are counted from the rows.
    """
    row = Followed.objects.filter(pk=1).first()
    stood = Bookmark.parse(row.bookmark) if row else None
    if stood is None:
        skip()
        return 0
    subjects: set[int] = set()
    reached = stood
    for _turn in range(MOST // BATCH):
        entries = feed.read(reached, BATCH)
        subjects |= {one.subject_id for one in entries}
        if len(entries):
            reached = entries[-1].bookmark
        if len(entries) < BATCH:
            break
    if reached == stood:
        return 0
    filled = refill(days_of(sorted(subjects)))
    _stand(reached)  # last: what was interrupted is done again
    return filled


def _stand(at: Bookmark) -> None:
    Followed.objects.update_or_create(pk=1, defaults={"bookmark": str(at), "at": moment.now()})


def days_of(subjects: list[int]) -> set[date]:
    """The past days on which these subjects count, or may have counted before they were changed."""
    zone = timezone.get_default_timezone()
    found: set[date] = set()
    kinds = {(one.rows().model, one.stamp, one.subject) for one in _counted()} - {(Event, "at", "subject_id")}
    for start in range(0, len(subjects), 500):
        ids = subjects[start : start + 500]
        stamps = set(Event.objects.filter(subject_id__in=ids).values_list("at", flat=True))
        for model, stamp, subject in kinds:
            among = model._default_manager.filter(**{f"{subject}__in": ids})
            stamps |= set(among.order_by().values_list(stamp, flat=True).distinct())
        found |= {timezone.localtime(at, zone).date() for at in stamps if at is not None}
    return {day for day in found if day < today()}


def _counted() -> Iterable[Counted]:
    for found in measures:
        if isinstance(found.source, Counted | Joined):
            yield from (term.counted for term in found.source.terms)


def refill(days: set[date]) -> int:
    """Roll these days up anew, as far as they are rolled up; how many days that were."""
    if not days:
        return 0
    follows = {one.code: one for one in measures if isinstance(one.source, Counted | Joined)}
    held = FilledDay.objects.filter(measure__in=list(follows), day__in=days)
    by_day: dict[date, list[Measure]] = {}
    for code, day in held.order_by("day", "measure").values_list("measure", "day"):
        by_day.setdefault(day, []).append(follows[code])
    for day, found in by_day.items():
        services.fill_many(found, day, day)
    return len(by_day)
