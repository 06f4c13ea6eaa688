"""What the timetable does to cases and accounts."""

from datetime import timedelta

import pytest

from kefu.cases.callbacks.models import CallbackRule, CallbackTask
from kefu.cases.workorders import policies, services
from kefu.cases.workorders.choices import State
from kefu.cases.workorders.models import OrderType, WorkOrder
from kefu.cases.workorders.policies import OrderFacts
from kefu.engines.jobs.registry import periodics
from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.models import Setting
from kefu.flows import archive, finish_work
from kefu.flows.declares import allowed_order, forget_tries
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
    assert states == {old.pk: State.CLOSED, young.pk: State.COMPLETED, owed.pk: State.COMPLETED}
    assert not SealedCopy.objects.exists()
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


def test_what_closed_without_the_customers_word_may_be_reopened_for_some_days_and_is_sealed_then(cast):
    CallbackRule.objects.update(active=False)
    dispatcher, crew = cast.actor(cast.dispatcher), cast.actor(cast.crew)
    order = finish_work.close(actor=dispatcher, id=completed(cast, 1).pk, reason="已电话告知")
    assert (order.state, allowed_order(dispatcher, order.pk)) == (State.CLOSED, {"archive", "note", "reopen"})
    order = services.reopen(actor=dispatcher, id=order.pk, reason="又漏水了")
    assert (order.state, order.handler_id, order.redo_round, order.subject.closed_at) == (State.WORKING, cast.crew.pk, 1, None)
    finish_work.complete(actor=crew, id=order.pk, result="已换整段水管")
    finish_work.close(actor=dispatcher, id=order.pk, reason="住户无异议")
    with moment.frozen(moment.now() + timedelta(days=6, hours=23)):
        assert finish_work.archive_closed() == 0
    with moment.frozen(moment.now() + timedelta(days=7)):
        assert finish_work.archive_closed() == 1
        assert finish_work.archive_closed() == 0
    order.refresh_from_db()
    assert (order.state, allowed_order(dispatcher, order.pk)) == (State.ARCHIVED, {"correct"})
    assert SealedCopy.objects.get(subject=order.pk).sha256 == order.seal


def test_0_days_seal_at_once_and_the_dispatcher_may_seal_by_hand(cast):
    dispatcher = cast.actor(cast.dispatcher)
    order = finish_work.close(actor=dispatcher, id=completed(cast, 1).pk, reason="已告知")
    assert archive.archive_order(actor=dispatcher, id=order.pk).state == State.ARCHIVED
    Setting.objects.update_or_create(key="order.archive_after_days", defaults={"value": 0})
    rulebook.forget()
    assert finish_work.close(actor=dispatcher, id=completed(cast, 1).pk, reason="已告知").state == State.ARCHIVED


@pytest.mark.parametrize("verdict", ["satisfied", "understands"])
def test_the_customers_word_closes_and_seals_at_once(cast, verdict):
    order = completed(cast, 1)
    task = CallbackTask.objects.create(subject=order.subject)
    finish_work.record_callback(actor=cast.actor(cast.receptionist), id=task.pk, verdict=verdict)
    order.refresh_from_db()
    assert (order.state, order.satisfaction) == (State.ARCHIVED, verdict)


def test_who_was_not_reached_may_still_answer_while_the_order_is_closed(cast):
    order = completed(cast, 1)
    task = CallbackTask.objects.create(subject=order.subject, tries=2)
    finish_work.give_up(actor=cast.actor(cast.receptionist), id=task.pk, reason="三次无人接听")
    order.refresh_from_db()
    assert (order.state, order.satisfaction) == (State.CLOSED, "unreachable")
    order = services.reopen(actor=cast.actor(cast.dispatcher), id=order.pk, reason="住户来电说未修好")
    assert (order.state, order.satisfaction) == (State.WORKING, "")


def test_the_system_closes_and_gives_no_other_command(cast):
    for state in State:
        may = {State.COMPLETED: {"close"}, State.CLOSED: {"archive"}}.get(state, set())
        assert policies.allowed(SYSTEM, OrderFacts(state)) == may
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
    assert {"orders.close_settled", "cases.archive_closed", "people.forget_tries", "privacy.erase"} <= set(periodics.codes())
