"""The manager's month, the papers, the compliance page, and a figure changed from a date on (stories 6, 7 and 8 of the main job)."""

from __future__ import annotations

import io
import re

import openpyxl
from playwright.sync_api import expect

from tests.e2e.screens import Screen, today


def sheet_of(screen: Screen, link: str) -> openpyxl.Workbook:
    """Press an export and open what comes."""
    with screen.page.expect_download() as waiting:
        screen.page.locator("main").get_by_role("link", name=link).first.click()
    return openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))


def test_the_month_leads_down_to_each_case(enter, picture):
    manager = enter("linxiaoyan")
    manager.go("/")
    manager.press("报表", within=".kefu-menu, nav")
    manager.press("月度统计")
    manager.expects("投诉", "按时", "超时", "工程部")
    picture(manager, "month")
    page = manager.page
    page.locator("main table a[href*='/reports/rows']").first.click()
    page.wait_for_url(re.compile("/reports/rows"))
    page.locator("main tbody a").first.click()
    manager.expects(re.compile(r"(TS|GD|JC|HF)\d+"))


def test_the_month_goes_to_excel_and_paper(enter):
    manager = enter("linxiaoyan")
    manager.go("/reports/month")
    book = sheet_of(manager, "Excel")
    assert any(cell.value for sheet in book.worksheets for row in sheet.iter_rows(max_row=5) for cell in row)
    manager.page.emulate_media(media="print")
    manager.go("/reports/month?print=1")
    expect(manager.page.locator("table").first).to_be_visible()


def test_the_two_records_look_like_the_paper_forms(enter, centre):
    manager = enter("linxiaoyan")
    complaint = centre.python(
        "from kefu.cases.complaints.models import Complaint\nresult = Complaint.objects.filter(state='archived').latest('pk').pk"
    )
    manager.go(f"/complaints/{complaint}")
    with manager.page.expect_popup() as opened:
        manager.press("客户投诉处理记录表")
    paper = opened.value
    expect(paper.locator("body")).to_contain_text("投诉内容")
    expect(paper.locator("table").first).to_be_visible()
    yesterday = today(-1).isoformat()
    manager.go(f"/reports/day?day={yesterday}")
    manager.expects(re.compile("合计|共"))
    assert sheet_of(manager, "Excel").worksheets[0].max_row > 1


def test_every_clause_of_the_regulation_answers(enter, centre, picture):
    manager = enter("linxiaoyan")
    manager.go("/compliance?regulation=004")
    manager.expects("R-04-1.4", "R-04-1.5")
    picture(manager, "compliance")
    clauses = centre.python(
        "from kefu.engines.rulebook.models import Clause\n"
        "result = sorted(Clause.objects.filter(regulation__code='004').values_list('code', flat=True))"
    )
    assert len(clauses) > 30
    shown = manager.page.locator("main tbody tr[id^='R-04']").evaluate_all("rows => rows.map(row => row.id)")
    assert sorted(shown) == clauses
    for code in clauses:
        manager.go(f"/compliance/{code}")
        manager.expects(code)
    manager.go("/compliance/R-04-3.7.1")
    manager.expects("R-04-3.7.1", "严重投诉处理结果")


def test_a_limit_changes_from_a_date_on_and_running_cases_keep_theirs(enter, centre):
    running = centre.python(
        "from kefu.engines.clock.models import Obligation\n"
        "one = Obligation.objects.filter(code='complaint.severe_result').latest('pk')\n"
        "result = [one.pk, one.due_at.isoformat()]"
    )
    admin = enter("admin")
    admin.go("/settings/limits")
    admin.press("严重投诉处理结果")
    admin.expects("48")
    admin.press("自某日起修改")
    drawer = admin.page.locator("#drawer")
    expect(drawer.locator("form").first).to_be_visible()
    admin.fill({"valid_from": today(2).isoformat(), "amount": "24"}, within="#drawer")
    confirm = drawer.locator("[name=_confirm]")
    if confirm.count():
        confirm.check()
    drawer.locator("button[type=submit]").click()
    expect(drawer).to_be_hidden()
    admin.page.reload()
    admin.expects(re.compile(r"24 小?时"), re.compile(r"48 小?时"), "待生效")
    kept = centre.python(
        f"from kefu.engines.clock.models import Obligation\nresult = Obligation.objects.get(pk={running[0]}).due_at.isoformat()"
    )
    assert kept == running[1]
