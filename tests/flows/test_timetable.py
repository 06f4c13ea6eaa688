"""What the timetable does to cases and accounts."""

from datetime import timedelta

import pytest

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.workorders import policies, services
from kefu.cases.workorders.choices import State
from kefu.cases.workorders.models import OrderType, WorkOrder
from kefu.cases.workorders.policies import OrderFacts
from kefu.engines.jobs.registry import periodics
from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.models import Setting
from kefu.flows import finish_work
from kefu.flows.declares import forget_tries
from kefu.kit import moment
from kefu.kit.errors import NotAllowed
from kefu.people.actor import SYSTEM
from kefu.people.models import SignInTry
from kefu.timeline.models import Event, SealedCopy, Subject


def completed(cast, days_ago: int, secrecy: int = 0) -> WorkOrder:
    kind, _made = OrderType.objects.get_or_create(code="repair", defaults={"path": "repair", "name": "报修", "kind": "repair"})
    at = moment.now() - timedelta(days=days_ago)
    number = f"GD{Subject.objects.count():05}"
    subject = Subject.objects.create(
        kind="workorder", number=number, unit_path=cast.team.path, owner=cast.crew, secrecy=secrecy, opened_at=at
    )
    return WorkOrder.objects.create(
        subject=subject,
        type=kind,
        channel="phone",
        content="灯不亮",
        state=State.COMPLETED,
        unit=cast.team,
        handler=cast.crew,
        completed_at=at,
    )


def test_completed_orders_close_by_themselves_when_nobody_is_owed_a_callback(cast):
    rulebook.forget()
    old, young, owed = completed(cast, 8), completed(cast, 6), completed(cast, 30)
    CallbackTask.objects.create(subject=owed.subject)
    assert finish_work.close_settled() == 1
    states = dict(WorkOrder.objects.values_list("pk", "state"))
    assert states == {old.pk: State.ARCHIVED, young.pk: State.COMPLETED, owed.pk: State.COMPLETED}
    assert SealedCopy.objects.get().subject_id == old.pk
    closed = Event.objects.get(subject=old.subject, kind="order.closed")
    assert (closed.actor_id, closed.data["reason"] != "") == (None, True)
    assert finish_work.close_settled() == 0


def test_the_days_are_a_setting_and_0_means_never(cast):
    completed(cast, 3)
    Setting.objects.create(key="order.auto_close_days", value=0, valid_from=moment.now() - timedelta(days=9))
    rulebook.forget()
    assert finish_work.close_settled() == 0
    Setting.objects.update(value=2)
    rulebook.forget()
    assert finish_work.close_settled() == 1
    rulebook.forget()


def test_the_system_closes_and_gives_no_other_command(cast):
    for state in State:
        assert policies.allowed(SYSTEM, OrderFacts(state)) == ({"close"} if state == State.COMPLETED else set())
    order = completed(cast, 8)
    with pytest.raises(NotAllowed):
        services.redo(actor=SYSTEM, id=order.pk, words="再做一次")


def test_sign_in_tries_stay_six_months(db):
    now = moment.now()
    for days in (10, 170, 200):
        SignInTry.objects.create(username="u", at=now - timedelta(days=days), good=False)
    assert forget_tries() == 1
    assert SignInTry.objects.count() == 2


def test_the_timetable_holds_the_nightly_work():
    assert {"orders.close_settled", "people.forget_tries", "privacy.erase"} <= set(periodics.codes())
