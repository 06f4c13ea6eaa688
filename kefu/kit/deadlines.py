"""How a running or settled limit is shown: the words, the colour, the reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import get_language

from kefu.kit import moment, show
from kefu.kit.language import pick, said

NEAR = timedelta(hours=4)


class Deadline(NamedTuple):
    """One limit, ready to draw. ``tone`` is danger, warning, success, info or secondary; ``title`` is the hover text."""

    name: str
    text: str
    tone: str
    title: str
    clauses: str
    running: bool
    due_iso: str = ""
    warn_iso: str = ""

    @property
    def look(self) -> str:
        """The class that colours it."""
        return _LOOKS.get(self.tone, "")


_LOOKS = {"danger": "is-over", "warning": "is-soon", "success": "is-met", "info": "is-paused"}


def _reader(row: Any) -> Callable[[str], Any]:
    return row.get if isinstance(row, Mapping) else lambda name: getattr(row, name, None)


def remaining(due_at: datetime) -> str:
    """ "3 hours left" or "2 hours over"."""
    return Teller().remaining(due_at)


def tone(due_at: datetime, warn_at: datetime | None = None) -> str:
    """Red when over, amber from ``warn_at`` on (without one: the last four hours), else muted."""
    at = moment.now()
    if at > due_at:
        return "danger"
    return "warning" if at >= (warn_at or due_at - NEAR) else "secondary"


class Teller:
    """Reads many limits for one page: the language, the time zone and the present are asked once."""

    def __init__(self) -> None:
        self.said = said()
        _ = self.said.text
        self.left, self.over = _("{} left"), _("{} over")
        self.language, self.zone, self.at = get_language(), timezone.get_current_timezone(), moment.now()

    def remaining(self, due_at: datetime) -> str:
        left = due_at - self.at
        return (self.left if left >= timedelta(0) else self.over).replace("{}", show.span(left, self.language))

    def _settled(self, state: str) -> tuple[str, str] | None:
        """The words and the colour of a limit that does not run."""
        _ = self.said.text
        if state == "met":
            return _("kept"), "success"
        if state == "late":
            return _("kept late"), "danger"
        if state == "void":
            return _("no longer due"), "secondary"
        return (_("paused"), "info") if state == "paused" else None

    def read(self, row: Any) -> Deadline:
        """``deadline`` of one limit."""
        of, _ = _reader(row), self.said.text
        due, state, settled = of("due_at"), str(of("state") or "open"), of("settled_at")
        clauses = ", ".join([str(clause) for clause in of("clauses") or ()])
        title = _("Due %(time)s") % {"time": show.stamp(due, self.zone)} if due else ""
        if settled:
            title += "\n" + _("Settled %(time)s") % {"time": show.stamp(settled, self.zone)}
        if clauses:
            title += "\n" + _("Clause %(clauses)s") % {"clauses": clauses}
        name = pick(str(of("name") or ""), str(of("name_en") or "")) if of("name") or of("name_en") else ""
        fixed = self._settled(state)
        if fixed or due is None:
            text, colour = fixed or (show.MISSING, "secondary")
            return Deadline(name, text, colour, title.lstrip(), clauses, running=False)
        warn = of("warn_at") or due - NEAR
        colour = "danger" if self.at > due else "warning" if self.at >= warn else "secondary"
        return Deadline(name, self.remaining(due), colour, title, clauses, running=True, due_iso=due.isoformat(), warn_iso=warn.isoformat())


def deadline(row: Any) -> Deadline:
    """A mapping or object with name, due_at, state (running, paused, met, late, void), clauses, and where known warn_at and settled_at."""
    return Teller().read(row)


GLOBALS: dict[str, Any] = {"deadline": deadline}
