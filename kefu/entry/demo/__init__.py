"""A centre to look around in: the property firm 绿洲物业 with its people, residents and six weeks of work. All names are invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone, translation

from kefu.cases.workorders import routing
from kefu.engines.rulebook import loader
from kefu.entry import centre
from kefu.entry.demo import house, residents, story
from kefu.entry.speech import gettext as _
from kefu.kit import moment
from kefu.people import actor as actors
from kefu.people.actor import SYSTEM
from kefu.people.models import Staff, Unit

WEEKS = 6


def ensure(progress: Callable[[str], None]) -> list[tuple[str, str, str]]:
    """Fill an empty centre; gives (user name, password, post) of the people to sign in as.

    Everything or nothing: an interrupted filling leaves the centre empty. A centre that has people already is left as it is.
    """
    if Unit.objects.exists() or Staff.objects.exists():
        return house.known()
    with translation.override("zh-hans"), transaction.atomic():
        fill(progress, now=moment.now())
    forget()
    return house.sign_ins()


def fill(progress: Callable[[str], None], *, now: datetime, weeks: int = WEEKS) -> None:
    """The house, its residents and what happened there until ``now``, in the caller's transaction."""
    day = timezone.localtime(now).date() - timedelta(weeks=weeks)
    first = datetime.combine(day, time(7), timezone.get_current_timezone()).astimezone(UTC)
    with moment.frozen(first):
        progress(_("Demo: rules of a property firm ..."))
        units = house.build_units()
        loader.load("property", actor=SYSTEM)
        forget()
        progress(_("Demo: people and residents ..."))
        people = house.hire(units)
        homes = residents.move_in()
    progress(_("Demo: six weeks of work ..."))
    story.tell(units, people, homes, first=first, now=now)


def forget() -> None:
    """Nothing that was cached of the empty centre stays in this process."""
    routing.forget()
    actors.forget()
    centre.forget()
