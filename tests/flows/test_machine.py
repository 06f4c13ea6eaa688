"""Random commands by random people: no constraint breaks, a refused command leaves no trace, every change has its event."""

from datetime import timedelta

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from kefu.cases.workorders import asking, services
from kefu.cases.workorders.models import OPEN_HELP, OrderHelp, WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.flows import archive, finish_work
from kefu.flows.declares import allowed_order
from kefu.kit.errors import KefuError
from kefu.timeline.models import Event, SealedCopy
from tests import cases
from tests.property_centre import NOW

WHO = ("agent", "receptionist", "dispatcher", "repair_head", "crew_leader", "crew", "cleaning_head", "manager", "auditor")


def withdraw_any(*, actor, id):  # noqa: A002
    owed = OrderHelp.objects.filter(OPEN_HELP, order=id).first()
    return asking.withdraw_help(actor=actor, id=id, help_id=owed.pk if owed else 0, reason="不需要了")


def commands(cast):
    return {
        "dispatch": (services.dispatch, {"unit_id": cast.repair.pk}),
        "redirect": (services.redirect, {"unit_id": cast.cleaning.pk, "reason": "转派"}),
        "accept": (services.accept, {}),
        "assign": (services.assign, {"handler_id": cast.crew.pk}),
        "return": (services.give_back, {"reason": "not_ours", "text": "不属于本部门"}),
        "contact": (services.contact, {}),
        "arrive": (services.arrive, {}),
        "ask_extension": (asking.ask_extension, {"until": NOW + timedelta(days=3), "text": "等配件"}),
        "ask_suspension": (asking.ask_suspension, {"reason": "absent", "text": "无人", "evidence": "录音"}),
        "grant": (asking.grant, {}),
        "refuse": (asking.refuse, {"remark": "不同意"}),
        "resume": (asking.resume, {}),
        "ask_helper": (asking.ask_helper, {"unit_id": cast.cleaning.pk, "demand": "清水"}),
        "withdraw_help": (withdraw_any, {}),
        "help_reply": (asking.help_reply, {"reply": "好"}),
        "complete": (finish_work.complete, {"result": "完成"}),
        "redo": (finish_work.redo, {"words": "没修好"}),
        "close": (finish_work.close, {"reason": "已告知"}),
        "reopen": (services.reopen, {"reason": "又漏水了"}),
        "archive": (archive.archive_order, {}),
        "void": (services.void, {"reason": "误建"}),
        "note": (services.note, {"text": "备注"}),
    }


STEPS = some.lists(some.tuples(some.sampled_from(WHO), some.integers(0, 21)), min_size=5, max_size=25)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
def test_no_order_of_commands_breaks_an_order(cast, steps):
    order = cases.order(cast)
    given_by = list(commands(cast).items())
    for who, number in steps:
        name, (run, words) = given_by[number]
        actor = cast.actor(getattr(cast, who))
        before = WorkOrder.objects.values().get(pk=order.pk)
        count = Event.objects.filter(subject=order.pk).count()
        try:
            may = name in may_give(actor, order.pk)
            run(actor=actor, id=order.pk, **words)
        except KefuError as refusal:
            assert WorkOrder.objects.values().get(pk=order.pk) == before, (name, who)
            assert Event.objects.filter(subject=order.pk).count() == count, (name, who)
            assert refusal.message()  # noqa: PT017
        else:
            assert may, (name, who)
            assert Event.objects.filter(subject=order.pk).count() > count, (name, who)
    connection.check_constraints()
    held = WorkOrder.objects.select_related("subject").get(pk=order.pk)
    over = held.state in {"closed", "archived", "void"}
    assert (held.subject.closed_at is not None) == over
    assert held.subject.owner_id == held.handler_id
    if held.state == "suspended":
        assert not Obligation.objects.filter(subject=order.pk, state="running", code="repair.finish").exists()
    if over:
        assert SealedCopy.objects.filter(subject=order.pk).count() == (held.state == "archived")


def may_give(actor, order_id):
    try:
        return allowed_order(actor, order_id)
    except KefuError:
        return set()
