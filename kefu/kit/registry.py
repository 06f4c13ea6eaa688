"""Typed registries: what capabilities declare, engines read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Declared things by their code. A code declared twice is a mistake of the house and stops the start."""

    def __init__(self, what: str, code: Callable[[T], str]) -> None:
        self.what = what
        self._code = code
        self._items: dict[str, T] = {}

    def add(self, *items: T) -> None:
        """Declare; raises ``ValueError`` on a code that another thing has."""
        for item in items:
            code = self._code(item)
            held = self._items.get(code)
            if held is not None and held is not item:
                raise ValueError(f"{self.what} {code!r} is declared twice")
            self._items[code] = item

    def extend(self, items: Iterable[T]) -> None:
        self.add(*items)

    def get(self, code: str) -> T | None:
        return self._items.get(code)

    def __getitem__(self, code: str) -> T:
        try:
            return self._items[code]
        except KeyError:
            raise KeyError(f"no {self.what} {code!r} is declared") from None

    def __contains__(self, code: object) -> bool:
        return code in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def codes(self) -> list[str]:
        return list(self._items)
