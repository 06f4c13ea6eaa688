"""What the pages of the rule book show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Q

from kefu.engines.rulebook import loader
from kefu.engines.rulebook.checks import open_book
from kefu.engines.rulebook.models import CodeItem, CodeList, Load, Pack, ReadReceipt, Regulation, Setting
from kefu.engines.rulebook.registry import in_order, rule_kinds
from kefu.engines.rulebook.source import shipped
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor

ROWS = 50


def packs() -> list[dict[str, Any]]:
    """Shipped and loaded packs by code, with their heads; ``fresh`` says that the shipped text differs from what was loaded."""
    loaded = {
        row["code"]: dict(row)
        for row in Pack.objects.values("code", "name", "name_en", "version", "sha256", "loaded_at", "loaded_by__name")
    }
    found = []
    for code in sorted({*shipped(), *loaded}):
        row = loaded.get(code, {"code": code, "version": "", "loaded_at": None, "loaded_by__name": None, "sha256": ""})
        if code in shipped():
            book = open_book(code)
            if book.header is not None:
                row |= {"name": book.header.name, "name_en": book.header.name_en, "offered": book.header.version}
            row["fresh"] = book.sha256 != row["sha256"]
        found.append({"offered": "", "fresh": False, **row})
    return found


def pack(code: str) -> dict[str, Any]:
    """One shipped pack: its head, how many rows each section has, its mistakes, what loading would change. Raises ``NotFound``."""
    if code not in shipped():
        raise NotFound()
    book = open_book(code)
    changes = [] if book.problems else loader.diff(book)
    sections = [(kind.name, len(book.rows[kind.code])) for kind in in_order() if kind.code in book.rows]
    loads = list(Load.objects.filter(pack__code=code).order_by("-id").values("version", "at", "by__name", "changes")[:20])
    return {
        "header": book.header,
        "sections": sections,
        "problems": book.problems,
        "changes": [(rule_kinds[change.kind].name, change.key, change.what, change.describe, change.clauses) for change in changes],
        "loads": [{**load, "count": len(load["changes"])} for load in loads],
    }


def regulations(actor: Actor) -> list[dict[str, Any]]:
    """All regulations with the number of clauses, and when the person confirmed the present version."""
    rows = Regulation.objects.order_by("code").annotate(count=Count("clauses"))
    receipts = dict(
        ReadReceipt.objects.filter(staff_id=actor.person_id, version=F("regulation__version")).values_list("regulation__code", "at")
    )
    return [{**row, "read_at": receipts.get(row["code"])} for row in rows.values("id", "code", "name", "name_en", "version", "count")]


def receipts(regulation_id: int) -> int:
    """How many people have confirmed the present version."""
    return ReadReceipt.objects.filter(regulation_id=regulation_id, version=F("regulation__version")).count()


def lists() -> list[dict[str, Any]]:
    """All code lists with the number of valid choices."""
    rows = CodeList.objects.order_by("code").annotate(count=Count("items", filter=Q(items__valid=True)))
    return list(rows.values("id", "code", "name", "name_en", "count", "clauses", "pack"))


def code_list(list_id: int) -> dict[str, Any]:
    """One list with all its choices. Raises ``NotFound``."""
    found = CodeList.objects.filter(pk=list_id).values("id", "code", "name", "name_en", "help", "clauses", "pack").first()
    if found is None:
        raise NotFound()
    items = CodeItem.objects.filter(code_list_id=list_id).order_by("position", "id")
    return {**found, "items": list(items.values("id", "code", "name", "name_en", "help", "clauses", "valid", "pack"))}


def values(cursor: str | None, word: str = "") -> Page[dict[str, Any]]:
    """The values in force now (or first to come), by key."""
    at = moment.now()
    rows = Setting.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)
    if word:
        rows = rows.filter(Q(key__icontains=word) | Q(name__icontains=word) | Q(name_en__icontains=word))
    page = after(rows, keys=("key", "id"), cursor=cursor)
    columns = ("id", "key", "name", "name_en", "value", "valid_from", "clauses", "pack", "by__name")
    return cut([dict(row) for row in page.values(*columns)[: ROWS + 1]], size=ROWS, key=lambda row: [row["key"], row["id"]])


def versions(setting_id: int) -> list[dict[str, Any]]:
    """All versions of the value that version ``setting_id`` belongs to, newest first. Raises ``NotFound``."""
    key = Setting.objects.filter(pk=setting_id).values_list("key", flat=True).first()
    if key is None:
        raise NotFound()
    rows = Setting.objects.filter(key=key).order_by("-valid_from")
    columns = ("id", "key", "name", "name_en", "value", "valid_from", "valid_to", "clauses", "pack", "by__name")
    return [dict(row) for row in rows.values(*columns)[:200]]
