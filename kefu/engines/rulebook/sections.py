"""How the rule book's own sections become rows: regulations, clauses, units, posts, settings, lists, texts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from kefu.engines.rulebook.models import Clause, CodeItem, CodeList, Regulation, Setting, TextCard
from kefu.engines.rulebook.registry import Change, PackContext, start_of
from kefu.engines.rulebook.rows import ClauseRow, ListRow, PostRow, RegulationRow, SettingRow, TextRow, UnitRow
from kefu.engines.rulebook.tables import plan_table, short
from kefu.people import posts


def plan_regulations(rows: list[RegulationRow], context: PackContext) -> list[Change]:
    def values(row: RegulationRow) -> dict[str, Any]:
        return row.model_dump(include={"name", "name_en", "version", "source", "header"})

    return plan_table("regulations", rows, context, model=Regulation, values=values)


def plan_clauses(rows: list[ClauseRow], context: PackContext) -> list[Change]:
    positions = {row.code: index for index, row in enumerate(rows, start=1)}

    def values(row: ClauseRow) -> dict[str, Any]:
        plain = row.model_dump(exclude={"code", "clauses", "regulation"})
        return {**plain, "position": positions[row.code], "regulation__code": row.regulation}

    return plan_table("clauses", rows, context, model=Clause, values=values)


def plan_units(rows: list[UnitRow], context: PackContext) -> list[Change]:
    """Missing units are made; what the centre has already keeps its name and place."""
    plain = [row.model_dump(mode="json", include={"code", "name", "name_en", "parent", "kind", "takes_orders", "bound"}) for row in rows]
    return [
        Change("units", row.code, "new", row.name, partial(posts.apply_units, [planned]), tuple(row.clauses))
        if planned.what == "new"
        else Change("units", row.code, "same", clauses=tuple(row.clauses))
        for row, planned in zip(rows, posts.plan_units(plain), strict=True)
    ]


def plan_posts(rows: list[PostRow], context: PackContext) -> list[Change]:
    """Rights that no capability declares yet are kept and told."""
    plain = [row.model_dump(mode="json", include={"code", "name", "name_en", "rights", "scope", "clauses"}) for row in rows]
    unknown = posts.unknown_rights(plain)
    changes = []
    for row, planned in zip(rows, posts.plan_posts(plain), strict=True):
        line = row.name if planned.what == "new" else planned.line()
        if row.code in unknown:
            line += " " + _("(not yet: %(rights)s)") % {"rights": ", ".join(unknown[row.code])}
        changes.append(Change("posts", row.code, planned.what, line, partial(posts.apply_posts, [planned]), tuple(row.clauses)))
    return changes


def plan_settings(rows: list[SettingRow], context: PackContext) -> list[Change]:
    """A value that the pack changed begins a new version; versions set by hand stay in force where they are."""
    held: dict[str, Any] = {}
    found = Setting.objects.filter(key__in=[row.code for row in rows]).exclude(pack="").order_by("valid_from")
    for key, value in found.values_list("key", "value"):
        held[key] = value
    changes = []
    for row in rows:
        clauses = tuple(row.clauses)
        if row.code not in held:
            changes.append(Change("settings", row.code, "new", short(row.value), partial(_set, row, context, first=True), clauses))
        elif held[row.code] == row.value:
            changes.append(Change("settings", row.code, "same", clauses=clauses))
        else:
            line = f"{short(held[row.code])} → {short(row.value)}"
            changes.append(Change("settings", row.code, "changed", line, partial(_set, row, context, first=False), clauses))
    return changes


def _set(row: SettingRow, context: PackContext, *, first: bool) -> None:
    asked = start_of(row.valid_from) if row.valid_from else None
    start = (asked or context.valid_from) if first else context.starts(asked)
    put(key=row.code, value=row.value, start=start, pack=context.pack_code, name=row.name, name_en=row.name_en, clauses=row.clauses)


def put(*, key: str, value: Any, start: Any, pack: str, by_id: int | None = None, **words: Any) -> None:
    """Begin a version of a setting at ``start``: the one before ends there, the one after (if any) ends this one."""
    before = Setting.objects.filter(key=key, valid_from__lt=start).order_by("-valid_from").first()
    after = Setting.objects.filter(key=key, valid_from__gt=start).order_by("valid_from").first()
    Setting.objects.update_or_create(
        key=key,
        valid_from=start,
        defaults={"value": value, "valid_to": after.valid_from if after else None, "pack": pack, "by_id": by_id, **words},
    )
    if before is not None and (before.valid_to is None or before.valid_to > start):
        Setting.objects.filter(pk=before.pk).update(valid_to=start)


def plan_lists(rows: list[ListRow], context: PackContext) -> list[Change]:
    def values(row: ListRow) -> dict[str, Any]:
        return row.model_dump(include={"name", "name_en", "help", "clauses"})

    changes = plan_table("lists", rows, context, model=CodeList, values=values)
    held: dict[str, dict[str, dict[str, Any]]] = {}
    for item in CodeItem.objects.filter(code_list__code__in=[row.code for row in rows]).values(
        "code_list__code", "code", "name", "name_en", "help", "extra", "clauses", "position", "valid", "pack"
    ):
        held.setdefault(item["code_list__code"], {})[item["code"]] = dict(item)
    for row in rows:
        changes.extend(_items(row, held.get(row.code, {}), context))
    return changes


def _items(row: ListRow, held: dict[str, dict[str, Any]], context: PackContext) -> list[Change]:
    """Items of the list; one that the centre edited or added by hand (no ``pack``) is left alone."""
    changes = []
    for position, item in enumerate(row.items, start=1):
        wanted = {**item.model_dump(exclude={"code"}), "position": position, "valid": True}
        key, clauses = f"{row.code}.{item.code}", tuple(item.clauses)
        stored = held.get(item.code)
        if stored is None:
            what, line = "new", item.name
        elif not stored["pack"] or all(stored[name] == value for name, value in wanted.items()):
            changes.append(Change("lists", key, "same", clauses=clauses))
            continue
        else:
            differs = [name for name, value in wanted.items() if stored[name] != value]
            what, line = "changed", "; ".join(f"{name}: {short(stored[name])} → {short(wanted[name])}" for name in differs)

        def write(code: str = item.code, wanted: dict[str, Any] = wanted, new: bool = stored is None) -> None:
            columns = {**wanted, "pack": context.pack_code}
            if new:
                home = CodeList.objects.values_list("pk", flat=True).get(code=row.code)
                CodeItem.objects.create(code_list_id=home, code=code, **columns)
            else:
                CodeItem.objects.filter(code_list__code=row.code, code=code).update(**columns)

        changes.append(Change("lists", key, "new" if what == "new" else "changed", line, write, clauses))
    here = {item.code for item in row.items}
    for code, stored in held.items():
        if code not in here and stored["pack"] and stored["valid"]:

            def retire(code: str = code) -> None:
                CodeItem.objects.filter(code_list__code=row.code, code=code).update(valid=False)

            changes.append(Change("lists", f"{row.code}.{code}", "gone", stored["name"], retire))
    return changes


def next_position(list_id: int) -> int:
    """Where a new item of a list stands."""
    return int(CodeItem.objects.filter(code_list_id=list_id).aggregate(last=Max("position"))["last"] or 0) + 1


def plan_texts(rows: list[TextRow], context: PackContext) -> list[Change]:
    """A text that the centre wrote or changed by hand (no ``pack``) is left alone."""
    positions = {row.code: index for index, row in enumerate(rows, start=1)}

    def values(row: TextRow) -> dict[str, Any]:
        return {**row.model_dump(mode="json", exclude={"code"}), "position": positions[row.code], "valid": True}

    own = set(TextCard.objects.filter(pack="").values_list("code", flat=True))
    planned = plan_table("texts", rows, context, model=TextCard, values=values, drop={"valid": False})
    return [replace(one, what="same", describe="") if one.key in own else one for one in planned]
