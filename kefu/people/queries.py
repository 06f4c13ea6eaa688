"""Reads about units and people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from kefu.kit import language, moment
from kefu.people import paths
from kefu.people.models import Deputy, Holding, Staff, Unit


def unit_choices(*, takes_orders: bool | None = None) -> list[tuple[int, str]]:
    """Active units for a select, indented by depth, in tree order."""
    units = Unit.objects.filter(active=True)
    if takes_orders is not None:
        units = units.filter(takes_orders=takes_orders)
    return [(unit.pk, "\u3000" * (len(unit.path) // paths.WIDTH - 1) + unit.name) for unit in units.order_by("path")]


def staff_of_unit(unit_id: int) -> list[tuple[int, str]]:
    """Active people of one unit for a select."""
    return [
        (pk, f"{number} {name}")
        for pk, number, name in Staff.objects.filter(unit_id=unit_id, is_active=True).order_by("number").values_list("pk", "number", "name")
    ]


def superior_of(staff_id: int, levels: int = 1) -> int | None:
    """The person ``levels`` steps up the line: the nearest unit heads above who are not the person (R-04-3.4 uses 2). None at the top."""
    path = Staff.objects.filter(pk=staff_id).values_list("unit__path", flat=True).first()
    if path is None:
        return None
    return head_above(path, levels=levels, apart_from=staff_id)


def head_above(path: str, *, levels: int = 1, apart_from: int | None = None) -> int | None:
    """The head ``levels`` different people up from the unit at ``path`` (its own head is level 1)."""
    heads = dict(Unit.objects.filter(path__in=paths.ancestors(path), head__is_active=True).values_list("path", "head_id"))
    line: list[int] = []
    for above in paths.ancestors(path):
        head = heads.get(above)
        if head is not None and head != apart_from and head not in line:
            line.append(head)
    if not line:
        return None
    return line[min(levels, len(line)) - 1]


def holders(post_code: str, *, path: str | None = None) -> list[int]:
    """Active people who hold a post now; with ``path``, those whose post reaches that unit or stands above it."""
    at = moment.now()
    found = Holding.objects.filter(Q(until=None) | Q(until__gt=at), since__lte=at, post__code=post_code, staff__is_active=True)
    if path is not None:
        found = found.filter(unit__path__in=paths.ancestors(path))
    return list(found.order_by("staff_id").values_list("staff_id", flat=True).distinct())


def holders_of_right(right: str) -> list[int]:
    """Active people with a right. Posts are few, so their rights are looked through in the process."""
    at = moment.now()
    rows = Holding.objects.filter(Q(until=None) | Q(until__gt=at), since__lte=at, staff__is_active=True)
    return sorted({staff for staff, rights in rows.values_list("staff_id", "post__rights") if right in rights})


def stand_ins(staff_id: int) -> list[int]:
    """The person and the deputies standing in now."""
    at = moment.now()
    return [staff_id, *Deputy.objects.filter(staff_id=staff_id, since__lte=at, until__gt=at).values_list("deputy_id", flat=True)]


def reach(staff_ids: list[int]) -> dict[int, int | None]:
    """Who receives what is addressed to ``staff_ids``: the active ones (None) and their active stand-ins (for whom they stand in)."""
    at = moment.now()
    found: dict[int, int | None] = dict.fromkeys(Staff.objects.filter(pk__in=staff_ids, is_active=True).values_list("pk", flat=True))
    deputies = Deputy.objects.filter(staff_id__in=staff_ids, since__lte=at, until__gt=at, deputy__is_active=True)
    for deputy, absent in deputies.order_by("id").values_list("deputy_id", "staff_id"):
        found.setdefault(deputy, absent)
    return found


def briefs(ids: list[int]) -> dict[int, dict[str, Any]]:
    """Number and name by id."""
    return {row["id"]: dict(row) for row in Staff.objects.filter(pk__in=ids).values("id", "number", "name", "unit__name")}


def unit_paths_of(ids: Iterable[int]) -> dict[int, str]:
    """The path of each of these units."""
    return dict(Unit.objects.filter(pk__in=list(ids)).values_list("pk", "path"))


def unit_names(ids: Iterable[int]) -> dict[int, str]:
    """The name of each of these units in the reader's language."""
    rows = Unit.objects.filter(pk__in=list(ids)).values_list("pk", "name", "name_en")
    return {pk: language.pick(name, name_en) for pk, name, name_en in rows}


def staff_choices(limit: int = 500) -> list[tuple[int, str]]:
    """Active people for a select, by number."""
    rows = Staff.objects.filter(is_active=True).order_by("number").values_list("pk", "number", "name")
    return [(pk, f"{number} {name}") for pk, number, name in rows[:limit]]
