"""What a list is asked for: a saved view, the filter row, and the builder of the drawer, in one condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from kefu.engines.filters import bar, queries
from kefu.engines.filters.fields import fields_of
from kefu.engines.filters.models import SavedView
from kefu.engines.filters.policies import SHARE
from kefu.engines.filters.words import in_words


@dataclass(frozen=True)
class Asked:
    """``tree`` is the whole condition; ``built`` the part from the drawer; ``filters/_views.html`` draws the rest."""

    kind: str
    path: str
    tree: dict[str, Any]
    built: Any
    words: str
    view: SavedView | None
    mine: bool
    views: list[dict[str, Any]]
    may_share: bool


def asked(request: HttpRequest, kind: str, names: Iterable[str]) -> Asked:
    """Read the address of a list. Raises ``BadTree`` for a condition that does not fit, ``NotFound`` for a view that is not shared."""
    actor = request.actor  # type: ignore[attr-defined]
    fields = fields_of(kind)
    given = request.GET
    built = bar.posted(given, "tree", fields) if "tree" in given or "tree-rows" in given else {}
    number = given.get("view", "")
    view = queries.view(actor, int(number)) if number.isascii() and number.isdecimal() and len(number) < 18 else None
    tree = bar.joined(view.tree if view else {}, bar.read(given, fields, names), built)
    return Asked(
        kind=kind,
        path=request.path,
        tree=tree,
        built=built,
        words=in_words(built, fields) if built else "",
        view=view,
        mine=view is not None and view.owner_id == actor.id,
        views=queries.views(actor, kind),
        may_share=actor.can(SHARE),
    )
