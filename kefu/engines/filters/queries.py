"""Reads: saved views, the fields of a builder, and a preview of a condition over real rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kefu.engines.filters.bar import ROWS, rows_of
from kefu.engines.filters.choices import Sharing
from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import FieldSet, FieldSpec, field_sets
from kefu.engines.filters.memory import ME
from kefu.engines.filters.models import SavedView
from kefu.engines.filters.tree import NAMED_SPANS
from kefu.engines.filters.words import SPAN_WORDS, in_words, op_word
from kefu.kit import hot, moment
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor
from kefu.people.queries import staff_choices, unit_choices

COUNTED = 100


def visible_to(actor: Actor) -> QuerySet[SavedView]:
    """A person's own views, those shared with the person's unit, and those shared with everybody."""
    mine = Q(owner_id=actor.id) | Q(shared_with=Sharing.ALL)
    return SavedView.objects.filter(mine | Q(shared_with=Sharing.UNIT, unit_id=actor.unit_id or 0))


def views(actor: Actor, kind: str) -> list[dict[str, Any]]:
    """The views of a list for its tabs: own ones first, in their order."""
    return sorted(_views(actor, kind), key=lambda row: row["owner_id"] != actor.id)


def _of_kind(actor: Actor, kind: str) -> QuerySet[SavedView, Any]:
    rows = visible_to(actor).filter(kind=kind).order_by("position", "id")
    return rows.values("id", "name", "tree", "columns", "sort", "shared_with", "icon", "position", "owner_id", "owner__name")[:100]


_views = hot.Read(_of_kind)


def view(actor: Actor, id: int) -> SavedView:  # noqa: A002
    """One view; raises ``NotFound``."""
    found = visible_to(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def view_of(actor: Actor, kind: str, id: int) -> SavedView:  # noqa: A002
    """One view of a kind of record; raises ``NotFound``, also for a view of another kind."""
    found = view(actor, id)
    if found.kind != kind:
        raise NotFound()
    return found


def field_set(actor: Actor, kind: str) -> FieldSet:
    """The declared fields of a kind, for a person who may see such records; raises ``NotFound``."""
    found = field_sets.get(kind)
    if found is None or (found.right and not actor.can(found.right)):
        raise NotFound()
    return found


def _choices(spec: FieldSpec) -> list[list[Any]]:
    if spec.choices:
        return [[code, str(name)] for code, name in spec.choices()]
    if spec.kind == "unit":
        return [[code, name] for code, name in unit_choices()]
    if spec.kind == "staff":
        return [[ME, _("myself")], *([pk, name] for pk, name in staff_choices())]
    return []


def described(fields: dict[str, FieldSpec]) -> list[dict[str, Any]]:
    """The fields as the builder and other systems read them."""
    return [
        {
            "code": spec.code,
            "name": str(spec.name),
            "kind": spec.kind,
            "ops": [[op, op_word(op, spec.kind)] for op in spec.allowed_ops],
            "choices": _choices(spec),
        }
        for spec in fields.values()
    ]


def builder(fields: dict[str, FieldSpec], tree: Any, *, name: str = "tree") -> dict[str, Any]:
    """What ``filters/_builder.html`` draws: the fields for the island, and the rows of the plain form."""
    offered = described(fields)
    flat = rows_of(tree)
    rows = list(flat[1]) if flat else []
    return {
        "name": name,
        "tree": tree or {},
        "words": in_words(tree, fields),
        "fields": offered,
        "ops": list({op: label for field in offered for op, label in field["ops"]}.items()),
        "spans": [[code, str(SPAN_WORDS[code])] for code in NAMED_SPANS],
        "flat": flat is not None,
        "join": flat[0] if flat else "all",
        "rows": [{"field": row["field"], "op": row.get("op", "eq"), "value": _shown(row.get("value"))} for row in rows]
        + [{"field": "", "op": "", "value": ""}] * max(ROWS - len(rows), 0),
    }


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        way = "last" if "last" in value else "next"
        return f"{way} {value[way]} {value['unit']}"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Preview:
    """``count`` stops at 100 (``more`` is set then); ``rows`` are the first ones, newest first."""

    count: int
    more: bool
    rows: list[dict[str, Any]]
    words: str

    @property
    def shown_count(self) -> str:
        return f"{COUNTED}+" if self.more else str(self.count)


def preview(actor: Actor, kind: str, tree: Any, *, limit: int = 10) -> Preview:
    """What a condition finds among the rows this person may see. Raises ``NotFound`` and ``BadTree``."""
    found = field_set(actor, kind)
    if found.rows is None:
        raise NotFound()
    condition = to_q(tree, found.by_code, actor=actor, at=moment.now())
    rows = [dict(row) for row in found.rows(actor).filter(condition).order_by("-pk").values("pk", *found.columns)[: COUNTED + 1]]
    return Preview(min(len(rows), COUNTED), len(rows) > COUNTED, rows[:limit], in_words(tree, found.by_code))
