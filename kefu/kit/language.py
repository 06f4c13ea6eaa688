"""Two names for one thing: stored texts are Chinese with English beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language, gettext
from markupsafe import Markup

MOST = 10_000


def in_chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


def pick(chinese: str, english: str) -> str:
    """The text for the active language; Chinese where the English one is missing."""
    return chinese if in_chinese() or not english else english


def picker() -> Callable[[str, str], str]:
    """``pick`` for many texts: which language is active is asked once."""
    return _chinese if in_chinese() else _english


def _chinese(chinese: str, english: str) -> str:
    return chinese


def _english(chinese: str, english: str) -> str:
    return english or chinese


def named(row: Any) -> str:
    """The ``name`` or ``name_en`` of a stored row (object or mapping) in the active language."""
    if isinstance(row, dict):
        return pick(row.get("name") or "", row.get("name_en") or "")
    return pick(row.name, getattr(row, "name_en", ""))


def spoken(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Rows of a read whose ``name`` says, for who reads English, what stands in ``name_en`` beside it. Chinese pages pay nothing for it."""
    if not in_chinese():
        for row in rows:
            for name in names:
                row[name] = row[f"{name}_en"] or row[name]
    return rows


def label_of(choices: type[TextChoices]) -> Callable[[str], str]:
    """What a code of ``choices`` is called in the active language; anything else is said as it is."""
    return lambda code: str(choices(code).label) if code in choices.values else code


def worded(data: Mapping[str, Any], names: Mapping[str, Callable[[str], str]]) -> Mapping[str, Any]:
    """``data`` with the codes of the fields in ``names`` put into words: who reads may have another language than who wrote."""
    return {**data, **{field: name(str(data[field])) for field, name in names.items() if data.get(field)}} if names else data


class Said:
    """The texts of one language as templates and drawing functions ask for them; each is looked up once in the process."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._drawn: dict[str, Markup] = {}

    def text(self, message: str) -> str:
        """``gettext(message)``."""
        known = self._texts.get(message)
        if known is None:
            known = gettext(message)
            if len(self._texts) < MOST:
                self._texts[message] = known
        return known

    def __call__(self, message: str, /, **words: Any) -> Markup:
        """The text for a page; ``words`` stand in its places, escaped."""
        if words:
            return Markup(self.text(message)) % words  # noqa: S704 - texts are ours
        known = self._drawn.get(message)
        if known is None:
            known = Markup(self.text(message)) % {}  # noqa: S704
            if len(self._drawn) < MOST:
                self._drawn[message] = known
        return known


_said: dict[str, Said] = {}


def said() -> Said:
    """The texts of the active language. It is asked for once and then used: asking which language is active costs more than a text."""
    active = get_language() or ""
    known = _said.get(active)
    if known is None:
        known = _said[active] = Said()
    return known


def texts() -> Callable[[str], str]:
    """``gettext`` for a function that says much: ``_ = texts()``."""
    return said().text
