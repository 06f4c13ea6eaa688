"""The month, the rows behind it, freezing, the day record and the complaint record, as people read them."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest
from django.db import DatabaseError, transaction

from kefu.cases.complaints.models import Complaint, SiteVisit
from kefu.engines.clock.models import Obligation
from kefu.engines.measures.models import Freeze
from kefu.engines.measures.services import fill_all
from kefu.engines.privacy import exports
from kefu.engines.privacy.models import ExportRequest, RevealLog
from kefu.engines.rulebook.loader import load
from kefu.insight.reports import services
from kefu.insight.reports.models import Review, SignedDay
from kefu.insight.reports.papers import day_rows
from kefu.insight.reports.workbook import harmless
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import SYSTEM
from tests.reports import makers
from tests.reports.makers import NOVEMBER, NOW, at


def read(answer) -> str:
    """The words of a page, tags left out."""
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_month_shows_its_figures_with_their_definitions(month, cast, signed_in):
    words = read(signed_in(cast.manager).get("/reports/month?month=2026-11"))
    assert "投诉 4 2026-10：1 (+3) 期内受理的投诉，按目前的分类和判定统计" in words
    assert "投诉时限按时率 33.3%" in words
    assert "公式 ON-1" in words
    assert "投诉超时数 2" in words
    assert "按部门的投诉" in words or "投诉：按部门" in words
    assert "态度或言语不当" in words
    assert "R-04-3.7.7" in words


def test_every_figure_leads_to_its_cases(month, cast, signed_in):
    client = signed_in(cast.manager)
    page = client.get("/reports/month?month=2026-11").content.decode()
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/reports/rows\?[^"]+)"', page)}
    assert len(links) > 50
    for link in links:
        assert client.get(link).status_code == 200, link
    late = read(client.get("/reports/rows?measure=complaints.missed&period=2026-11&by.code=complaint.severe_result&by.outcome=open"))
    assert month.complaints.c.subject.number in late
    assert month.complaints.b.subject.number not in late
    assert "严重投诉处理结果" in late


def test_a_head_reads_only_the_own_scope(month, cast, signed_in):
    client = signed_in(cast.cleaning_head)
    words = read(client.get("/reports/month?month=2026-11"))
    assert "投诉 1 2026-10：0" in words
    listed = read(client.get("/reports/rows?measure=complaints.accepted&period=2026-11"))
    assert month.complaints.c.subject.number in listed
    assert month.complaints.a.subject.number not in listed


def test_who_may_not_see_reports_is_refused(month, cast, signed_in):
    for staff in (cast.crew, cast.employee):
        for address in ("/reports", "/reports/month", "/reports/rows?measure=complaints.accepted", "/reports/day"):
            assert signed_in(staff).get(address).status_code == 403
    assert signed_in(cast.manager).get("/reports/rows?measure=nothing").status_code == 404
    assert signed_in(cast.manager).get("/reports/rows?measure=complaints.accepted&by.colour=red").status_code == 404
    assert signed_in(cast.manager).get("/reports/month?month=november").status_code == 422


@pytest.mark.clause("R-04-3.7.7")
def test_a_month_is_frozen_reviewed_by_another_and_stays(month, cast, signed_in):
    client = signed_in(cast.manager)
    assert client.post("/reports/month/freeze", {"month": "2026-11"}).status_code == 303
    row = Freeze.objects.get()
    assert len(row.sha256) == 64
    makers.complaint(cast.repair, at(25))
    words = read(client.get("/reports/month?month=2026-11"))
    assert "投诉 4 " in words
    assert row.sha256 in words
    assert "林经理" in words
    fill_all(back=40)
    assert "投诉 5 " in read(client.get("/reports/month?month=2026-11&live=1"))
    with pytest.raises(NotAllowed):
        services.review(actor=cast.actor(cast.manager), freeze_id=row.pk)
    assert signed_in(cast.boss).post(f"/reports/month/review/{row.pk}", {"remark": "无误"}).status_code == 303
    with pytest.raises(Conflict):
        services.review(actor=cast.actor(cast.boss), freeze_id=row.pk)
    assert "高总" in read(client.get("/reports/month?month=2026-11"))
    assert client.post("/reports/month/freeze", {"month": "2026-11"}).status_code == 422
    second = services.freeze(actor=cast.actor(cast.manager), period=NOVEMBER, reason="补录一件")
    assert (second.version, second.sha256 != row.sha256) == (2, True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Review.objects.update(remark="anders")


def test_a_running_month_cannot_be_frozen_and_a_head_may_not(month, cast):
    with pytest.raises(Conflict):
        services.freeze(actor=cast.actor(cast.manager), period=NOVEMBER.following())
    with pytest.raises(NotAllowed):
        services.freeze(actor=cast.actor(cast.repair_head), period=NOVEMBER)


def test_freezing_meets_the_duty_that_asks_for_it(month, cast):
    case = makers.subject("duty", at(1, 1, month=12))
    duty = makers.obligation(case, makers.limit("report.complaints_month", "duty"), at(4, month=12))
    Obligation.objects.filter(pk=duty.pk).update(started_at=at(1, 1, month=12))
    services.freeze(actor=cast.actor(cast.manager), period=NOVEMBER)
    duty.refresh_from_db()
    assert duty.state == "met"


def test_the_month_as_excel_holds_values_and_a_mark(month, cast, signed_in):
    answer = signed_in(cast.manager).get("/reports/month?month=2026-11&xlsx=1")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    by_name = {row[0]: row for row in cells if row[0]}
    assert by_name["投诉"][1:3] == [4, 1]
    assert by_name["投诉时限按时率"][4:7] == [1, 3, "ON-1"]
    assert any("林经理" in str(name) for name in by_name)
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(evil):
    assert harmless(evil) == "'" + evil
    assert harmless("1=1") == "1=1"
    assert harmless(-1) == -1


def test_the_month_on_paper(month, cast, signed_in):
    words = read(signed_in(cast.manager).get("/reports/month?month=2026-11&print=1"))
    assert "期内受理的投诉" in words
    assert "编制人" in words


@pytest.fixture
def packs(db):
    load("property", actor=SYSTEM)


@pytest.fixture
def day(cast, packs):
    """The eleventh of November: two contacts and a complaint that an employee passed on."""
    with moment.frozen(NOW):
        makers.contact(
            cast.centre, at(11), agent=cast.agent, name="张三", phone="+8613800001234", address="绿洲路 8 号", content="=水管漏水"
        )
        made = makers.complaint(cast.repair, at(11, 5), channel="passed_on", name="李四", receiver=cast.employee)
        called = makers.contact(cast.centre, at(11, 3), outcome="complaint", led_to=made.subject, name="王五", content="投诉噪声")
        yield made, called


@pytest.mark.clause("R-04-3.5.2")
def test_the_day_record_lists_what_came_in_and_is_signed_once(day, cast, signed_in):
    client = signed_in(cast.manager)
    words = read(client.get("/reports/day?day=2026-11-11"))
    assert "水管漏水" in words
    assert "张**" in words
    assert "13800001234" not in words
    assert client.post("/reports/day/sign", {"day": "2026-11-11", "remark": "已阅"}).status_code == 303
    row = SignedDay.objects.get()
    assert (row.count, row.by) == (3, cast.manager)
    words = read(client.get("/reports/day?day=2026-11-11&print=1"))
    assert "服务中心日工作记录表" in words
    assert "010 林经理" in words
    assert "已阅" in words
    with pytest.raises(Conflict):
        services.sign_day(actor=cast.actor(cast.manager), day=row.day)
    assert "完好" in read(client.get("/reports/day?day=2026-11-11"))
    makers.contact(cast.centre, at(11, 9))
    assert "签阅后记录有变动" in read(client.get("/reports/day?day=2026-11-11"))
    with pytest.raises(Invalid):
        services.sign_day(actor=cast.actor(cast.manager), day=datetime(2026, 12, 3, tzinfo=UTC).date())
    with pytest.raises(NotAllowed):
        services.sign_day(actor=cast.actor(cast.agent), day=row.day)


def test_the_whole_day_leaves_the_house_by_approval_only(day, cast, signed_in):
    client = signed_in(cast.manager)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/reports/day?day=2026-11-11&xlsx=1").content))
    words = str([[cell.value for cell in row] for row in book.active.iter_rows()])
    assert "漏水" not in words
    assert "张" not in words
    assert client.post("/reports/day/export", {"day": "2026-11-11", "purpose": "年度归档"}).status_code == 303
    row = ExportRequest.objects.get()
    assert client.post(f"/reports/day/export/{row.pk}").status_code == 403
    exports.approve(actor=cast.actor(cast.boss), id=row.pk)
    answer = client.post(f"/reports/day/export/{row.pk}")
    cells = [cell.value for line in openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in line]
    assert "张三" in cells
    assert "'=水管漏水" in cells
    row.refresh_from_db()
    assert (row.state, row.rows) == ("made", 3)
    assert client.post(f"/reports/day/export/{row.pk}").status_code == 403


def test_who_complained_is_not_in_the_record_of_those_who_may_not_know(day, cast):
    made, called = day
    Complaint.objects.filter(pk=made.pk).update(against=cast.receptionist)
    rows = {row["id"]: row for row in day_rows(cast.actor(cast.receptionist), at(11).date(), open_values=True)}
    assert rows[called.pk]["name"] == rows[called.pk]["content"] == ""
    rows = {row["id"]: row for row in day_rows(cast.actor(cast.manager), at(11).date(), open_values=True)}
    assert (rows[called.pk]["name"], rows[made.pk]["name"]) == ("王五", "李四")


@pytest.mark.clause("R-04-3.7.2a")
def test_the_complaint_record_is_printed_from_the_complaint(month, packs, cast, signed_in):
    case = month.complaints.a
    Complaint.objects.filter(pk=case.pk).update(receiver=cast.receptionist, judged_by=cast.manager, basis="现场核实", result="已道歉并返工")
    SiteVisit.objects.create(complaint=case, at=at(6), attendees="孙工", findings="管道确有渗漏", by=cast.manager)
    client = signed_in(cast.manager)
    words = read(client.get(f"/reports/f1/{case.pk}"))
    for told in (
        "客户投诉处理记录表",
        case.subject.number,
        "夜里施工噪声扰民",
        "022 吴敏",
        "现场核实",
        "管道确有渗漏",
        "已道歉并返工",
        "张**",
    ):
        assert told in words
    assert "打印完整的投诉人信息" in words
    assert "张三" not in words
    assert client.post(f"/reports/f1/{case.pk}", {"reason": ""}).status_code == 422
    words = read(client.post(f"/reports/f1/{case.pk}", {"reason": "归档"}))
    assert "张三" in words
    assert "绿洲路 8 号 3 栋 502" in words
    assert RevealLog.objects.count() == 3


def test_the_unit_prints_it_without_the_complainant(month, packs, cast, signed_in):
    case = makers.complaint(cast.team, at(9), name="张三", phone="+8613800001234")
    client = signed_in(cast.crew_leader)
    words = read(client.get(f"/reports/f1/{case.pk}"))
    assert "夜里施工噪声扰民" in words
    assert "张" not in words
    assert "投诉人姓名" not in words
    assert "打印完整的投诉人信息" not in words
    assert client.post(f"/reports/f1/{case.pk}", {"reason": "归档"}).status_code in (403, 404)
    assert signed_in(cast.cleaning_head).get(f"/reports/f1/{month.complaints.a.pk}").status_code == 404


def test_pdf_is_made_or_refused_in_words(month, packs, cast, signed_in):
    client = signed_in(cast.manager)
    for address in (f"/reports/f1/{month.complaints.a.pk}?pdf=1", "/reports/month?month=2026-11&pdf=1"):
        answer = client.get(address)
        if answer.status_code == 503:
            assert "PDF" in answer.content.decode()
        else:
            assert answer.content.startswith(b"%PDF")


def test_the_month_costs_the_same_whatever_happened(month, cast, signed_in, assert_queries):
    fill_all(back=100)
    client = signed_in(cast.manager)
    for name, address in (
        ("reports.month", "/reports/month?month=2026-11"),
        ("reports.rows", "/reports/rows?measure=complaints.accepted&period=2026-11"),
        ("reports.day", "/reports/day?day=2026-11-11"),
    ):
        client.get(address)
        with assert_queries(name):
            client.get(address)
