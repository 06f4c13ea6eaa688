"""Who may change limits and calendars."""

from __future__ import annotations

from kefu.engines.clock.models import LimitRule, WorkCalendar
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor

MANAGE = "settings.manage"


def allowed_limit(actor: Actor, limit_id: int) -> set[str]:
    """What may be done to a limit, reached by any of its versions; raises ``NotFound`` for who manages no settings."""
    if not actor.can(MANAGE) or not LimitRule.objects.filter(pk=limit_id).exists():
        raise NotFound()
    return {"change", "end"}


def allowed_calendar(actor: Actor, calendar_id: int) -> set[str]:
    if not actor.can(MANAGE) or not WorkCalendar.objects.filter(pk=calendar_id).exists():
        raise NotFound()
    return {"change", "set_day"}
