"""Orders of the city hotline: one number is one order, with the limit that is written on it, from the first delivery to the last round."""

from __future__ import annotations

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders import asking
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock import ticker
from kefu.engines.clock.models import Obligation
from kefu.engines.files import queries as stored
from kefu.engines.files import services as files
from kefu.engines.imports import services as imports
from kefu.engines.imports.models import State as ImportState
from kefu.engines.measures import queries as measures
from kefu.engines.measures.period import Period
from kefu.engines.notify.models import Notice
from kefu.flows import finish_work, open_passed_on
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.timeline import queries as timeline
from kefu.touch.channels.hotline import handling, services
from kefu.touch.channels.hotline.models import HotlineOrder, HotlineRound, Told
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts.models import Contact
from kefu.touch.customers import services as customers
from tests.browser import Browser
from tests.files.makers import png
from tests.imports.test_customers import book
from tests.property_centre import DAY, HOUR, MINUTE, NOW, at

DUE = at("2026-03-06 18:00")
PASSED = {
    "number": "2026030400012345", "content": "小区路灯不亮，已反映两次", "name": "张伟", "phone": "13812345678", "address": "3栋1201",
    "passed_on_at": NOW - HOUR, "due_at": DUE, "category": "市政公用",
}  # fmt: skip
TYPE = "repair.public.water"


def taken(cast, **fields):
    return services.take_in(actor=cast.actor(cast.agent), **{**PASSED, **fields})


def opened(cast, **fields):
    """Taken in, and the order opened with one click."""
    order = taken(cast, **fields).order
    return order, open_passed_on.open_order(actor=cast.actor(cast.agent), id=order.pk, order_type=TYPE)


def finished(cast, **fields):
    passed_on, order = opened(cast, **fields)
    crew = cast.actor(cast.crew_leader)
    orders.accept(actor=crew, id=order.pk)
    finish_work.complete(actor=crew, id=order.pk, result="已更换灯泡。")
    return passed_on, order


def reported(cast, **fields):
    passed_on, order = finished(cast, **fields)
    words = {"text": "已更换灯泡，已告知诉求人。", "solved": "solved", "way": "platform"}
    return handling.report(actor=cast.actor(cast.dispatcher), id=passed_on.pk, **words), order


def limits(subject_id, code):
    return list(Obligation.objects.filter(subject=subject_id, code=code).order_by("id"))


def test_the_same_number_is_one_order(cast):
    first, again = taken(cast), taken(cast, content="改了一个字")
    assert (first.what, again.what, first.order.pk) == ("new", "same", again.order.pk)
    assert (Contact.objects.count(), limits(first.order.pk, "hotline.report")[0].due_at) == (1, DUE)


def test_the_limit_on_the_order_runs_from_the_moment_it_was_passed_on(cast):
    passed_on, order = opened(cast)
    report, result = limits(passed_on.pk, "hotline.report")[0], limits(order.pk, "hotline12345.result")[0]
    assert (report.started_at, report.due_at) == (NOW - HOUR, DUE)
    assert (result.started_at, result.due_at) == (NOW - HOUR, DUE)
    assert (order.outside_number, order.channel, order.name) == (PASSED["number"], "hotline12345", "张伟")


def test_without_a_written_limit_that_of_the_rule_book_holds(cast):
    # Five working days after Wednesday 4 March.
    assert taken(cast, due_at=None).order.due_at.date() == at("2026-03-11 00:00").date()


def test_a_late_delivery_is_overdue_at_once_and_tells_somebody(cast):
    passed_on = taken(cast, passed_on_at=NOW - 5 * DAY, due_at=NOW - DAY).order
    ticker.tick(NOW + MINUTE)
    row = limits(passed_on.pk, "hotline.report")[0]
    assert (row.overdue_at is not None, row.state) == (True, "running")
    assert Notice.objects.filter(subject=passed_on.pk).exists()


def test_times_that_cannot_be_are_named(cast):
    with pytest.raises(Invalid) as refused:
        taken(cast, due_at=NOW - 2 * HOUR)
    assert set(refused.value.fields) == {"due_at"}
    with pytest.raises(Invalid) as refused:
        taken(cast, passed_on_at=NOW + DAY, due_at=NOW + 2 * DAY)
    assert set(refused.value.fields) == {"passed_on_at"}


def test_a_report_waits_for_the_case_and_ends_the_clock(cast):
    passed_on, order = opened(cast)
    words = {"text": "已处理。", "solved": "solved", "way": "platform"}
    dispatcher = cast.actor(cast.dispatcher)
    with pytest.raises(Conflict) as refused:
        handling.report(actor=dispatcher, id=passed_on.pk, **words)
    assert refused.value.code == "case_open"
    crew = cast.actor(cast.crew_leader)
    orders.accept(actor=crew, id=order.pk)
    finish_work.complete(actor=crew, id=order.pk, result="已更换灯泡。")
    handling.report(actor=dispatcher, id=passed_on.pk, **words)
    told = Told.objects.get()
    assert (told.kind, told.at, told.unit, told.by_id) == ("answer", NOW, "工程部", cast.dispatcher.pk)
    assert limits(passed_on.pk, "hotline.report")[0].state == "met"
    assert limits(order.pk, "hotline12345.result")[0].state == "met"
    with pytest.raises(Conflict):
        handling.report(actor=dispatcher, id=passed_on.pk, **words)


def test_a_redo_round_has_its_own_clock_and_wakes_the_order(cast):
    passed_on, order = reported(cast)
    due = at("2026-03-10 18:00")
    with moment.frozen(NOW + DAY):
        again = taken(cast, round=1, passed_on_at=NOW + DAY, due_at=due, words="诉求人称仍不亮")
        assert (again.what, again.order.round, again.order.state) == ("redo", 1, "open")
        assert taken(cast, round=1, passed_on_at=NOW + DAY, due_at=due).what == "same"
    order = WorkOrder.objects.get(pk=order.pk)
    assert (order.state, order.redo_round, order.handler_id) == ("working", 1, cast.crew_leader.pk)
    assert [(row.state, row.due_at) for row in limits(passed_on.pk, "hotline.report")] == [("met", DUE), ("running", due)]
    assert [(row.state, row.due_at) for row in limits(order.pk, "hotline12345.result")] == [("met", DUE), ("running", due)]
    assert (WorkOrder.objects.count(), HotlineRound.objects.count()) == (1, 2)


def test_without_a_round_what_comes_after_the_answer_is_a_redo(cast):
    reported(cast)
    with moment.frozen(NOW + DAY):
        assert taken(cast).what == "same"
        assert taken(cast, passed_on_at=NOW + DAY, due_at=NOW + 3 * DAY).what == "redo"


def test_a_return_is_asked_once_in_its_window_with_a_reason(cast):
    passed_on, order = opened(cast)
    dispatcher = cast.actor(cast.dispatcher)
    handling.ask_return(actor=dispatcher, id=passed_on.pk, reason="not_ours", text="市政路灯", way="platform")
    assert limits(passed_on.pk, "hotline.report")[0].state == "running"
    handling.decide(actor=dispatcher, id=passed_on.pk, verdict="granted")
    assert (HotlineOrder.objects.get().state, WorkOrder.objects.get(pk=order.pk).state) == ("returned", "void")
    assert limits(passed_on.pk, "hotline.report")[0].state == "met"
    assert limits(order.pk, "hotline12345.result")[0].state == "void"
    with pytest.raises(Conflict):
        taken(cast, round=1)


def test_a_refused_return_is_a_ruling(cast):
    passed_on = taken(cast).order
    dispatcher = cast.actor(cast.dispatcher)
    handling.ask_return(actor=dispatcher, id=passed_on.pk, reason="not_ours", text="市政路灯", way="platform")
    handling.decide(actor=dispatcher, id=passed_on.pk, verdict="refused", remark="属你单位物业范围")
    held = HotlineOrder.objects.get()
    assert (held.state, held.ruled) == ("open", True)
    with pytest.raises(Conflict):
        handling.ask_return(actor=dispatcher, id=passed_on.pk, reason="not_ours", text="再退", way="platform")


@pytest.mark.parametrize(("fields", "later"), [({"ruled": True}, NOW), ({"round": 1}, NOW), ({}, NOW + 2 * DAY + 12 * HOUR)])
def test_no_return_when_ruled_in_a_redo_or_past_the_window(cast, fields, later):
    passed_on = taken(cast, due_at=at("2026-03-20 18:00"), **fields).order
    with moment.frozen(later), pytest.raises(Conflict):
        handling.ask_return(actor=cast.actor(cast.dispatcher), id=passed_on.pk, reason="not_ours", text="不属于", way="platform")


def test_an_extension_is_asked_once_before_the_limit_and_moves_both_clocks(cast):
    passed_on, order = opened(cast)
    dispatcher = cast.actor(cast.dispatcher)
    until = at("2026-03-12 18:00")
    with pytest.raises(Invalid):
        handling.ask_extension(actor=dispatcher, id=passed_on.pk, until=at("2026-05-12 18:00"), text="等配件", way="platform")
    handling.ask_extension(actor=dispatcher, id=passed_on.pk, until=until, text="等配件", way="platform")
    assert HotlineOrder.objects.get().due_at == DUE
    handling.decide(actor=dispatcher, id=passed_on.pk, verdict="granted")
    row = limits(passed_on.pk, "hotline.report")[0]
    assert (row.due_at, row.extended_from, limits(order.pk, "hotline12345.result")[0].due_at) == (until, DUE, until)
    with pytest.raises(Conflict):
        handling.ask_extension(actor=dispatcher, id=passed_on.pk, until=until + DAY, text="再延", way="platform")


def test_too_late_to_ask_for_more_time(cast):
    passed_on = taken(cast).order
    with moment.frozen(DUE + MINUTE), pytest.raises(Conflict):
        handling.ask_extension(actor=cast.actor(cast.dispatcher), id=passed_on.pk, until=DUE + DAY, text="晚了", way="platform")


def test_own_approval_does_not_move_the_limit_of_the_hotline(cast):
    _passed_on, order = opened(cast)
    crew = cast.actor(cast.crew_leader)
    orders.accept(actor=crew, id=order.pk)
    asking.ask_extension(actor=crew, id=order.pk, until=at("2026-03-20 18:00"), text="等配件")
    asking.grant(actor=cast.actor(cast.repair_head), id=order.pk)
    assert limits(order.pk, "hotline12345.result")[0].due_at == DUE


def test_a_secret_caller_is_named_to_nobody_who_may_not_know(cast, signed_in):
    passed_on = taken(cast, secret=True).order
    order = open_passed_on.open_order(actor=cast.actor(cast.manager), id=passed_on.pk, order_type=TYPE)
    assert (order.name, order.phone, order.customer_id, order.content) == ("", "", None, PASSED["content"])
    with pytest.raises(NotFound):
        contacts.get(cast.actor(cast.agent), passed_on.pk)
    assert contacts.get(cast.actor(cast.manager), passed_on.pk).name == "张伟"
    for url in ("/hotline?tab=all", f"/orders/{order.pk}"):
        text = Browser(signed_in(cast.agent)).open(url).text
        assert "张**" not in text, url
        assert "138****" not in text, url


HEADS = ["工单编号", "转办时间", "答复时限", "重办次数", "诉求人", "联系电话", "诉求内容", "是否保密", "主办协办"]


def imported(cast, *rows):
    upload = SimpleUploadedFile("12345.xlsx", book([HEADS, *rows]))
    run = imports.begin(actor=cast.actor(cast.agent), kind="hotline", upload=upload)
    return imports.start(actor=cast.actor(cast.agent), run_id=run.pk, mapping=run.mapping)


def test_an_excel_file_is_taken_in_once(cast):
    rows = [
        ["2026030400000001", "2026/3/4 9:00", "2026年3月6日", "", "张伟", "13812345678", "路灯不亮", "否", "主办"],
        ["2026030400000002", "2026-03-04 09:30:00", "2026-03-09 18:00", "0", "李女士", "", "电梯异响", "是", "协办"],
    ]
    run = imported(cast, *rows)
    assert (run.state, run.created) == (ImportState.DONE, 2)
    held = {one.number: one for one in HotlineOrder.objects.all()}
    assert (held["2026030400000001"].due_at, held["2026030400000002"].secret) == (at("2026-03-06 23:59:59"), True)
    assert held["2026030400000002"].role == "helper"
    again = imported(cast, *rows)
    assert (again.created, again.same, HotlineOrder.objects.count()) == (0, 2, 2)


def test_a_faulty_row_keeps_the_whole_file_out(cast):
    run = imported(
        cast,
        ["1", "2026-03-04 09:00", "2026-03-06 18:00", "", "张伟", "", "路灯不亮", "", ""],
        ["2", "昨天", "2026-03-01 18:00", "", "", "", "", "也许", ""],
        ["3", "2026-03-04 09:00", "2026-03-01 18:00", "", "", "", "太早", "", ""],
    )
    assert run.state == ImportState.REFUSED
    assert {(line, column, code) for line, column, code, _values in run.faults} == {
        (3, "content", "empty"), (3, "passed_on_at", "no_time"), (3, "secret", "unknown_word"), (4, "due_at", "due_first"),
    }  # fmt: skip
    assert HotlineOrder.objects.count() == 0


def test_figures_of_the_month(cast):
    passed_on, _order = reported(cast)
    handling.rate(actor=cast.actor(cast.dispatcher), id=passed_on.pk, rated="dissatisfied", solved=False)
    taken(cast, number="B", due_at=NOW - MINUTE)
    period = Period.of("month", NOW.date())
    with moment.frozen(DUE + DAY):
        services.redo(actor=cast.actor(cast.dispatcher), id=passed_on.pk, words="再办", due_at=DUE + 3 * DAY)
        told = {code: measures.total(code, period).value for code in ("hotline.on_time", "hotline.redo", "hotline.satisfied")}
    assert told == {"hotline.on_time": 0.5, "hotline.redo": 1, "hotline.satisfied": 0}


def test_by_hand_to_the_printed_answer_and_the_excel_file(cast, signed_in):
    desk = Browser(signed_in(cast.dispatcher)).open("/hotline/new")
    assert signed_in(cast.dispatcher).get("/hotline/new").content.count(b'type="datetime-local"') == 2  # picked, not spelt
    desk.give(
        "/hotline/new", number="X-1", content="路灯不亮", name="张伟", phone="13812345678", address="3栋1201", due_at="2026-03-06T18:00"
    )
    passed_on = HotlineOrder.objects.get()
    assert desk.url == f"/hotline/{passed_on.pk}"
    desk.give(f"/hotline/{passed_on.pk}/do/open", order_type=TYPE)
    order = WorkOrder.objects.get()
    assert desk.url == f"/orders/{order.pk}"
    crew = cast.actor(cast.crew_leader)
    orders.accept(actor=crew, id=order.pk)
    finish_work.complete(actor=crew, id=order.pk, result="已更换灯泡。")
    url = f"/hotline/{passed_on.pk}"
    desk.open(f"{url}/do/report")
    assert "已更换灯泡。" in desk.text
    desk.give(f"{url}/do/report", solved="solved", way="excel")
    assert "已更换灯泡。" in desk.open(f"{url}/print").text
    assert "X-1" in desk.open("/hotline?tab=reported").text
    assert "X-1" not in desk.open("/hotline").text
    file = load_workbook(io.BytesIO(desk.client.get("/hotline/answers.xlsx").content))
    row = [cell.value for cell in list(file.active.rows)[1]]
    assert (row[0], row[5], row[6]) == ("X-1", "已更换灯泡。", "已解决")
    assert "张" not in "".join(str(cell) for cell in row)


@pytest.mark.parametrize(("chosen", "kept"), [({}, None), ({"solved": "true"}, True), ({"solved": "false"}, False)])
def test_the_word_of_the_caller_is_written_with_or_without_whether_it_is_solved(cast, signed_in, chosen, kept):
    passed_on, order = opened(cast)
    crew = cast.actor(cast.crew_leader)
    orders.accept(actor=crew, id=order.pk)
    finish_work.complete(actor=crew, id=order.pk, result="已更换灯泡。")
    desk = cast.actor(cast.dispatcher)
    handling.report(actor=desk, id=passed_on.pk, text="已更换灯泡。", solved="solved", way="platform")
    client = signed_in(cast.dispatcher)
    url = f"/hotline/{passed_on.pk}/do/rate"
    assert client.post(url, {"rated": "dissatisfied", "solved": "perhaps"}).status_code == 422
    assert client.post(url, {"rated": "dissatisfied", **chosen}).status_code in {302, 303}
    assert passed_on.rounds.values_list("rated", "solved").get() == ("dissatisfied", kept)


def test_by_interface(cast, signed_in):
    client = signed_in(cast.dispatcher)
    body = {"number": "API-1", "content": "路灯不亮", "due_at": "2026-03-06T18:00:00", "round": 0, "phone": "13812345678"}
    post = {"data": json.dumps(body), "content_type": "application/json"}
    first, again = client.post("/api/v1/hotline/orders", **post), client.post("/api/v1/hotline/orders", **post)
    assert (first.status_code, first.json()["what"], again.status_code, again.json()["what"]) == (201, "new", 200, "same")
    listed = client.get("/api/v1/hotline/orders?tab=due").json()["items"]
    assert [(one["number"], one["phone"]) for one in listed] == [("API-1", "138****5678")]
    one = client.get(f"/api/v1/hotline/orders/{first.json()['id']}").json()
    assert {"open", "complain", "ask_return", "ask_extension"} <= set(one["allowed"])
    words = {"until": "2026-03-09T18:00:00", "text": "等配件", "way": "api"}
    given = client.post(
        f"/api/v1/hotline/orders/{one['id']}/commands/ask_extension", data=json.dumps(words), content_type="application/json"
    )
    assert given.status_code == 200
    assert [told["kind"] for told in client.get("/api/v1/hotline/told").json()["items"]] == ["extension"]


def enclosed(cast, name):
    """An upload of the dispatcher's."""
    return files.store(actor_id=cast.dispatcher.pk, upload=SimpleUploadedFile(name, png())).pk


def test_a_redo_of_a_sealed_order_opens_one_that_goes_on_from_it(cast):
    passed_on, order = reported(cast)
    WorkOrder.objects.filter(pk=order.pk).update(state="archived", seal="x")
    with moment.frozen(DUE):
        services.redo(actor=cast.actor(cast.dispatcher), id=passed_on.pk, words="又不亮了", due_at=DUE + 2 * DAY)
    made = WorkOrder.objects.exclude(pk=order.pk).select_related("subject").get()
    order.refresh_from_db()
    assert (order.state, made.state, made.type_id, made.outside_number) == ("archived", "dispatched", order.type_id, "2026030400012345-1")
    assert Contact.objects.get(pk=passed_on.pk).led_to_id == made.pk
    assert [one.due_at for one in limits(made.pk, "hotline12345.result")] == [DUE + 2 * DAY]
    told = {event["kind"]: str(event["data"]) for event in [*timeline.history(order.pk), *timeline.history(made.pk)]}
    assert made.subject.number in told["order.corrected"]
    assert "又不亮了" in told["order.redone"]
    assert order.subject.number in told["order.redone"]


@pytest.mark.parametrize("state", ["archived", "withdrawn"])
def test_a_redo_of_a_sealed_complaint_opens_one_that_goes_on_from_it(cast, state):
    passed_on = taken(cast).order
    old = open_passed_on.open_complaint(actor=cast.actor(cast.dispatcher), id=passed_on.pk)
    Complaint.objects.filter(pk=old.pk).update(state=state, severity="ordinary", seal="x", closed_at=moment.now())
    with moment.frozen(DUE):
        services.redo(actor=cast.actor(cast.dispatcher), id=passed_on.pk, words="还是没人管", due_at=DUE + 2 * DAY)
    made = Complaint.objects.exclude(pk=old.pk).select_related("subject").get()
    old.refresh_from_db()
    assert (old.state, made.state, made.content) == (state, "received", old.content)
    assert Contact.objects.get(pk=passed_on.pk).led_to_id == made.pk
    assert [one.due_at for one in limits(made.pk, "complaint.result_12345")] == [DUE + 2 * DAY]
    told = [next(str(e["data"]) for e in timeline.history(one) if e["kind"] == "hotline.redone") for one in (old.pk, made.pk)]
    assert made.subject.number in told[0]
    assert "还是没人管" in told[1]
    assert old.subject.number in told[1]


def test_the_caller_is_known_by_his_number_but_for_secrecy(cast):
    file = customers.create(actor=cast.actor(cast.agent), name="张伟", address="3栋1201", phones=["13812345678"])
    assert taken(cast).order.contact.customer_id == file.pk
    assert taken(cast, number="S-1", secret=True).order.contact.customer_id is None


def test_files_come_with_the_order_and_go_with_the_answer(cast, signed_in):
    dispatcher = cast.actor(cast.dispatcher)
    photo = enclosed(cast, "修复后.png")
    keyed = {"number": "X-1", "content": "路灯不亮", "role": "main", "files": SimpleUploadedFile("转办单.png", png())}
    assert signed_in(cast.dispatcher).post("/hotline/new", keyed).status_code == 303
    passed_on = HotlineOrder.objects.get()
    order = open_passed_on.open_order(actor=dispatcher, id=passed_on.pk, order_type=TYPE)
    assert [one["name"] for one in stored.of_subject(order.pk)] == ["转办单.png"]
    orders.accept(actor=cast.actor(cast.crew_leader), id=order.pk)
    finish_work.complete(actor=cast.actor(cast.crew_leader), id=order.pk, result="已更换灯泡。")
    handling.report(actor=dispatcher, id=passed_on.pk, text="已更换灯泡。", solved="solved", way="platform", files=[photo])
    desk = Browser(signed_in(cast.dispatcher))
    assert desk.open(f"/hotline/{passed_on.pk}").text.count("修复后.png") == 3  # beside the answer, among the files, in the course
    assert "修复后.png" in desk.open(f"/hotline/{passed_on.pk}/print").text
    assert Told.objects.get().files == [photo]


def test_the_scan_of_a_secret_caller_stays_with_the_order_of_the_hotline(cast):
    passed_on = services.take_in(actor=cast.actor(cast.dispatcher), **PASSED, secret=True, files=[enclosed(cast, "转办单.png")]).order
    order = open_passed_on.open_order(actor=cast.actor(cast.manager), id=passed_on.pk, order_type=TYPE)
    assert stored.of_subject(order.pk) == []
