"""The judge of callbacks."""

from __future__ import annotations

from typing import NamedTuple

from kefu.cases.callbacks.choices import TaskState
from kefu.people.actor import Actor


class TaskFacts(NamedTuple):
    """What the judge needs of a task. ``handler_id`` is who did the work: nobody asks about his own."""

    state: str
    handler_id: int | None


def allowed(actor: Actor, task: TaskFacts) -> set[str]:
    """The commands a person may give to a callback now."""
    if task.state != TaskState.OPEN or not actor.can("callbacks.do") or (actor.id is not None and actor.id == task.handler_id):
        return set()
    return {"record", "try_again", "give_up"}
