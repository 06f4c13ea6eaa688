"""Where, when and with whom the demo plays."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.utils import timezone

from kefu.entry.demo.residents import Home
from kefu.entry.demo.runner import Runner
from kefu.people.actor import Actor
from kefu.people.models import Unit


@dataclass
class Scene:
    """What every deed of the story needs to be done."""

    units: dict[str, Unit]
    people: dict[str, Actor]
    homes: list[Home]
    runner: Runner
    dice: random.Random = field(default_factory=lambda: random.Random(2026))  # noqa: S311 - a story, the same each time

    def hour(self, day: datetime, hour: float) -> datetime:
        """``hour`` o'clock of a local day."""
        return datetime.combine(timezone.localtime(day).date(), time(), timezone.get_current_timezone()) + timedelta(hours=hour)

    def next_morning(self, after: datetime) -> datetime:
        """When the callback desk comes to it: the next morning."""
        return self.hour(after + timedelta(days=1), 9 + self.dice.random() * 2.5)
