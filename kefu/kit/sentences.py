"""Sentences that are stored and read later: kept as the English text with what stands in its places, so that each reader has his language.

What was stored as plain words, such as those of another system, is shown as it is. A sentence may stand in a place of another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from kefu.kit.errors import KefuError, Text

MARK = "\x1e"  # no channel lets it through, and people do not type it
MOST = 500
_SHORTER = (300, 200, 120, 60, 20, 0)


def keep(text: Text, most: int = MOST, /, **places: Any) -> str:
    """A lazy text, or one that ``keep`` made, to be stored in at most ``most`` characters; long words in its places are cut."""
    return _packed([_parts(text, places)], most)


def plain(words: str, most: int = MOST) -> str:
    """Words of another system, to be stored where sentences stand."""
    return words.replace(MARK, " ").replace("\x00", "")[:most]


def of_error(error: KefuError, most: int = MOST) -> str:
    """What a refusal says."""
    return keep(error.text, most, **error.params)


def together(stored: Iterable[str], most: int = MOST) -> str:
    """Several stored sentences as one; those that find no room are left out at the end."""
    found = [one for each in stored if each for one in _read(each)]
    while len(found) > 1 and len(_packed(found, 10**9)) > most:
        found.pop()
    return _packed(found, most) if found else ""


def each(stored: str) -> list[str]:
    """The sentences in the active language."""
    try:
        return [_told(one) for one in _read(stored)] if stored else []
    except (TypeError, ValueError, KeyError, AttributeError):  # ours in its look alone
        return [stored.removeprefix(MARK)]


def shown(stored: str) -> str:
    """``each`` in one line."""
    return stored if not stored.startswith(MARK) else "; ".join(each(stored))


def is_kept(stored: str) -> bool:
    """Whether this is a sentence of ours, not words of another system."""
    return stored.startswith(MARK)


def apart(stored: str) -> tuple[str, dict[str, str]]:
    """The English text of the first sentence, by which it is known, and what stands in its places in the active language. Words of another
    system are "" with themselves in the place ``said``."""
    if not stored.startswith(MARK):
        return "", {"said": stored}
    try:
        text, places = _read(stored)[0]
        return text, {name: _told(value) if isinstance(value, list) else str(value) for name, value in places.items()}
    except (TypeError, ValueError, KeyError, AttributeError):
        return "", {"said": stored.removeprefix(MARK)}


def _parts(text: Text, places: dict[str, Any]) -> list[Any]:
    if not isinstance(text, Promise):
        return _read(text)[0] if not places else [text, _filled(places)]
    with translation.override(None):
        return [str(text), _filled(places)]


def _filled(places: dict[str, Any]) -> dict[str, Any]:
    """Whole numbers stay numbers, since a text may ask for one; a sentence stays one; all else is what it says."""
    return {name: value if isinstance(value, int) else _place(value) for name, value in places.items()}


def _place(value: Any) -> Any:
    if isinstance(value, Promise):
        return _parts(value, {})
    return _read(value)[0] if isinstance(value, str) and value.startswith(MARK) else str(value)


def _packed(found: list[list[Any]], most: int) -> str:
    told = MARK + json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    for room in _SHORTER:
        if len(told) <= most:
            return told
        told = MARK + json.dumps([_cut(one, room) for one in found], ensure_ascii=False, separators=(",", ":"))
    return told if len(told) <= most else "; ".join(_told(one) for one in found)[:most]


def _cut(one: Any, room: int) -> Any:
    if isinstance(one, list):
        text, places = one
        return [text, {name: _cut(value, room) for name, value in places.items()}]
    return one[:room] if isinstance(one, str) else one


def _read(stored: str) -> list[list[Any]]:
    if not stored.startswith(MARK):
        return [["%(all)s", {"all": stored}]]
    try:
        found = json.loads(stored[1:])
    except ValueError:  # cut by a column
        return [["%(all)s", {"all": stored[1:]}]]
    return found if isinstance(found, list) and found else [["%(all)s", {"all": stored[1:]}]]


def _told(one: list[Any]) -> str:
    text, places = one
    said = gettext(text)
    return said % {name: _told(value) if isinstance(value, list) else value for name, value in places.items()} if places else said
