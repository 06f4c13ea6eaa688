"""Random commands by random people on a complaint, over National Day: the table of moves, the clocks, the history and the secret hold."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints import handling, policies, queries, services
from kefu.cases.complaints.choices import MOVES, State
from kefu.cases.complaints.models import Complaint
from kefu.engines.clock.models import Obligation
from kefu.engines.clock.ticker import tick
from kefu.flows import complaint_steps, finish_work
from kefu.flows.declares import allowed_complaint
from kefu.kit import moment
from kefu.kit.errors import KefuError
from kefu.timeline.models import Event, SealedCopy
from tests import cases
from tests.property_centre import SHANGHAI, at

WHO = ("agent", "receptionist", "repair_head", "crew", "cleaning_head", "manager", "boss", "employee", "auditor", "admin")
# The last four digits count when they stand alone: keys drawn by chance and hashes hold every four digits some day.
SECRETS = re.compile(r"欧阳秘|欧阳\*\*|13712349876|137\*{4}9876|137 1234 9876|(?<![0-9A-Za-z_-])9876(?![0-9A-Za-z_-])")
EVE = at("2026-09-30 17:00")  # the evening before seven days of National Day
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SETTLED = {State.CLOSED, State.ARCHIVED, State.WITHDRAWN}
# Beside the table: who closes, and what the callback brings about.
BESIDE = {"close", "record"}


def commands(cast, pk):
    open_measure = queries.open_measures(pk)
    task = CallbackTask.objects.filter(subject=pk, state="open").first()
    measure = {"measure_id": open_measure[0][0] if open_measure else 0, "check_note": "已查"}
    given_by = {
        "classify": [(services.classify, {"subject_type": "quality", "unit_id": cast.cleaning.pk, "reason": "分类", **words})
                     for words in ({}, {"severity_tests": ["media"], "other_units": True}, {"severity_tests": ["system_defect"]})],
        "concern": [(services.concern, {"unit_id": cast.repair.pk, "remark": "请核实"})],
        "contact": [(services.contact, {"remark": "已联系"})],
        "notify_interim": [(services.notify_interim, {"remark": "正在处理"})],
        "judge": [(services.judge, {"validity": "valid", "reason": "conduct", "basis": "第三条"}),
                  (services.judge, {"validity": "invalid", "reason": "groundless", "basis": "公约"})],
        "confirm_verdict": [(services.confirm_verdict, {"remark": "同意"})],
        "overrule": [(complaint_steps.overrule, {"reason": "不同意"})],
        "explain": [(complaint_steps.explain, {"explanation": "已说明"})],
        "analyse": [(handling.analyse, {"analysis": "培训不足"})],
        "measure": [(handling.measure, {"text": "培训", "owner_id": cast.cleaning_head.pk, "due": date(2026, 10, 20)})],
        "visit_site": [(handling.visit_site, {"at": EVE, "attendees": "周主管", "findings": "属实"})],
        "waive_visit": [(handling.waive_visit, {"reason": "已远程核实"})],
        "decide": [(handling.decide, {"closing_way": "rework", "result": "返工", "staff_action": "training"})],
        "tell": [(complaint_steps.tell, {"remark": "已告知"})],
        "check_measure": [(complaint_steps.check_measure, {**measure, "effect": effect}) for effect in ("effective", "ineffective")],
        "review": [(handling.review, {"defect": "培训缺失"})],
        "report_past": [(handling.report_past, {"reason": "没人处理"})],
        "reopen": [(handling.reopen, {"reason": "新情况"})],
        "withdraw": [(handling.withdraw, {"reason": "撤回"})],
        "note": [(handling.note, {"text": "备注"})],
        "close": [(complaint_steps.close, {})],
        "archive": [(complaint_steps.archive_complaint, {})],
        "record": [(finish_work.record_callback, {"id": task.pk if task else 0, "verdict": word})
                   for word in ("satisfied", "not_satisfied")],
    }  # fmt: skip
    return [(name, run, words) for name, ways in given_by.items() for run, words in ways]


# Most steps are the next ones of a case's course, so that its later states are reached; the rest is anybody's.
COURSE = (
    "classify", "judge", "confirm_verdict", "explain", "analyse", "measure", "waive_visit", "review", "decide", "tell", "check_measure",
    "record", "close",
)  # fmt: skip
STEPS = some.lists(
    some.tuples(some.sampled_from(WHO), some.integers(0, 200), some.integers(0, 40), some.integers(0, 3)), min_size=8, max_size=24
)


def chosen(cast, pk, number, *, usual, done):
    found = commands(cast, pk)
    if usual:
        may = allowed_complaint(cast.actor(cast.manager), pk) | {"record"}
        found = [one for one in found if one[0] in may and one[0] in COURSE and one[0] not in done] or found
    return found[number % len(found)]


def held(pk):
    return Complaint.objects.values().get(pk=pk), Event.objects.filter(subject=pk).count()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
def test_no_course_of_commands_breaks_a_complaint(cast, signed_in, steps):
    now = EVE
    with moment.frozen(now):
        pk = cases.heard(cast, name="欧阳秘", phone_number="13712349876", against_id=cast.repair_head.pk).pk
    done: set[str] = set()
    for who, number, hours, usual in steps:
        now += hours * HOUR
        with moment.frozen(now):
            tick()
            command = chosen(cast, pk, number, usual=usual, done=done)
            if step(cast, pk, "manager" if usual else who, command):
                done.add(command[0])
            check_clocks(Complaint.objects.get(pk=pk))
    with moment.frozen(now):
        connection.check_constraints()
        check_history(Complaint.objects.select_related("subject").get(pk=pk))
        check_secret(cast, signed_in, pk)


def step(cast, pk, who, command):
    """Refused without a trace (False), or done with its event and by the table (True)."""
    name, run, words = command
    actor = cast.actor(getattr(cast, who))
    before, told = held(pk)
    if name not in BESIDE:
        words = {"id": pk, **words}
    elif name == "close":
        words = {"id": pk}
    try:
        may = allowed_complaint(actor, pk)
    except KefuError:
        may = set()
    try:
        run(actor=actor, **words)
    except KefuError as refusal:
        assert held(pk) == (before, told), (name, who)
        assert refusal.message()  # noqa: PT017
        return False
    after, now_told = held(pk)
    assert now_told > told, (name, who)
    if name != "record":
        assert name in may, (name, who)
    ends = {State.CLOSED, State.ARCHIVED} if name in {"close", "record", "check_measure", "archive"} else set()
    if name in MOVES:
        assert before["state"] in MOVES[name].states, (name, before["state"])
        ends |= {MOVES[name].to or before["state"]} | ({before["state"]} if name == "classify" else set())
    if name in {"record", "check_measure"}:
        ends |= {State.JUDGED, State.DECIDED}
    assert after["state"] in ends, (name, before["state"], after["state"])
    return True


def due_in_days(moment_: datetime, days: int) -> datetime:
    """The last second of the day, so many days after the day of the start, holidays or not."""
    day = moment_.astimezone(SHANGHAI).date() + timedelta(days=days)
    return datetime.combine(day, datetime.min.time(), SHANGHAI) + DAY - timedelta(seconds=1)


def check_clocks(complaint):
    """R-04-3.6.5, R-04-3.6.6a, R-04-3.7.1: a day, three days and 48 hours, beside each other, none stopped by the holiday."""
    limits = Obligation.objects.filter(subject=complaint.pk).exclude(state="void")
    by_code = {row.code: row for row in limits.order_by("id")}
    assert (
        not limits.exclude(paused_since=None).filter(code__startswith="complaint.").exists()
        if hasattr(Obligation, "paused_since")
        else True
    )
    if complaint.state == State.WITHDRAWN:
        assert not limits.filter(state="running").exists()
        return
    severe = complaint.severity == "severe"
    kept, other = ("complaint.severe_result", "complaint.result") if severe else ("complaint.result", "complaint.severe_result")
    assert other not in by_code, (complaint.state, complaint.severity)
    due = complaint.accepted_at + 48 * HOUR if severe else due_in_days(complaint.accepted_at, 3)
    assert by_code[kept].due_at == due
    if complaint.other_units:
        assert by_code["complaint.external_contact"].due_at == due_in_days(complaint.accepted_at, 3)
    if complaint.judged_at is None:
        assert not limits.filter(state="running", code__in=["complaint.invalid_explain", "complaint.valid_analysis"]).exists()
        return
    code, days = ("complaint.invalid_explain", 1) if complaint.validity == "invalid" else ("complaint.valid_analysis", 3)
    assert by_code[code].due_at == due_in_days(complaint.judged_at, days)
    wrong = "complaint.valid_analysis" if complaint.validity == "invalid" else "complaint.invalid_explain"
    assert not limits.filter(code=wrong, state="running").exists()


def check_history(complaint):
    """Every mark on the complaint stands in its history, and its end is the end of its subject."""
    kinds = set(Event.objects.filter(subject=complaint.pk).values_list("kind", flat=True))
    marks = {
        "complaint.received": True, "complaint.classed": complaint.severity, "complaint.judged": complaint.judged_at,
        "complaint.verdict_confirmed": complaint.confirmed_at, "complaint.analysed": complaint.analysed_at,
        "complaint.told": complaint.told_at and complaint.validity == "valid", "complaint.explained": complaint.explained_at,
        "complaint.archived": complaint.archived_at, "complaint.withdrawn": complaint.state == State.WITHDRAWN,
    }  # fmt: skip
    missing = {kind for kind, there in marks.items() if there} - kinds
    assert not missing, missing
    assert (complaint.subject.closed_at is not None) == (complaint.state in SETTLED)
    assert SealedCopy.objects.filter(subject=complaint.pk).count() == (complaint.state == State.ARCHIVED)
    overdue = list(Event.objects.filter(subject=complaint.pk, kind="clock.overdue").values_list("data__obligation", "data__code"))
    assert len(overdue) <= Obligation.objects.filter(subject=complaint.pk).count()


def check_secret(cast, signed_in, pk):
    """Who is not of the centre reads neither name nor number, on the page, in the API nor in the list; a hidden case is not there."""
    facts = queries.facts(Complaint.objects.select_related("subject").get(pk=pk))
    for who in WHO:
        actor, staff = cast.actor(getattr(cast, who)), getattr(cast, who)
        seen = queries.visible_to(actor).filter(pk=pk).exists()
        if seen and policies.knows_complainant(actor, facts):
            continue
        client = signed_in(staff)
        answers = [client.get(f"/api/v1/complaints/{pk}"), *([client.get(f"/complaints/{pk}")] if seen else [])]
        assert {answer.status_code for answer in answers} == ({200} if seen else {404}), who
        found = "".join(answer.content.decode() for answer in [*answers, client.get("/api/v1/complaints")])
        assert not SECRETS.findall(found), who
