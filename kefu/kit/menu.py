"""The menu: capabilities declare their entries; a person sees those whose right is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class MenuItem:
    """One entry. ``group`` is "work", "insight" or "settings"; ``order`` sorts in it; one of ``rights`` opens it (none named: all).
    ``key`` is pressed after "g".
    """

    code: str
    label: Text
    url: str
    icon: str
    group: str = "work"
    order: int = 50
    rights: tuple[str, ...] = ()
    key: str = ""


menu: Registry[MenuItem] = Registry("menu item", lambda item: item.code)
GROUPS: dict[str, Text] = {"work": _("Daily work"), "insight": _("Figures and proof"), "settings": _("Settings")}


@dataclass(frozen=True)
class Entry:
    """A menu entry as one person sees it on one page."""

    item: MenuItem
    current: bool


def entries(actor: Any, path: str = "/") -> list[tuple[Text, list[Entry]]]:
    """The groups of the menu that ``actor`` may open; the entry whose address is the longest start of ``path`` is current."""
    open_ = [item for item in menu if not item.rights or any(actor.can(right) for right in item.rights)]
    here = max((item.url for item in open_ if _leads_to(item.url, path)), key=len, default="")
    groups = []
    for group, label in GROUPS.items():
        found = sorted((item for item in open_ if item.group == group), key=lambda item: (item.order, item.code))
        if found:
            groups.append((label, [Entry(item, item.url == here) for item in found]))
    return groups


def _leads_to(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))
