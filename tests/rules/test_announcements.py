"""Source 002C: what departments tell the centre."""

from datetime import timedelta

import pytest

from kefu.engines.clock import ticker
from kefu.engines.clock.choices import State
from kefu.engines.clock.models import Obligation
from kefu.engines.measures.period import Period
from kefu.engines.measures.queries import figure
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.touch.announcements import queries, services
from kefu.touch.announcements.choices import Kind
from tests.property_centre import NOW


@pytest.mark.clause("R-02C-5.2")
def test_information_that_a_department_hands_in_late_is_counted(cast):
    head, manager = cast.actor(cast.repair_head), cast.actor(cast.manager)
    told = {
        "kind": Kind.INFORMATION,
        "title": "停水通知",
        "body": "二期停水检修",
        "unit_id": cast.repair.pk,
        "area": "二期",
        "read_hours": 4,
    }
    ends = NOW + timedelta(days=10)
    late = services.write(actor=head, **told, effective_from=NOW - timedelta(hours=2), effective_to=ends)
    timely = services.write(actor=head, **told, effective_from=NOW + timedelta(days=2), effective_to=ends)
    with pytest.raises(Conflict):
        services.publish(actor=manager, id=late.pk)
    for one in (late, timely):
        services.hand_in(actor=head, id=one.pk)
        one.refresh_from_db()
    assert (late.late, timely.late, queries.waiting(manager)) == (True, False, 2)
    services.give_back(actor=manager, id=late.pk, reason="请写明区域")
    services.publish(actor=manager, id=timely.pk)
    ending = Obligation.objects.get(subject_id=timely.pk, code=services.EXPIRY)
    assert (ending.owner_id, ending.due_at) == (head.id, ends)
    with moment.frozen(ends + timedelta(minutes=5)):
        services.remind_due()
        ending.refresh_from_db()
        assert ending.state == State.MET
    found = figure("information.late", Period.of("day", NOW.date()), ["department"])
    assert [(one.numerator, one.denominator) for one in found] == [(1, 1)]
    with pytest.raises(Invalid) as refusal:
        services.write(actor=head, **{**told, "unit_id": None}, effective_from=NOW, effective_to=NOW)
    assert set(refusal.value.fields) == {"unit_id", "effective_to"}


@pytest.mark.clause("R-02C-5.2")
def test_information_that_the_centre_demands_is_urged_of_the_head_and_late_when_it_does_not_come(cast, signed_in):
    head, manager = cast.actor(cast.repair_head), cast.actor(cast.manager)
    told = {"kind": Kind.INFORMATION, "title": "检修计划", "body": "请写明区域", "unit_id": cast.repair.pk, "read_hours": None}
    asked = [services.write(actor=manager, **told, effective_from=NOW + timedelta(days=20)) for _one in range(2)]
    due = NOW + timedelta(hours=10)
    with pytest.raises(Invalid):
        services.demand(actor=manager, id=asked[0].pk, until=NOW)
    for one in asked:
        services.demand(actor=manager, id=one.pk, until=due)
    assert (queries.owed(head), queries.owed(manager)) == (2, 0)
    assert Notice.objects.filter(kind="announcement.demanded").values_list("recipient_id", flat=True)[0] == head.id
    limit = Obligation.objects.get(subject_id=asked[0].pk, code=services.HAND_IN)
    assert (limit.owner_id, limit.due_at, limit.clauses) == (head.id, due, ["R-02C-5.2"])
    with moment.frozen(NOW + timedelta(hours=5, seconds=1)):
        ticker.tick()
        assert Notice.objects.filter(kind="clock.warned", recipient=cast.repair_head).count() == 2
    with moment.frozen(due + timedelta(hours=2)):
        assert queries.owed(manager) == 2
        services.hand_in(actor=head, id=asked[0].pk)
        limit.refresh_from_db()
        assert limit.state == State.LATE
        told_late = signed_in(cast.repair_head).get(f"/announcements/{asked[0].pk}").content.decode()
        assert "迟报 2 小时" in told_late
        assert [row["subject_id"] for row in queries.rows(manager, owed="over").rows] == [asked[1].pk]
        found = figure("information.late", Period.of("day", NOW.date()), ["department"])
        assert [(one.numerator, one.denominator) for one in found] == [(2, 2)]
