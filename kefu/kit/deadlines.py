"""How a running or settled limit is shown: the words, the colour, the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from kefu.kit import moment, show
from kefu.kit.language import pick

NEAR = timedelta(hours=4)


@dataclass(frozen=True)
class Deadline:
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
        return {"danger": "is-over", "warning": "is-soon", "success": "is-met", "info": "is-paused"}.get(self.tone, "")


def remaining(due_at: datetime) -> str:
    """ "3 hours left" or "2 hours over"."""
    left = due_at - moment.now()
    words = _("{} left") if left >= timedelta(0) else _("{} over")
    return words.replace("{}", show.span(left))


def tone(due_at: datetime, warn_at: datetime | None = None) -> str:
    """Red when over, amber from ``warn_at`` on (without one: the last four hours), else muted."""
    at = moment.now()
    if at > due_at:
        return "danger"
    return "warning" if at >= (warn_at or due_at - NEAR) else "secondary"


def _of(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


def deadline(row: Any) -> Deadline:
    """A mapping or object with name, due_at, state (running, paused, met, late, void), clauses, and where known warn_at and settled_at."""
    due, state, settled = _of(row, "due_at"), str(_of(row, "state") or "open"), _of(row, "settled_at")
    clauses = ", ".join(str(clause) for clause in _of(row, "clauses") or ())
    lines = [_("Due %(time)s") % {"time": show.stamp(due)}] if due else []
    if settled:
        lines.append(_("Settled %(time)s") % {"time": show.stamp(settled)})
    if clauses:
        lines.append(_("Clause %(clauses)s") % {"clauses": clauses})
    name, title = pick(str(_of(row, "name") or ""), str(_of(row, "name_en") or "")), "\n".join(lines)
    fixed = {
        "met": (_("kept"), "success"),
        "late": (_("kept late"), "danger"),
        "void": (_("no longer due"), "secondary"),
        "paused": (_("paused"), "info"),
    }
    if state in fixed or due is None:
        text, colour = fixed.get(state, (show.MISSING, "secondary"))
        return Deadline(name, text, colour, title, clauses, running=False)
    warn = _of(row, "warn_at")
    warn_iso = warn.isoformat() if warn else (due - NEAR).isoformat()
    return Deadline(name, remaining(due), tone(due, warn), title, clauses, running=True, due_iso=due.isoformat(), warn_iso=warn_iso)


GLOBALS: dict[str, Any] = {"deadline": deadline}
