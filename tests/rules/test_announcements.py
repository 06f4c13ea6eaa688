"""Source 002C: what departments tell the centre."""

from datetime import timedelta

import pytest

from kefu.engines.clock.models import Obligation
from kefu.engines.measures.period import Period
from kefu.engines.measures.queries import figure
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
    found = figure("information.late", Period.of("day", NOW.date()), ["department"])
    assert [(one.numerator, one.denominator) for one in found] == [(1, 2)]
    with pytest.raises(Invalid) as refusal:
        services.write(actor=head, **{**told, "unit_id": None}, effective_from=NOW, effective_to=NOW)
    assert set(refusal.value.fields) == {"unit_id", "effective_to"}
