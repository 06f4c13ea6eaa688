"""The lines of the table, and whether a bound is broken."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """One measured thing. ``bound`` is the most that ``value`` may be, with ``least`` the least; None only tells."""

    where: str
    what: str
    value: float
    bound: float | None = None
    unit: str = "x"
    more: str = ""
    least: bool = False

    @property
    def broken(self) -> bool:
        return self.bound is not None and (self.value < self.bound if self.least else self.value > self.bound)

    def text(self) -> str:
        bound = f"{'>=' if self.least else '<='} {self.bound:g} {self.unit}" if self.bound is not None else ""
        mark = "" if self.bound is None else "BROKEN" if self.broken else "ok"
        return f"{self.where:<11} {self.what:<38} {self.value:>9.2f} {self.unit:<5} {bound:<12} {mark:<7} {self.more}"


@dataclass
class Table:
    """Prints each line when it is known and remembers it."""

    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        self.lines.append(line)
        print(line.text(), flush=True)

    @property
    def broken(self) -> list[Line]:
        return [line for line in self.lines if line.broken]
