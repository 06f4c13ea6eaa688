"""What the schema says about a row, in words for the clerk who wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _


def what_of(error: Mapping[str, Any]) -> str:
    """What is wrong."""
    kind, where = str(error["type"]), _where(error["loc"])
    if kind == "missing":
        return _("“%(field)s” is missing.") % {"field": where}
    if kind == "extra_forbidden":
        return _("The key “%(field)s” is not known here.") % {"field": where}
    if kind in {"literal_error", "enum"}:
        return _("“%(value)s” is not allowed for “%(field)s”.") % {"value": error["input"], "field": where}
    if kind.startswith(("date_", "datetime_")):
        return _("“%(value)s” is no date.") % {"value": error["input"]}
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind in {"model_type", "model_attributes_type"}:
        return _("A row must be a set of keys and values.")
    return _("“%(value)s” does not fit “%(field)s”: %(why)s.") % {"value": _short(error["input"]), "field": where, "why": error["msg"]}


def remedy_of(error: Mapping[str, Any], known: list[str], closest: Callable[[str, list[str]], str]) -> str:
    """What to do. ``known`` are the keys of a row, ``closest`` finds the nearest of them."""
    kind = str(error["type"])
    found = _fixed(kind)
    if found:
        return found
    if kind == "extra_forbidden":
        last = str(error["loc"][-1])
        return closest(last, known) if len(error["loc"]) == 1 else _("Take it out or correct its name.")
    if kind in {"literal_error", "enum"}:
        return _("Allowed are: %(words)s.") % {"words": error["ctx"]["expected"]}
    if kind.startswith(("date_", "datetime_")):
        return _("Write it like 2026-03-01.")
    return _("Correct the value.")


def _fixed(kind: str) -> str:
    return {
        "missing": _("Add it."),
        "string_type": _("Write text; put a number or date into quotes."),
        "int_type": _("Write a whole number."),
        "int_parsing": _("Write a whole number."),
        "float_type": _("Write a number."),
        "float_parsing": _("Write a number."),
        "bool_type": _("Write true or false."),
        "bool_parsing": _("Write true or false."),
        "list_type": _("Write a list: [a, b] or lines that begin with a dash."),
        "dict_type": _("Write keys and values below it, indented."),
        "model_type": _("Begin it with “- code: ...”."),
    }.get(kind, "")


def _where(path: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in path) or "-"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
