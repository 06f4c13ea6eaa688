"""Changing the state of an agent: by hand, or because the connection was lost. Each change is one row and one event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.people.models import Staff
from kefu.timeline.services import open_subject, record_one
from kefu.touch.presence import policies, queries
from kefu.touch.presence.choices import BY_HAND, DISCONNECTED, GRACE, GRACE_SETTING, KINDS, State
from kefu.touch.presence.models import Agent, Stay

LEFT = "left_state"


@transaction.atomic
def change(*, actor: Actor, id: int, state: str, reason: str = "") -> None:  # noqa: A002
    """Go to a state. Raises ``NotFound``, ``NotAllowed``, ``Invalid``; who is in it already for that reason stays in it."""
    path = queries.unit_path_of(id)
    if not policies.allowed(actor, id, path):
        raise NotFound()
    if state not in BY_HAND:
        raise Invalid(fields={"state": _("This state follows from a call; it is not chosen.")})
    if actor.id != id and state != State.OFFLINE:
        raise NotAllowed(_("A colleague can only be signed off."))
    reason = reason if KINDS[state].why else ""
    if KINDS[state].why and reason not in dict(queries.reasons(state)):
        raise Invalid(fields={"reason": _("Choose a reason.")})
    at = moment.now()
    agent = _locked(id, path)
    if actor.id == id:
        Agent.objects.filter(pk=agent.pk).update(seen_at=at)
    go(agent=agent, state=State(state), reason=reason, at=at, actor_id=actor.id)


def _locked(staff_id: int, path: str) -> Agent:
    """The agent, held until the transaction ends; made at first need."""
    held = Agent.objects.select_for_update(of=("self",)).select_related("subject").filter(staff_id=staff_id).first()
    if held is not None:
        return held
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    again = Agent.objects.select_related("subject").filter(staff_id=staff_id).first()
    if again is not None:
        return Agent.objects.select_for_update(of=("self",)).select_related("subject").get(pk=again.pk)
    subject = open_subject(kind=queries.KIND, number=f"ZT{staff.pk:06d}", title=str(staff), unit_path=path, owner_id=staff.pk)
    return Agent.objects.create(subject=subject, staff=staff, seen_at=moment.now())


def go(*, agent: Agent, state: State, reason: str, at: datetime, actor_id: int | None) -> bool:
    """End the running stay and begin the next; the limits of the one end, those of the other start. The caller holds the agent's row."""
    running = Stay.objects.filter(agent=agent, until=None).first()
    if running is None and state == State.OFFLINE:
        return False
    if running is not None and (running.state, running.reason) == (state, reason):
        return False
    before = running.state if running else State.OFFLINE
    if running is not None:
        at = max(at, running.since)
        Stay.objects.filter(pk=running.pk).update(until=at)
    Stay.objects.create(agent=agent, state=state, reason=reason, since=at, by_id=actor_id)
    clock.reach(subject=agent.subject, moments=(LEFT, state), at=at, actor_id=actor_id)
    data = {"before": str(before), "state": str(state), "reason": reason}
    record_one(actor_id=actor_id, subject_id=agent.pk, kind="presence.changed", data=data, at=at)
    return True


def hold_ready(staff_id: int) -> bool:
    """Hold the agent until the transaction ends; whether the person is ready."""
    held = Agent.objects.select_for_update(of=("self",)).filter(staff_id=staff_id).values_list("pk", flat=True).first()
    return held is not None and Stay.objects.filter(agent_id=held, until=None, state=State.READY).exists()


def connected(staff_ids: Iterable[int]) -> int:
    """These people have a page open right now; the answer is how many of them serve. One statement."""
    return Agent.objects.filter(staff_id__in=list(staff_ids)).update(seen_at=moment.now())


def sign_off_disconnected() -> int:
    """Whoever is in a state but has had no page open for longer than the grace time goes offline, once; the answer is how many went."""
    at = moment.now()
    seconds = setting(GRACE_SETTING, default=GRACE.total_seconds())
    before = at - timedelta(seconds=float(seconds))
    gone = Stay.objects.filter(until=None, since__lt=before, agent__seen_at__lt=before).exclude(state=State.OFFLINE)
    count = 0
    for agent_id in list(gone.values_list("agent_id", flat=True)[: queries.MOST]):
        with transaction.atomic():
            held = Agent.objects.select_for_update(skip_locked=True, of=("self",)).select_related("subject")
            agent = held.filter(pk=agent_id, seen_at__lt=before).first()
            if agent is not None and go(agent=agent, state=State.OFFLINE, reason=DISCONNECTED, at=at, actor_id=None):
                count += 1
    return count
