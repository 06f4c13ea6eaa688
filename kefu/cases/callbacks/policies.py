"""The judge of callbacks."""

from __future__ import annotations

from typing import NamedTuple

from kefu.cases.callbacks.choices import TaskState
from kefu.cases.callbacks.models import CallbackRule
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor

SETTINGS = ("orders.settings", "settings.manage")


def may_set(actor: Actor) -> bool:
    """Whether a person changes which cases are called back."""
    return actor.can_any(*SETTINGS)


def judge(actor: Actor) -> None:
    """Pass whoever may set it, and the system; raises ``NotAllowed`` for all others."""
    actor.require(*SETTINGS)


def allowed_rule(actor: Actor, rule_id: int) -> set[str]:
    """What may be done to a callback rule; raises ``NotFound`` for who sets none."""
    row = CallbackRule.objects.filter(pk=rule_id).values_list("active", "pack").first() if may_set(actor) else None
    if row is None:
        raise NotFound()
    return ({"switch_off"} if row[0] else set()) | (set() if row[1] else {"remove"})


class TaskFacts(NamedTuple):
    """What the judge needs of a task. ``handler_id`` is who did the work: nobody asks about his own."""

    state: str
    handler_id: int | None


def allowed(actor: Actor, task: TaskFacts) -> set[str]:
    """The commands a person may give to a callback now."""
    if task.state != TaskState.OPEN or not actor.can("callbacks.do") or (actor.id is not None and actor.id == task.handler_id):
        return set()
    return {"record", "try_again", "give_up"}
