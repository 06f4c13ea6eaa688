"""Planning a section whose rows are rows of one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from django.db import models

from kefu.engines.rulebook.registry import Change, PackContext, RuleRow

Row = TypeVar("Row", bound=RuleRow)
MAX_SHOWN = 60


def plan_table(
    kind: str,
    rows: list[Row],
    context: PackContext,
    *,
    model: type[models.Model],
    values: Callable[[Row], dict[str, Any]],
    key: str = "code",
    drop: dict[str, Any] | None = None,
) -> list[Change]:
    """Changes that make the table hold ``rows``. ``values(row)`` gives the columns to compare and write; look up related rows by
    ``<relation>__code`` there (they may be written by an earlier section of the same loading). With ``drop``, rows of this pack
    (column ``pack``) that are no longer in it get these columns ({"valid": False}).
    """
    manager = model._default_manager
    wanted = [values(row) for row in rows]
    columns = sorted({name for one in wanted for name in one} | set(drop or ()))
    stored = {one[key]: one for one in manager.values(key, *columns)} if rows or drop else {}
    changes = [_change(kind, row, one, stored.get(row.code), model, key, context.pack_code) for row, one in zip(rows, wanted, strict=True)]
    if drop:
        here = {row.code for row in rows} | context.elsewhere.get(kind, frozenset())
        held = manager.filter(pack=context.pack_code).exclude(**drop).values_list(key, flat=True)
        for code in sorted(set(held) - here):
            changes.append(Change(kind, code, "gone", apply=partial(_write, model, key, code, drop, None)))
    return changes


def _change(
    kind: str, row: RuleRow, wanted: dict[str, Any], held: dict[str, Any] | None, model: type[models.Model], key: str, pack: str
) -> Change:
    clauses = tuple(row.clauses)
    if held is None:
        return Change(kind, row.code, "new", str(getattr(row, "name", "")), partial(_make, model, key, row.code, wanted, pack), clauses)
    differs = {name: value for name, value in wanted.items() if held[name] != value}
    if not differs:
        return Change(kind, row.code, "same", clauses=clauses)
    shown = "; ".join(f"{name.partition('__')[0]}: {short(held[name])} → {short(value)}" for name, value in differs.items())
    return Change(kind, row.code, "changed", shown, partial(_write, model, key, row.code, differs, pack), clauses)


def _write(model: type[models.Model], key: str, code: str, values: dict[str, Any], pack: str | None) -> None:
    """Change the row with this code."""
    columns = dict(related(model, values)) | _packed(model, pack)
    lookup: dict[str, Any] = {key: code}
    model._default_manager.filter(**lookup).update(**columns)


def _make(model: type[models.Model], key: str, code: str, values: dict[str, Any], pack: str) -> None:
    columns = dict(related(model, values)) | _packed(model, pack)
    model._default_manager.create(**{key: code, **columns})


def _packed(model: type[models.Model], pack: str | None) -> dict[str, str]:
    return {"pack": pack} if pack is not None and any(column.name == "pack" for column in model._meta.fields) else {}


def related(model: type[models.Model], values: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """``values`` with each ``<relation>__code`` turned into the id of the row it names. Raises ``DoesNotExist`` of that table."""
    for name, value in values.items():
        relation, _, column = name.partition("__")
        if not column:
            yield name, value
            continue
        target = model._meta.get_field(relation).related_model
        if not (isinstance(target, type) and issubclass(target, models.Model)):
            raise TypeError(f"{relation} is no relation of {model.__name__}")
        lookup: dict[str, Any] = {column: value}
        yield f"{relation}_id", target._default_manager.values_list("pk", flat=True).get(**lookup) if value else None


def short(value: Any) -> str:
    """A value for one line of a listing."""
    text = "–" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
