"""The menu: capabilities declare their entries; a person sees those whose right is held."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class MenuItem:
    """One entry. ``group`` is "work", "insight" or "settings"; ``order`` sorts in it; one of ``rights`` opens it (none named: all)."""

    code: str
    label: Text
    url: str
    icon: str
    group: str = "work"
    order: int = 50
    rights: tuple[str, ...] = ()


menu: Registry[MenuItem] = Registry("menu item", lambda item: item.code)
