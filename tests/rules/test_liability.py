"""Source 004, 3.7.2, 3.7.6 and 3.7.8: who is held responsible is heard first; delay is answered for; bad service has a consequence."""

import pytest
from django.utils import translation

from kefu.cases.complaints import asking, handling, policies, queries, services
from kefu.cases.complaints.models import Liability
from kefu.engines.clock import ticker
from kefu.engines.notify.models import Notice
from kefu.insight.reports import papers
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from tests import cases
from tests.property_centre import DAY, HOUR

PENALTY = {"action": "penalty", "decision": "通报批评", "clause": "第三章第五条", "amount": "扣 2 分"}


@pytest.fixture
def held(cast):
    made = cases.judged(cast)
    asking.hold_liable(actor=cast.actor(cast.receptionist), id=made.pk, person_id=cast.crew.pk, ground="未按规范用语")
    return made


@pytest.mark.clause("R-04-3.7.2b")
def test_a_penalty_waits_for_the_persons_word(cast, held):
    head, crew = cast.actor(cast.cleaning_head), cast.actor(cast.crew)
    row = Liability.objects.get()
    assert Notice.objects.get(kind="complaint.liable").recipient == cast.crew
    assert not policies.knows_complainant(crew, queries.facts(held))
    with pytest.raises(Conflict):
        asking.settle_liability(actor=head, id=held.pk, liability_id=row.pk, **PENALTY)
    with pytest.raises(NotAllowed):
        asking.answer(actor=head, id=held.pk, liability_id=row.pk, stand="confirmed")
    with pytest.raises(Invalid):
        asking.answer(actor=crew, id=held.pk, liability_id=row.pk, stand="objected")
    asking.answer(actor=crew, id=held.pk, liability_id=row.pk, stand="objected", statement="当时已致歉")
    with pytest.raises(Invalid):
        asking.settle_liability(actor=head, id=held.pk, liability_id=row.pk, **{**PENALTY, "clause": "", "amount": ""})
    asking.settle_liability(actor=head, id=held.pk, liability_id=row.pk, **PENALTY)
    row.refresh_from_db()
    assert (row.stand, row.action, row.clause, row.amount, row.approved_by) == (
        "objected", "penalty", "第三章第五条", "扣 2 分", cast.cleaning_head,
    )  # fmt: skip
    printed = papers.fields_of_complaint(queries.get(cast.actor(cast.manager), held.pk))
    assert (printed["confirmation"], printed["objection"]) == ("objected", "李师傅: 当时已致歉")
    assert "第三章第五条 扣 2 分" in printed["penalty"]


@pytest.mark.clause("R-04-3.7.2b")
def test_nobody_decides_about_himself_and_nobody_is_asked_twice(cast, held):
    desk, head = cast.actor(cast.receptionist), cast.actor(cast.cleaning_head)
    with pytest.raises(Invalid):
        asking.hold_liable(actor=desk, id=held.pk, person_id=cast.crew.pk, ground="再次")
    asking.hold_liable(actor=desk, id=held.pk, person_id=cast.cleaning_head.pk, ground="管理不到位")
    own = Liability.objects.get(person=cast.cleaning_head)
    asking.answer(actor=head, id=held.pk, liability_id=own.pk, stand="confirmed")
    with pytest.raises(Conflict):
        asking.settle_liability(actor=head, id=held.pk, liability_id=own.pk, **PENALTY)
    asking.settle_liability(actor=cast.actor(cast.manager), id=held.pk, liability_id=own.pk, action="none", decision="首次，不予处理")


@pytest.mark.clause("R-04-3.7.6")
def test_delay_in_a_field_is_answered_for_by_its_head_and_the_receiver(cast, signed_in):
    made = cases.judged(cast)
    assert asking.open_delays() == 0
    with moment.frozen(made.accepted_at + 5 * DAY):
        ticker.tick()
        assert asking.open_delays() == 1
        assert asking.open_delays() == 0
        rows = {row.person: row for row in Liability.objects.filter(complaint=made, fault="delay")}
        assert set(rows) == {cast.cleaning_head, cast.employee}
        chain = rows[cast.cleaning_head].chain
        assert [(one["who"], one["hours"]) for one in chain] == [("保洁部", 120.0)]
        head = cast.actor(cast.cleaning_head)
        asking.answer(actor=head, id=made.pk, liability_id=rows[cast.cleaning_head].pk, stand="objected", statement="等待材料")
        row = rows[cast.cleaning_head]
        asking.settle_liability(
            actor=cast.actor(cast.manager), id=made.pk, liability_id=row.pk, action="filing", decision="备案，限期整改"
        )  # fmt: skip
        page = signed_in(cast.manager).get(f"/complaints/{made.pk}").content.decode()
        with translation.override("en"):
            english = queries.liabilities(made.pk)[0]["ground"]
    for words in ("无故拖延", "等待材料", "备案，限期整改", "保洁部 120.0 小时"):
        assert words in page, words
    assert page.count("处理结果超时，各环节滞留：保洁部 120.0 小时") == 4, "the row and the event of each of the two"
    assert english == "The result is overdue; held by: 保洁部 120.0 h"
    assert "overdue:" not in page


@pytest.mark.clause("R-04-3.7.6")
def test_a_long_chain_is_cut_to_those_who_held_it_longest():
    chain = [{"who": f"员工{number:03}", "hours": float(number)} for number in range(200)]
    kept = queries.ground_of(chain)
    assert len(kept) <= queries.MOST_GROUND
    said = queries.ground_said(kept)
    assert ("员工199" in said, "员工000" in said) == (True, False)
    assert queries.ground_said("overdue: 由他负责") == "overdue: 由他负责"


@pytest.mark.clause("R-04-3.7.6")
def test_the_department_holds_a_case_until_another_one_has_it_whoever_writes_in_the_file(cast):
    desk, other = cast.actor(cast.receptionist), cast.cleaning.pk
    made = cases.heard(cast)
    begun = made.accepted_at
    deeds = [
        (1, lambda: services.contact(actor=desk, id=made.pk, remark="已致电")),
        (3, lambda: services.classify(actor=desk, id=made.pk, subject_type="quality", unit_id=cast.repair.pk)),
        (4, lambda: services.concern(actor=desk, id=made.pk, unit_id=other, remark="协查")),
        (9, lambda: services.judge(actor=desk, id=made.pk, validity="valid", reason="upkeep", basis="查对工单")),
        (30, lambda: services.notify_interim(actor=desk, id=made.pk, remark="仍在处理")),
        (33, lambda: services.classify(actor=desk, id=made.pk, subject_type="quality", unit_id=other, reason="查明属保洁")),
        (40, lambda: services.notify_interim(actor=desk, id=made.pk, remark="明日完成")),
    ]
    for hours, deed in deeds:
        with moment.frozen(begun + hours * HOUR):
            deed()
    made = queries.get(desk, made.pk)
    chain = asking.hold_times(made, begun + 50 * HOUR)
    assert [(one["who"], one["hours"]) for one in chain] == [("吴敏", 3.0), ("工程部", 30.0), ("保洁部", 17.0)]
    assert chain[0]["until"] == chain[1]["since"]


@pytest.mark.clause("R-04-3.7.8")
def test_bad_service_of_staff_always_has_a_consequence(cast, signed_in):
    desk = cast.actor(cast.receptionist)
    assert queries.is_staff_quality("valid", "conduct")
    assert not queries.is_staff_quality("valid", "upkeep")
    chosen, other = cases.judged(cast), cases.judged(cast, reason="upkeep")
    assert queries.staff_actions(chosen.pk) == ["training", "penalty", "filing"]
    words = {"closing_way": "rework", "result": "返工"}
    for unfit in ("", "none"):
        with pytest.raises(Invalid) as refused:
            handling.decide(actor=desk, id=chosen.pk, **words, staff_action=unfit)
        assert set(refused.value.fields) == {"staff_action"}
    assert handling.decide(actor=desk, id=chosen.pk, **words, staff_action="filing").staff_action == "filing"
    with pytest.raises(Invalid):
        handling.decide(actor=desk, id=other.pk, **words, staff_action="training")
    assert handling.decide(actor=desk, id=other.pk, **words).staff_action == ""
    page = signed_in(cast.receptionist).get(f"/complaints/{chosen.pk}").content.decode()
    assert "员工服务质量" in page
    assert "备案" in page
