"""The newest subjects in a person's scope, found from their units and not by reading backwards through everybody's.

Every branch is a seek in an index that ends at its limit, so that the cost does not grow with the number of subjects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection
from django.db.models import Q

from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import subject_kinds

MOST_BRANCHES = 300
FEWEST = 20
_STOP = "id < %s ORDER BY id DESC LIMIT %s"


def newest(actor: Actor, kinds: Collection[str] | None, *, before: int, most: int) -> list[int]:
    """Ids below ``before`` of subjects that the person may see, newest first: of the units in scope, own ones, followed ones, open kinds.

    They are proposals; the caller's query judges each of them once more.
    """
    asked = sorted(one.code for one in subject_kinds if kinds is None or one.code in kinds)
    branches = list(_branches(actor, asked))[:MOST_BRANCHES]
    each = max(FEWEST, most // max(1, len(branches) // 2))
    sql = " UNION ALL ".join(f"SELECT id FROM ({branch}) AS found{place}" for place, (branch, _values) in enumerate(branches))
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _branch, values in branches for value in (*values, before, each)])
        return sorted({pk for (pk,) in cursor.fetchall()}, reverse=True)[:most]


def _branches(actor: Actor, kinds: list[str]) -> Iterator[tuple[str, list[Any]]]:
    yield f"SELECT id FROM timeline_subject WHERE owner_id = %s AND {_STOP}", [actor.id]
    followed = _STOP.replace("id", "subject_id")
    yield f"SELECT subject_id AS id FROM timeline_watcher WHERE staff_id = %s AND {followed}", [actor.id]
    opened = {one.code for one in subject_kinds if one.open_to and actor.can(one.open_to)}
    for kind in kinds:
        if kind in opened:
            yield f"SELECT id FROM timeline_subject WHERE kind = %s AND {_STOP}", [kind]
    for path in _paths(actor):
        for kind in kinds:
            if kind not in opened:
                yield f"SELECT id FROM timeline_subject WHERE kind = %s AND unit_path = %s AND {_STOP}", [kind, path]


def _paths(actor: Actor) -> list[str]:
    within = Q(pk__in=[])
    for low, high in actor.path_ranges:
        within |= Q(path__gte=low, path__lt=high)
    return list(Unit.objects.filter(within).order_by("path").values_list("path", flat=True)[:MOST_BRANCHES])
