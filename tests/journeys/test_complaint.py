"""Stories 4, 5 and 8: a complaint from the first word to the sealed file; a limit changes from a date on."""

import re
from datetime import date

import pytest

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints import handling
from kefu.cases.complaints.models import Complaint
from kefu.engines.clock import rules as limits
from kefu.engines.clock.models import LimitRule, Obligation
from kefu.engines.notify.models import Notice
from kefu.flows import archive, finish_work
from kefu.kit import moment
from kefu.kit.commands import commands_of
from kefu.timeline.models import Event, SealedCopy, Watcher
from kefu.timeline.services import is_intact
from tests import cases
from tests.browser import Browser
from tests.property_centre import DAY, HOUR, NOW, at

LAST = at("2026-03-07 23:59:59")
EVE = at("2026-09-30 17:00")  # the evening before seven days of National Day


@pytest.fixture
def as_(signed_in, cast):
    return lambda name: Browser(signed_in(getattr(cast, name)))


def open_limits(complaint) -> dict[str, object]:
    return {row.code: row.due_at for row in Obligation.objects.filter(subject=complaint.pk).exclude(state="void")}


def test_any_employee_passes_it_on_to_the_centre(cast, as_):
    page = as_("employee").open("/complaints/new")
    form = page.page.one("textarea", name="content")
    assert form
    page.give("/complaints/new", 422, name="李女士")
    page.give(
        "/complaints/new", content="保洁员态度恶劣", name="李女士", phone="139 0000 1111", heard_at="2026-03-04T09:30",
        against_id=cast.cleaning_head.pk, first_handling="当场道歉",
    )  # fmt: skip
    complaint = Complaint.objects.select_related("subject").get()
    assert page.url == f"/complaints/{complaint.pk}"
    assert (complaint.receiver, complaint.subject.unit_path, complaint.channel) == (cast.employee, cast.centre.path, "passed_on")
    assert Watcher.objects.get(subject=complaint.pk).kept
    event = Event.objects.get(subject=complaint.pk, kind="complaint.received")
    assert event.data["pass_on_delay_s"] == 1800
    assert Notice.objects.filter(kind="complaint.received", recipient=cast.receptionist).exists()
    assert Notice.objects.get(kind="complaint.settled_at_once").recipient == cast.boss
    assert open_limits(complaint) == {
        "complaint.first_contact": NOW + DAY,
        "complaint.verdict": at("2026-03-05 17:30"),
        "complaint.result": LAST,
    }
    as_("cleaning_head").open(page.url, 404)


def test_clocks_run_side_by_side_through_the_holiday(cast, as_):
    with moment.frozen(EVE):
        complaint = cases.heard(cast)
        url = f"/complaints/{complaint.pk}"
        desk = as_("receptionist")
        desk.give(f"{url}/do/classify", subject_type="attitude", severity_tests=["media"], unit_id=cast.cleaning.pk, other_units=True)
        complaint.refresh_from_db()
        assert (complaint.state, complaint.severity) == ("classed", "severe")
        assert open_limits(complaint)["complaint.severe_result"] == EVE + 48 * HOUR
        desk.give(f"{url}/do/judge", validity="valid", reason="conduct", basis="员工行为规范第三条")
        assert open_limits(complaint) == {
            "complaint.first_contact": EVE + DAY,
            "complaint.verdict": at("2026-10-08 17:30"),
            "complaint.severe_result": EVE + 48 * HOUR,
            "complaint.external_contact": at("2026-10-03 23:59:59"),
            "complaint.valid_analysis": at("2026-10-03 23:59:59"),
        }
        for clause in ("R-04-3.7.1", "R-04-3.6.6a", "R-04-3.7.5"):
            assert clause in desk.open(url).text
    with moment.frozen(EVE + 48 * HOUR + HOUR):
        desk.open(url)
        assert Obligation.objects.get(subject=complaint.pk, code="complaint.severe_result").due_at < moment.now()


def test_an_invalid_one_is_explained_within_a_day_and_confirmed_by_a_second_person(cast, as_):
    complaint = cases.classed(cast)
    url = f"/complaints/{complaint.pk}"
    desk = as_("receptionist")
    desk.give(f"{url}/do/judge", 422, validity="invalid", reason="conduct", basis="小区公约")
    assert "所选理由与判定不符" in desk.told
    desk.give(f"{url}/do/judge", validity="invalid", reason="groundless", basis="小区公约")
    limits = open_limits(complaint)
    assert limits["complaint.invalid_explain"] == at("2026-03-05 23:59:59")
    assert limits["complaint.result"] == LAST
    desk.open(f"{url}/do/confirm_verdict", 409)
    as_("manager").give(f"{url}/do/confirm_verdict", remark="同意")
    desk.give(f"{url}/do/explain", explanation="已说明小区公约，客户表示理解。")
    complaint.refresh_from_db()
    assert (complaint.state, complaint.closing_way) == ("decided", "explanation")
    task = CallbackTask.objects.get()
    desk.give(f"/callbacks/{task.pk}/do/record", verdict="understands", words="知道了")
    complaint.refresh_from_db()
    assert (complaint.state, complaint.satisfaction) == ("archived", "understands")


def test_a_valid_severe_one_runs_its_whole_course(cast, as_):
    complaint = cases.judged(cast, tests=("system_defect",))
    url = f"/complaints/{complaint.pk}"
    head, manager, desk = as_("cleaning_head"), as_("manager"), as_("receptionist")
    assert "对责任部门保密" in head.open(url).text
    head.give(f"{url}/do/analyse", analysis="新员工未培训上岗", responsible="周主管")
    head.give(f"{url}/do/measure", text="全员服务礼仪培训", owner_id=cast.cleaning_head.pk, due="2026-03-20")
    manager.give(f"{url}/do/visit_site", at="2026-03-04T14:00", attendees="林经理、周主管", findings="现场已恢复整洁")
    desk.give(f"{url}/do/decide", 422, closing_way="concession", staff_action="training", result="减免一个月保洁费")
    assert "让步" in desk.told
    manager.give(f"{url}/do/decide", closing_way="concession", staff_action="training", result="减免一个月保洁费")
    desk.give(f"{url}/do/tell", remark="已电话告知")
    task = CallbackTask.objects.get()
    desk.give(f"/callbacks/{task.pk}/do/record", verdict="satisfied", way="visit", heads_present="周主管")
    complaint.refresh_from_db()
    assert (complaint.state, complaint.satisfaction) == ("decided", "satisfied")
    desk.send(f"{url}/do/close", 409)
    assert "还有纠正措施未验证。 还未列入管理评审清单。" in desk.text
    with moment.frozen(at("2026-03-20 10:00")):
        row = complaint.measures.get()
        desk.give(f"{url}/do/check_measure", measure_id=row.pk, effect="effective", check_note="抽查合格")
        manager.give(f"{url}/do/review", defect="培训体系缺陷")
        desk.give(f"{url}/do/close")
    complaint.refresh_from_db()
    assert complaint.state == "archived"
    copy = SealedCopy.objects.get(subject=complaint.pk)
    assert is_intact(copy)
    assert copy.sha256 == complaint.seal
    assert "全员服务礼仪培训" in copy.body
    states = dict(Obligation.objects.filter(subject=complaint.pk).exclude(state="void").values_list("code", "state"))
    assert set(states.values()) <= {"met", "late"}, states


def test_a_measure_that_did_not_hold_sends_it_back(cast, as_):
    complaint = cases.judged(cast)
    url = f"/complaints/{complaint.pk}"
    desk = as_("receptionist")
    desk.give(f"{url}/do/analyse", analysis="培训不足")
    desk.give(f"{url}/do/measure", text="培训", owner_id=cast.cleaning_head.pk, due="2026-03-10")
    desk.give(f"{url}/do/decide", closing_way="rework", staff_action="training", result="重新清扫")
    desk.give(f"{url}/do/check_measure", measure_id=complaint.measures.get().pk, effect="ineffective", check_note="仍有投诉")
    complaint.refresh_from_db()
    assert complaint.state == "judged"
    assert (
        "complaint.result" in {row.code for row in Obligation.objects.filter(subject=complaint.pk, state="running")}
        or Obligation.objects.filter(subject=complaint.pk, code="complaint.result", state="met").exists()
    )


def test_not_satisfied_returns_to_work(cast, as_):
    complaint = cases.judged(cast)
    url = f"/complaints/{complaint.pk}"
    desk = as_("receptionist")
    desk.give(f"{url}/do/analyse", analysis="培训不足")
    desk.give(f"{url}/do/decide", closing_way="rework", staff_action="training", result="重新清扫")
    desk.give(f"{url}/do/tell", remark="已告知")
    desk.give(f"/callbacks/{CallbackTask.objects.get().pk}/do/record", verdict="not_satisfied", words="没有改善")
    complaint.refresh_from_db()
    assert (complaint.state, complaint.told_at, complaint.decided_at) == ("judged", None, None)
    desk.give(f"{url}/do/decide", closing_way="rework", staff_action="training", result="再次清扫")
    desk.give(f"{url}/do/tell", remark="已再次告知")
    assert CallbackTask.objects.filter(state="open").count() == 1


def test_a_complainant_who_was_not_reached_has_a_week_in_which_it_is_reopened(cast, as_):
    complaint = cases.judged(cast, valid=False)
    url = f"/complaints/{complaint.pk}"
    desk, manager = as_("receptionist"), as_("manager")
    manager.give(f"{url}/do/confirm_verdict", remark="同意")

    def explained_but_not_reached():
        desk.give(f"{url}/do/explain", explanation="已说明小区公约。")
        task = CallbackTask.objects.get(state="open")
        CallbackTask.objects.filter(pk=task.pk).update(tries=2)
        desk.give(f"/callbacks/{task.pk}/do/give_up", reason="三次无人接听")
        complaint.refresh_from_db()
        assert (complaint.state, complaint.satisfaction, complaint.seal) == ("closed", "unreachable", "")

    explained_but_not_reached()
    desk.open(f"{url}/do/reopen", 409)
    manager.give(f"{url}/do/reopen", reason="投诉人补充了照片")
    complaint.refresh_from_db()
    assert (complaint.state, complaint.satisfaction, complaint.closed_at) == ("judged", "", None)
    explained_but_not_reached()
    with moment.frozen(NOW + 7 * DAY):
        assert finish_work.archive_closed() == 1
    complaint.refresh_from_db()
    assert complaint.state == "archived"
    assert is_intact(SealedCopy.objects.get(subject=complaint.pk))


def test_it_is_kept_twelve_months(cast):
    assert archive.keep_until("complaint", on=NOW) == date(2027, 3, 4)


def test_a_limit_changes_from_a_date_and_running_cases_keep_theirs(cast, as_):
    before = cases.classed(cast, ("media",))
    rule = LimitRule.objects.get(code="complaint.severe_result")
    admin = as_("admin")
    form = {"valid_from": "2026-04-01", "amount": "24", "unit": "clock_hour", "pausable": False}
    admin.give(f"/settings/limits/{rule.pk}/do/change", **form)
    limits.forget()
    with moment.frozen(at("2026-03-31 23:00")):
        eve = cases.classed(cast, ("media",))
    with moment.frozen(at("2026-04-01 09:00")):
        after = cases.classed(cast, ("media",))
        assert open_limits(after)["complaint.severe_result"] == at("2026-04-02 09:00")
    assert open_limits(eve)["complaint.severe_result"] == at("2026-04-02 23:00")
    assert open_limits(before)["complaint.severe_result"] == NOW + 48 * HOUR
    assert Obligation.objects.get(subject=before.pk, code="complaint.severe_result").frozen["amount"] == 48


@pytest.mark.parametrize("who", ["receptionist", "manager", "cleaning_head", "crew", "agent", "dispatcher"])
def test_the_page_offers_exactly_the_commands_that_the_judge_allows(cast, signed_in, who):
    complaint = cases.judged(cast, by="crew")
    handling.measure(actor=cast.actor(cast.cleaning_head), id=complaint.pk, text="培训", owner_id=cast.crew.pk, due=NOW.date())
    person = getattr(cast, who)
    for _step in range(2):
        page = signed_in(person).get(f"/complaints/{complaint.pk}").content.decode()
        offered = set(re.findall(rf"/complaints/{complaint.pk}/do/(\w+)", page))
        assert offered == commands_of("complaint").allowed(cast.actor(person), complaint.pk)
        if not complaint.decided_at:
            words = {"closing_way": "rework", "staff_action": "training", "result": "返工"}
            complaint = handling.decide(actor=cast.actor(cast.receptionist), id=complaint.pk, **words)
