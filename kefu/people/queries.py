"""Reads about units and people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db.models import BigIntegerField, Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from kefu.kit import hot, initials, language, moment, paging
from kefu.kit.errors import NotFound
from kefu.people import paths
from kefu.people.actor import Actor
from kefu.people.models import ApiToken, Deputy, Holding, Post, Staff, Unit
from kefu.people.registry import rights as declared


def unit_choices(*, takes_orders: bool | None = None) -> list[tuple[int, str]]:
    """Active units for a select, indented by depth, in tree order."""
    units = Unit.objects.filter(active=True)
    if takes_orders is not None:
        units = units.filter(takes_orders=takes_orders)
    return [
        (pk, "\u3000" * (len(path) // paths.WIDTH - 1) + language.pick(name, name_en))
        for pk, path, name, name_en in units.order_by("path").values_list("pk", "path", "name", "name_en")
    ]


def staff_of_unit(unit_id: int) -> list[tuple[int, str]]:
    """Active people of one unit for a select."""
    return [
        (pk, f"{number} {name}")
        for pk, number, name in Staff.objects.filter(unit_id=unit_id, is_active=True).order_by("number").values_list("pk", "number", "name")
    ]


def staff_like(words: str, limit: int = 20) -> list[tuple[int, str]]:
    """Active people whose number starts with ``words`` or whose name holds them, for a picker."""
    rows = Staff.objects.filter(is_active=True).order_by("number")
    if words:
        rows = rows.filter(Q(number__startswith=words) | Q(name__contains=words))
    return [(pk, f"{number} {name}") for pk, number, name in rows.values_list("pk", "number", "name")[:limit]]


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
    found: dict[int, int | None] = {}
    values = {f"id{place}": one for place, one in enumerate(staff_ids)}
    for row in sorted(_receiving(len(staff_ids), at=at, **values), key=itemgetter("entry")) if staff_ids else ():
        found.setdefault(row["who"], row["absent"])
    return found


def _reached(count: int) -> QuerySet[Any, Any]:
    """The people themselves come first (entry 0), then who stands in, the older entry before the younger."""
    at, nobody = hot.Slot("at", DateTimeField()), Value(None, BigIntegerField())
    selves = Staff.objects.filter(pk__in=hot.slots(count), is_active=True).values(
        who=F("id"), absent=nobody, entry=Value(0, BigIntegerField())
    )
    rows = Deputy.objects.filter(staff_id__in=hot.slots(count), since__lte=at, until__gt=at, deputy__is_active=True)
    return selves.union(rows.values(who=F("deputy_id"), absent=F("staff_id"), entry=F("id")), all=True)


_receiving = hot.Read(_reached)


def named(_actor: object, ids: Iterable[Any]) -> list[tuple[int, str]]:
    """How these people are called in a list to choose from; what is no id is nobody."""
    known = [int(one) for one in map(str, ids) if one.isdecimal() and len(one) < 19]
    return [(pk, f"{row['number']} {row['name']}") for pk, row in briefs(known).items()]


def briefs(ids: list[int]) -> dict[int, dict[str, Any]]:
    """Number and name by id."""
    return {row["id"]: dict(row) for row in Staff.objects.filter(pk__in=ids).values("id", "number", "name")}


def unit_paths_of(ids: Iterable[int]) -> dict[int, str]:
    """The path of each of these units."""
    return dict(Unit.objects.filter(pk__in=list(ids)).values_list("pk", "path"))


def unit_names(ids: Iterable[int]) -> dict[int, str]:
    """The name of each of these units in the reader's language."""
    rows = Unit.objects.filter(pk__in=list(ids)).values_list("pk", "name", "name_en")
    return {pk: language.pick(name, name_en) for pk, name, name_en in rows}


def unit_name_of_code(code: str) -> str:
    """What the unit with a code is called in the reader's language; the code where there is none."""
    found = Unit.objects.filter(code=code).values_list("name", "name_en").first()
    return language.pick(*found) if found else code


def staff_choices(limit: int = 500) -> list[tuple[int, str]]:
    """Active people for a select, by number."""
    rows = Staff.objects.filter(is_active=True).order_by("number").values_list("pk", "number", "name")
    return [(pk, f"{number} {name}") for pk, number, name in rows[:limit]]


def holdings_of(staff_id: int, *, past: bool = False) -> list[dict[str, Any]]:
    """The posts a person holds now (with ``past`` those that ended, newest first)."""
    at = moment.now()
    running = Q(until=None) | Q(until__gt=at)
    rows = Holding.objects.filter(~running if past else running, staff_id=staff_id).order_by("-since", "id")
    fields = ("id", "post__code", "post__name", "post__name_en", "post__alias", "post__scope", "unit_id", "since", "until")
    held = rows.values(*fields, "unit__name", "unit__name_en")[:100]
    return language.spoken([dict(row) | {"post": post_name(row)} for row in held], "unit__name")


def post_name(row: dict[str, Any], prefix: str = "post__") -> str:
    """What a post is called here: the site's own word first."""
    return row[f"{prefix}alias"] or language.pick(row[f"{prefix}name"], row[f"{prefix}name_en"])


def deputies_of(staff_id: int) -> list[dict[str, Any]]:
    """Who stands in for a person now or later."""
    rows = Deputy.objects.filter(staff_id=staff_id, until__gt=moment.now()).order_by("since", "id")
    return [dict(row) for row in rows.values("id", "deputy__number", "deputy__name", "since", "until")]


def tokens_of(staff_id: int) -> list[dict[str, Any]]:
    """The keys of a person that still open something."""
    rows = ApiToken.objects.filter(staff_id=staff_id, revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=moment.now()))
    return [dict(row) for row in rows.order_by("-id").values("id", "name", "rights", "created_at", "expires_at")]


def staff_visible_to(actor: Actor) -> QuerySet[Staff]:
    """All accounts for who manages them; those in the data scope for who may see the lists; else one's own."""
    if actor.can("people.manage") or (actor.can("people.see") and actor.sees_all):
        return Staff.objects.all()
    seen = Q(pk=actor.id or 0)
    if actor.can("people.see"):
        for low, high in actor.path_ranges:
            seen |= Q(unit__path__gte=low, unit__path__lt=high)
    return Staff.objects.filter(seen)


STAFF_ROW = (
    "id", "number", "name", "username", "unit_id", "unit__name", "unit__name_en", "is_active", "last_login", "must_change_password",
    "totp_since",
)  # fmt: skip


def staff_list(
    actor: Actor, *, q: str = "", unit_id: int | None = None, closed: bool = False, cursor: str | None = None, size: int = 50
) -> paging.Page[dict[str, Any]]:
    """One page of accounts by agent number. ``q`` is a part of number, name or user name; ``unit_id`` takes the unit and all below."""
    query = staff_visible_to(actor).filter(is_active=not closed)
    if q:
        query = query.filter(Q(number__istartswith=q) | Q(name__icontains=q) | Q(username__icontains=q))
    if unit_id is not None:
        low, high = paths.below(Unit.objects.values_list("path", flat=True).filter(pk=unit_id).first() or "0")
        query = query.filter(unit__path__gte=low, unit__path__lt=high)
    rows = [dict(row) for row in paging.after(query, keys=("number",), cursor=cursor).values(*STAFF_ROW)[: size + 1]]
    return paging.cut(language.spoken(rows, "unit__name"), size=size, key=lambda row: [row["number"]])


def staff_row(actor: Actor, staff_id: int) -> dict[str, Any]:
    """One account; raises ``NotFound`` out of sight."""
    row = staff_visible_to(actor).filter(pk=staff_id).values(*STAFF_ROW, "phone", "email", "created_at", "subject_id").first()
    if row is None:
        raise NotFound()
    return language.spoken([dict(row)], "unit__name")[0]


def find_colleagues(q: str, limit: int = 20) -> list[tuple[int, str]]:
    """Active people whose number or name holds ``q``, for pickers."""
    found = Staff.objects.filter(Q(number__istartswith=q) | Q(name__icontains=q), is_active=True).order_by("number")
    rows = found.values_list("pk", "number", "name", "unit__name", "unit__name_en")[:limit]
    return [(pk, f"{number} {name} · {language.pick(*unit)}") for pk, number, name, *unit in rows]


HOLDER = ("id", "number", "name", "unit_id", "unit__name", "unit__name_en")


def find_holders(
    rights: Iterable[str], q: str = "", limit: int = 20, *, but: Iterable[int] = (), first: Sequence[Combinable] = ()
) -> list[dict[str, Any]]:
    """Active people with these rights, none of ``but``: whose number begins with ``q``, whose name holds it, or the first letters of the
    name do ("cj" for 陈静). By ``first`` (what is least comes first), then by number; a ``q`` that is in words comes before letters."""
    rows = Staff.objects.filter(is_active=True).exclude(pk__in=list(but)).order_by(*first, "number").values(*HOLDER)
    posts = dict(Post.objects.values_list("pk", "rights"))
    at = moment.now()
    for right in rights:
        giving = [pk for pk, given in posts.items() if right in given]
        running = Holding.objects.filter(Q(until=None) | Q(until__gt=at), post_id__in=giving, since__lte=at)
        rows = rows.filter(Exists(running.filter(staff=OuterRef("pk"))))
    spoken = Q(number__istartswith=q) | Q(name__icontains=q)
    found = [dict(row) for row in (rows.filter(spoken) if q else rows)[:limit]]
    if len(found) == limit or not q.isascii() or not q.isalpha():
        return found
    # A name is found by its letters only by reading it, and a centre has few thousand names.
    more = islice((row for row in rows.exclude(spoken).iterator() if q.casefold() in initials.initials(row["name"])), limit - len(found))
    return found + [dict(row) for row in more]


def unit_rows() -> list[dict[str, Any]]:
    """The tree in order, with depth, head and how many active people belong to each unit."""
    fields = ("id", "parent_id", "code", "name", "name_en", "kind", "path", "active", "takes_orders", "bound", "head_id", "head__number")
    rows = Unit.objects.order_by("path").annotate(people=Count("staff", filter=Q(staff__is_active=True)))
    return [dict(row) | {"depth": len(row["path"]) // paths.WIDTH} for row in rows.values(*fields, "head__name", "people")]


def unit_row(unit_id: int) -> dict[str, Any]:
    """One unit of the tree; raises ``NotFound``."""
    row = next((row for row in unit_rows() if row["id"] == unit_id), None)
    if row is None:
        raise NotFound()
    return row


def post_rows() -> list[dict[str, Any]]:
    """Every post with its rights and how many hold it now."""
    running = Q(holdings__until=None) | Q(holdings__until__gt=moment.now())
    rows = Post.objects.order_by("id").annotate(held=Count("holdings", filter=running & Q(holdings__staff__is_active=True)))
    return [dict(row) for row in rows.values("id", "code", "name", "name_en", "alias", "rights", "scope", "clauses", "held")]


def post_choices() -> list[tuple[int, str]]:
    return [(row["id"], post_name(dict(row), "")) for row in Post.objects.order_by("id").values("id", "name", "name_en", "alias")]


def post_codes() -> list[tuple[str, str]]:
    """The posts by code, as rules name them."""
    return [(row["code"], post_name(dict(row), "")) for row in Post.objects.order_by("id").values("code", "name", "name_en", "alias")]


def head_choices(actor: Actor, unit_id: int | None) -> list[tuple[int, str]]:
    """Who may head a unit: people of the unit and of those around it come first, the present head always."""
    rows = Staff.objects.filter(Q(is_active=True) | Q(heads=unit_id)).order_by("number").distinct()
    own = Unit.objects.values_list("path", flat=True).filter(pk=unit_id or 0).first() or ""
    fields = rows.values_list("pk", "number", "name", "unit__path", "heads", "unit__name", "unit__name_en")[:2000]
    near = sorted(fields, key=lambda row: (row[4] != unit_id, not row[3].startswith(own[: -paths.WIDTH]), row[1]))
    return list({pk: f"{number} {name} · {language.pick(*unit)}" for pk, number, name, _path, _heads, *unit in near[:500]}.items())


def holding_choices(actor: Actor, staff_id: int | None) -> list[tuple[int, str]]:
    return [(row["id"], f"{row['post']} · {row['unit__name']}") for row in holdings_of(staff_id or 0)]


def right_choices(actor: Actor, _id: int | None) -> list[tuple[str, str]]:
    """The rights a person holds."""
    return [(right.code, f"{right.name} ({right.code})") for right in declared if actor.can(right.code)]


def staff_below(path: str) -> list[tuple[int, str]]:
    """Active people of a unit and the units below it, for a select."""
    low, high = paths.below(path)
    rows = Staff.objects.filter(is_active=True, unit__path__gte=low, unit__path__lt=high).order_by("number")
    return [(pk, f"{number} {name}") for pk, number, name in rows.values_list("pk", "number", "name")]


def units_for_orders(actor: object, id: int | None) -> list[tuple[int, str]]:
    """Source of choices: the units that take orders."""
    return unit_choices(takes_orders=True)


def all_staff(actor: object, id: int | None) -> list[tuple[int, str]]:
    """Source of choices: every active person, by agent number."""
    rows = Staff.objects.filter(is_active=True).order_by("number").values_list("pk", "number", "name")
    return [(pk, f"{number} {name}") for pk, number, name in rows]
