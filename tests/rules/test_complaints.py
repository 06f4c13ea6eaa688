"""Source 004, part 3: complaints."""

from dataclasses import replace
from datetime import date

import pytest

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints import handling, policies, queries, services
from kefu.cases.complaints.models import Involved, ManagementReview
from kefu.engines.clock import ticker
from kefu.engines.clock.models import Obligation
from kefu.engines.notify.models import Notice
from kefu.engines.privacy import services as privacy
from kefu.engines.rulebook.queries import code_items, text_cards
from kefu.flows import complaint_steps, finish_work
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people import actor as actors
from kefu.people.models import Holding, Post
from kefu.timeline.models import Event, Watcher
from tests import cases
from tests.property_centre import DAY, HOUR, NOW, at


def limit(complaint, code):
    return Obligation.objects.filter(subject=complaint.pk, code=code).exclude(state="void").first()


@pytest.mark.clause("R-04-3.1")
def test_whoever_hears_it_passes_it_on_to_the_centre(cast):
    made = cases.heard(cast, heard_at=NOW - HOUR)
    assert made.subject.unit_path == cast.centre.path
    assert Event.objects.get(subject=made.pk, kind="complaint.received").data["pass_on_delay_s"] == 3600
    assert Notice.objects.filter(kind="complaint.received", recipient=cast.receptionist).exists()


@pytest.mark.clause("R-04-3.2")
def test_settled_on_the_spot_is_told_to_the_superior(cast):
    cases.heard(cast, by="crew", first_handling="当场更换")
    assert Notice.objects.get(kind="complaint.settled_at_once").recipient == cast.crew_leader


@pytest.mark.clause("R-04-3.3")
def test_guiding_the_customer_to_the_centre_has_its_words(cast):
    assert text_cards("hand_over")


@pytest.mark.clause("R-04-3.4")
def test_the_receiver_follows_and_may_report_past_his_superior(cast):
    made = cases.heard(cast, by="crew")
    actor = cast.actor(cast.crew)
    assert Watcher.objects.get(subject=made.pk, staff=cast.crew).kept
    with pytest.raises(Conflict):
        handling.report_past(actor=actor, id=made.pk, reason="没人处理")
    with moment.frozen(NOW + 5 * DAY):
        handling.report_past(actor=actor, id=made.pk, reason="没人处理")
    assert Notice.objects.get(kind="complaint.reported_past").recipient == cast.repair_head


@pytest.mark.clause("R-04-3.5.2")
def test_the_centre_sorts_and_contacts_those_concerned(cast):
    made = cases.heard(cast)
    services.concern(actor=cast.actor(cast.receptionist), id=made.pk, unit_id=cast.cleaning.pk, remark="请核实")
    assert Involved.objects.get(complaint=made).unit == cast.cleaning
    assert Notice.objects.filter(kind="complaint.concerns_you", recipient=cast.cleaning_head).exists()
    with pytest.raises(NotAllowed):
        services.classify(actor=cast.actor(cast.agent), id=made.pk, subject_type="attitude")


@pytest.mark.clause("R-04-3.6.1")
def test_a_concession_needs_approval(cast):
    made = cases.judged(cast)
    desk = cast.actor(cast.receptionist)
    with pytest.raises(Invalid):
        handling.decide(actor=desk, id=made.pk, closing_way="concession", result="减免")
    assert handling.decide(actor=desk, id=made.pk, closing_way="rework", staff_action="training", result="返工").state == "decided"


@pytest.mark.clause("R-04-3.6.2")
@pytest.mark.parametrize("test", ["many_departments", "media", "image", "system_doubt", "system_defect"])
def test_one_test_makes_it_severe(cast, test):
    assert cases.classed(cast, (test,)).severity == "severe"
    assert {item["code"] for item in code_items("complaint_severity_tests")} >= {test, "repeated"}


@pytest.mark.clause("R-04-3.6.2")
def test_the_third_in_thirty_days_is_severe_by_itself(cast):
    made = [cases.classed(cast) for _ in range(3)]
    assert [one.severity for one in made] == ["ordinary", "ordinary", "severe"]
    assert made[2].severity_tests == ["repeated"]


@pytest.mark.clause("R-04-3.6.2b")
def test_media_exposure_is_severe(cast):
    assert cases.classed(cast, ("media",)).severity == "severe"


@pytest.mark.clause("R-04-3.6.2f")
def test_a_system_defect_is_reviewed_before_it_closes(cast):
    made = cases.judged(cast, tests=("system_defect",))
    assert "review" in queries.what_is_missing(made)
    handling.review(actor=cast.actor(cast.manager), id=made.pk, defect="培训缺失")
    assert ManagementReview.objects.filter(complaint=made).exists()
    assert "review" not in queries.what_is_missing(made)


@pytest.mark.clause("R-04-3.6.3")
def test_invalid_has_a_listed_reason_and_a_second_person(cast):
    assert {item["code"] for item in code_items("complaint_invalid_reasons")} == {"ignorance", "groundless", "others_duty"}
    made = cases.judged(cast, valid=False)
    assert "second" in queries.what_is_missing(made)
    with pytest.raises(Conflict):
        services.judge(actor=cast.actor(cast.receptionist), id=made.pk, validity="valid", reason="conduct", basis="改判")
    with pytest.raises((NotAllowed, Conflict)):
        services.confirm_verdict(actor=cast.actor(cast.receptionist), id=made.pk)
    assert services.confirm_verdict(actor=cast.actor(cast.manager), id=made.pk).confirmed_by_id == cast.manager.pk


@pytest.mark.clause("R-04-3.6.3d")
def test_an_explanation_has_its_card(cast):
    assert text_cards("explain")


@pytest.mark.clause("R-04-3.6.4")
def test_valid_has_one_of_five_causes(cast):
    assert len(code_items("complaint_valid_causes")) == 5
    made = cases.classed(cast)
    with pytest.raises(Invalid):
        services.judge(actor=cast.actor(cast.receptionist), id=made.pk, validity="valid", reason="groundless", basis="x")


@pytest.mark.clause("R-04-3.6.5")
def test_invalid_is_explained_within_a_day(cast):
    made = cases.judged(cast, valid=False)
    assert limit(made, "complaint.invalid_explain").due_at == at("2026-03-05 23:59:59")
    complaint_steps.explain(actor=cast.actor(cast.receptionist), id=made.pk, explanation="已解释")
    assert limit(made, "complaint.invalid_explain").state == "met"


@pytest.mark.clause("R-04-3.6.6a")
def test_valid_is_analysed_within_three_days(cast):
    made = cases.judged(cast)
    assert limit(made, "complaint.valid_analysis").due_at == at("2026-03-07 23:59:59")
    handling.analyse(actor=cast.actor(cast.cleaning_head), id=made.pk, analysis="培训不足")
    assert limit(made, "complaint.valid_analysis").state == "met"


@pytest.mark.clause("R-04-3.6.6b", "R-04-3.6.6c")
def test_a_severe_one_needs_measures_and_a_site_visit(cast):
    made = cases.judged(cast, tests=("media",))
    assert {"measures", "visit"} <= set(queries.what_is_missing(made))
    with pytest.raises(NotAllowed):
        handling.waive_visit(actor=cast.actor(cast.cleaning_head), id=made.pk, reason="不必")
    handling.visit_site(actor=cast.actor(cast.manager), id=made.pk, at=NOW, attendees="林经理", findings="属实")
    assert "visit" not in queries.what_is_missing(made)


@pytest.mark.clause("R-04-3.7.1")
def test_a_severe_one_has_forty_eight_hours_holidays_included(cast):
    with moment.frozen(at("2026-09-30 17:00")):
        made = cases.classed(cast, ("media",))
    assert limit(made, "complaint.severe_result").due_at == at("2026-10-02 17:00")
    assert limit(made, "complaint.severe_result").rule.warn_points == [24, 12, 4]


@pytest.mark.clause("R-04-3.7.2a")
def test_each_fills_his_own_part(cast):
    made = cases.judged(cast)
    with pytest.raises(NotAllowed):
        handling.analyse(actor=cast.actor(cast.agent), id=made.pk, analysis="x")
    with pytest.raises((NotAllowed, Conflict)):
        services.classify(actor=cast.actor(cast.cleaning_head), id=made.pk, subject_type="attitude", reason="重分")
    assert handling.analyse(actor=cast.actor(cast.cleaning_head), id=made.pk, analysis="属实").analysed_by_id == cast.cleaning_head.pk


@pytest.mark.clause("R-04-3.7.3")
def test_a_measure_is_checked(cast):
    made = cases.judged(cast)
    desk = cast.actor(cast.receptionist)
    handling.measure(actor=desk, id=made.pk, text="培训", owner_id=cast.cleaning_head.pk, due=NOW.date())
    handling.decide(actor=desk, id=made.pk, closing_way="rework", staff_action="training", result="返工")
    assert "checks" in queries.what_is_missing(made)
    row = made.measures.get()
    again = complaint_steps.check_measure(actor=desk, id=made.pk, measure_id=row.pk, effect="ineffective", check_note="无效")
    assert again.state == "judged"


@pytest.mark.clause("R-04-3.7.3")
def test_the_clock_reminds_of_a_measure_and_of_its_check(cast):
    made = cases.judged(cast)
    head, desk = cast.actor(cast.cleaning_head), cast.actor(cast.receptionist)
    with pytest.raises(Invalid):
        handling.measure(actor=head, id=made.pk, text="培训", owner_id=cast.crew.pk, due=date(2026, 3, 3))
    handling.measure(actor=head, id=made.pk, text="培训", owner_id=cast.crew.pk, due=date(2026, 3, 12))
    own, check = limit(made, "complaint.measure"), limit(made, "complaint.measure_check")
    assert (own.owner, own.due_at) == (cast.crew, at("2026-03-12 23:59:59"))
    assert (check.addressed_to, check.due_at) == ("post:receptionist", at("2026-03-13 17:30"))
    with moment.frozen(own.due_at - DAY + HOUR):
        ticker.tick()
        assert Notice.objects.filter(kind="clock.warned", params__obligation=own.pk).get().recipient == cast.crew
    with moment.frozen(own.due_at + 25 * HOUR):
        ticker.tick()
        up = Notice.objects.filter(kind="clock.escalated", params__obligation=own.pk)
        assert set(up.values_list("recipient", flat=True)) == {cast.crew_leader.pk, cast.boss.pk}
        row = made.measures.get()
        again = handling.check_measure(actor=desk, id=made.pk, measure_id=row.pk, effect="ineffective", check_note="未培训")
        assert again.state == "judged"
    states = {one.code: one.state for one in Obligation.objects.filter(pk__in=[own.pk, check.pk])}
    assert states == {"complaint.measure": "void", "complaint.measure_check": "late"}


@pytest.mark.clause("R-04-3.7.3")
def test_its_owner_reports_it_and_the_check_ends_it(cast):
    made = cases.judged(cast)
    handling.measure(actor=cast.actor(cast.cleaning_head), id=made.pk, text="培训", owner_id=cast.crew.pk, due=date(2026, 3, 12))
    owner, row = cast.actor(cast.crew), made.measures.get()
    assert "measure_done" in policies.allowed(owner, queries.facts(queries.get(owner, made.pk)))
    assert not policies.knows_complainant(owner, queries.facts(made))
    with pytest.raises(NotAllowed):
        handling.measure_done(actor=cast.actor(cast.receptionist), id=made.pk, measure_id=row.pk, note="代报")
    handling.measure_done(actor=owner, id=made.pk, measure_id=row.pk, note="已培训全班")
    assert limit(made, "complaint.measure").state == "met"
    assert Notice.objects.filter(kind="complaint.measure_done", recipient=cast.receptionist).exists()
    with pytest.raises(NotAllowed):
        handling.measure_done(actor=owner, id=made.pk, measure_id=row.pk, note="再报")
    desk = cast.actor(cast.receptionist)
    handling.check_measure(actor=desk, id=made.pk, measure_id=row.pk, effect="effective", check_note="抽查合格")
    assert limit(made, "complaint.measure_check").state == "met"


@pytest.mark.clause("R-04-3.7.4", "R-03-4.2.6")
def test_every_result_is_called_back(cast):
    made = cases.judged(cast)
    desk = cast.actor(cast.receptionist)
    handling.decide(actor=desk, id=made.pk, closing_way="rework", staff_action="training", result="返工")
    complaint_steps.tell(actor=desk, id=made.pk, remark="已告知")
    task = CallbackTask.objects.get(subject=made.pk)
    assert limit(made, "complaint.callback").state == "running"
    done = finish_work.record_callback(actor=desk, id=task.pk, verdict="satisfied", way="visit", heads_present="周主管")
    assert (done.state, done.heads_present) == ("done", "周主管")
    assert limit(made, "complaint.callback").state == "met"


@pytest.mark.clause("R-04-3.7.5")
def test_other_units_mean_an_interim_notice_in_three_days(cast):
    made = cases.classed(cast, other_units=True)
    assert limit(made, "complaint.external_contact").due_at == at("2026-03-07 23:59:59")
    services.notify_interim(actor=cast.actor(cast.receptionist), id=made.pk, remark="已联系街道")
    assert limit(made, "complaint.external_contact").state == "met"


@pytest.mark.clause("R-02F-4.1", "R-03-5.3.4")
def test_the_one_complained_of_neither_handles_nor_learns_who(cast):
    made = cases.judged(cast, against_id=cast.cleaning_head.pk)
    facts = queries.facts(made)
    assert policies.allowed(cast.actor(cast.cleaning_head), facts) == {"note"}
    assert not policies.knows_complainant(cast.actor(cast.cleaning_head), facts)
    assert policies.knows_complainant(cast.actor(cast.receptionist), facts)


@pytest.mark.clause("R-02F-4.1", "R-04-3.5.2")
def test_nobody_of_the_unit_complained_of_learns_who_whatever_his_post(cast):
    centre_post = Post.objects.get(code="receptionist")
    Holding.objects.create(staff=cast.cleaning_head, post=centre_post, unit=cast.company)
    actors.forget()
    facts = queries.facts(cases.judged(cast))
    assert not policies.knows_complainant(cast.actor(cast.cleaning_head), facts)
    assert policies.knows_complainant(cast.actor(cast.receptionist), facts)
    heard_by_himself = queries.facts(cases.judged(cast, by="cleaning_head"))
    assert policies.knows_complainant(cast.actor(cast.cleaning_head), heard_by_himself)
    decides = replace(cast.actor(cast.repair_head), rights=frozenset({"complaints.decide"}))
    assert not policies.knows_complainant(decides, facts)
    assert policies.knows_complainant(replace(decides, sees_all=True), facts)
    about_the_centre = queries.facts(cases.judged(cast, unit_id=cast.centre.pk))
    assert policies.knows_complainant(cast.actor(cast.manager), about_the_centre)


@pytest.mark.clause("R-02F-4.1")
def test_the_contact_behind_a_complaint_is_as_secret_as_the_complaint(cast):
    contact = cases.call(cast, by="receptionist", name="李女士")
    agent, desk = cast.actor(cast.agent), cast.actor(cast.receptionist)
    look = {"subject_id": contact.pk, "field": "phone", "reason": "回电核实"}
    assert privacy.reveal(actor=agent, **look) == "+8613812345678"
    record = {"name": "李女士", "phone": "13812345678", "address": "3栋", "content": "保洁员态度恶劣"}
    complaint_steps.open_from_contact(actor=desk, contact_id=contact.pk, record=record, against_id=cast.manager.pk)
    assert privacy.reveal(actor=desk, **look) == "+8613812345678"
    for actor in (agent, cast.actor(cast.manager)):
        with pytest.raises(NotFound):
            privacy.reveal(actor=actor, **look)
