"""Reads: settings in force, code lists, script texts, regulations with what carries them out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q

from kefu.engines.rulebook.models import Clause, CodeItem, CodeList, Enforcement, Regulation, Setting, TextCard
from kefu.engines.rulebook.registry import carriers
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.language import pick

CACHE_SECONDS = 5.0
_cache: dict[tuple[str, str], tuple[float, Any]] = {}
_lock = threading.Lock()


def forget() -> None:
    """Drop what this process has cached; other processes follow within ``CACHE_SECONDS``."""
    with _lock:
        _cache.clear()


def _held(what: str, key: str, read: Callable[[], Any]) -> Any:
    held = _cache.get((what, key))
    if held and held[0] > time.monotonic():
        return held[1]
    value = read()
    with _lock:
        if len(_cache) > 5_000:
            _cache.clear()
        _cache[(what, key)] = (time.monotonic() + CACHE_SECONDS, value)
    return value


def setting(key: str, at: datetime | None = None, default: Any = None) -> Any:
    """The value of ``key`` in force at ``at`` (aware; now, if not given), or ``default``. At most ``CACHE_SECONDS`` old."""
    at = at or moment.now()
    versions: list[tuple[datetime, datetime | None, Any]] = _held(
        "setting", key, lambda: list(Setting.objects.filter(key=key).order_by("-valid_from").values_list("valid_from", "valid_to", "value"))
    )
    for start, end, value in versions:
        if start <= at and (end is None or at < end):
            return value
    return default


def code_items(list_code: str, *, all_items: bool = False) -> list[dict[str, Any]]:
    """The choices of a list in their order: code, name, name_en, help, extra, clauses, valid. Only valid ones unless ``all_items``."""
    found: list[dict[str, Any]] = _held(
        "list",
        list_code,
        lambda: list(
            CodeItem.objects.filter(code_list__code=list_code)
            .order_by("position", "id")
            .values("code", "name", "name_en", "help", "extra", "clauses", "valid")
        ),
    )
    return found if all_items else [item for item in found if item["valid"]]


def code_name(list_code: str, item_code: str) -> str:
    """The name of a choice in the active language; the code itself where the list does not know it."""
    for item in code_items(list_code, all_items=True):
        if item["code"] == item_code:
            return pick(item["name"], item["name_en"])
    return item_code


def setting_name(key: str) -> str:
    """What a dated value is called in the active language; the key itself where there is none."""
    names = _held(
        "setting_name", key, lambda: Setting.objects.filter(key=key).order_by("-valid_from").values_list("name", "name_en").first()
    )
    return pick(*names) if names else key


def list_name(code: str) -> str:
    """What a code list is called in the active language; the code itself where there is none."""
    names = _held("list_name", code, lambda: CodeList.objects.filter(code=code).values_list("name", "name_en").first())
    return pick(*names) if names else code


def choices_of(list_code: str) -> Callable[[Any, int | None], list[tuple[str, str]]]:
    """The choices of a list for a field of a command: ``asked(_("Reason"), choices=choices_of("return_reasons"))``."""

    def give(actor: Any, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
        return [(item["code"], pick(item["name"], item["name_en"])) for item in code_items(list_code)]

    return give


def clause(code: str) -> dict[str, Any]:
    """One clause with the name of its regulation. Raises ``NotFound``."""
    found: dict[str, Any] | None = _held("clause", code, lambda: _clauses(Q(code=code)).first())
    if found is None:
        raise NotFound()
    return found


def clauses(codes: list[str]) -> list[dict[str, Any]]:
    """Several clauses at once, in the order of the regulations; unknown ids are left out."""
    return list(_clauses(Q(code__in=codes)).order_by("regulation__code", "position")) if codes else []


def _clauses(condition: Q) -> Any:
    return Clause.objects.filter(condition).values(
        "code", "number", "summary", "summary_en", "group", "figure", "figure_en", "truncated", "later",
        "regulation__code", "regulation__name", "regulation__name_en",
    )  # fmt: skip


def text_cards(at_moment: str, channel: str = "") -> list[dict[str, Any]]:
    """The valid script texts for a moment (greeting, closing ...) on a channel, those for any channel included."""
    found: list[dict[str, Any]] = _held(
        "texts",
        f"{at_moment}/{channel}",
        lambda: list(
            TextCard.objects.filter(moment=at_moment, valid=True, channel__in=["", channel])
            .order_by("position", "id")
            .values("code", "name", "name_en", "text", "text_en", "channel", "clauses")
        ),
    )
    return found


def regulations() -> list[dict[str, Any]]:
    """All regulations, without their clauses."""
    return [
        dict(row) for row in Regulation.objects.order_by("code").values("code", "name", "name_en", "version", "source", "header", "pack")
    ]


def regulation(code: str) -> dict[str, Any]:
    """A regulation with its ``clauses`` in order, each with ``carried``: a list of {how, ref, name}. Raises ``NotFound``."""
    found = Regulation.objects.filter(code=code).values("id", "code", "name", "name_en", "version", "source", "header", "pack").first()
    if found is None:
        raise NotFound()
    rows = list(_clauses(Q(regulation__code=code)).order_by("position"))
    carried = enforcement([row["code"] for row in rows])
    for row in rows:
        row["carried"] = carried.get(row["code"], [])
    return {**found, "clauses": rows}


def enforcement(codes: list[str]) -> dict[str, list[dict[str, str]]]:
    """Clause id to what carries it out: rows of packs, and code that declares so."""
    found: dict[str, list[dict[str, str]]] = {}
    rows = Enforcement.objects.filter(clause__code__in=codes).order_by("how", "ref")
    for code, how, section, ref, *names in rows.values_list("clause__code", "how", "section", "ref", "name", "name_en"):
        found.setdefault(code, []).append({"how": how, "section": section, "ref": ref, "name": pick(*names)})
    wanted = set(codes)
    for one in carriers:
        for code in wanted.intersection(one.clauses):
            found.setdefault(code, []).append({"how": one.how, "section": "", "ref": one.ref, "name": str(one.name)})
    return found


def regulation_code(regulation_id: int) -> str:
    """The code of a regulation. Raises ``NotFound``."""
    code = Regulation.objects.filter(pk=regulation_id).values_list("code", flat=True).first()
    if code is None:
        raise NotFound()
    return code
