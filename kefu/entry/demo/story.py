"""Six weeks of work: the daily run of calls, the cases worth showing, and the complaints."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from kefu.engines.clock import services as clock
from kefu.engines.clock.choices import OPEN
from kefu.engines.clock.models import Obligation
from kefu.entry.demo import announced, carried, chats, complaints, counter, highlights, kept, orders, passed_on, written
from kefu.entry.demo.residents import Home
from kefu.entry.demo.runner import Runner
from kefu.entry.demo.scene import Scene
from kefu.kit import moment
from kefu.people.actor import Actor
from kefu.people.models import Unit

BUSY = (9, 7, 6, 6, 8, 4, 3)  # calls a day, Monday first
RECENT = (0.2, 0.5, 0.9, 1.4, 2, 3, 4, 5, 7, 9, 14, 20)  # more calls, hours before now: whenever one looks, there is work on the lists


def tell(units: dict[str, Unit], people: dict[str, Actor], homes: list[Home], *, first: datetime, now: datetime) -> int:
    """Let it all happen; the answer is how many deeds were done."""
    scene = Scene(units, people, homes, Runner(first, now))
    day = first
    while day <= now:
        _plan_day(scene, day)
        day += timedelta(days=1)
    for hours in RECENT:
        orders.plan_call(scene, now - timedelta(hours=hours))
    highlights.plan(scene, now)
    complaints.plan(scene, now)
    written.plan(scene, now)
    passed_on.plan(scene, now)
    carried.plan(scene, now)
    chats.plan(scene, now)
    announced.plan(scene, now)
    counter.plan(scene, now)
    kept.plan(scene, now)
    return scene.runner.run()


def _plan_day(scene: Scene, day: datetime) -> None:
    calls = BUSY[timezone.localtime(day).weekday()]
    for _call in range(max(1, calls + scene.dice.randint(-2, 1))):
        orders.plan_call(scene, scene.hour(day, 8 + scene.dice.random() * 11.5))
    scene.runner.at(scene.hour(day, 19.5), lambda: _do_duties(scene))


def _do_duties(scene: Scene) -> None:
    """The day's recurring duties are done in the evening."""
    known = {"post:receptionist": "022", "post:centre_manager": "010"}
    for pk, addressed in Obligation.objects.filter(subject__kind="duty", state__in=OPEN).values_list("pk", "addressed_to"):
        clock.meet(obligation_id=pk, at=moment.now(), actor_id=scene.people[known.get(addressed, "010")].id)
