"""Orders of the city hotline: written in by hand and read from Excel, taken from the inbox, handled, reported, returned, redone."""

from __future__ import annotations

import re
from io import BytesIO

from openpyxl import Workbook
from playwright.sync_api import expect

from tests.e2e.screens import at
from tests.e2e.test_access import violations
from tests.e2e.test_written import taken

HAND, SHEET, SECRET = "20261123001", "20261123002", "20261123003"


def written_in(desk, number: str, content: str, **more: str) -> str:
    """The page of an order that is taken in by hand."""
    desk.go("/hotline/new")
    desk.fill({"number": number, "content": content, "due_at": at(3, "18:00"), **more})
    desk.page.locator("main button[type=submit]").click()
    desk.page.wait_for_url(re.compile(r"/hotline/\d+$"))
    return desk.path


def test_by_hand_through_the_inbox_to_a_case_reported_and_redone(enter):
    desk = enter("zhaolei")
    order = written_in(desk, HAND, "三号楼地下车库漏水，多次反映", name="周先生", phone="13900008881", address="3栋地下车库")
    assert violations(desk) == []
    agent = enter("chenjing")
    taken(agent, "三号楼地下车库漏水")
    agent.expects(HAND)
    expect(agent.page.locator("#reply-text")).to_have_count(0)
    agent.go(order)
    agent.open_command("open")
    agent.choose(agent.page.locator("#drawer [name=order_type]"), "消防")
    agent.page.locator("#drawer button[type=submit]").click()
    agent.page.wait_for_url(re.compile(r"/orders/\d+$"))
    agent.expects("工程部")
    case = agent.path
    agent.go(order)
    agent.open_command("report")
    agent.fill({"text": "还没有修好", "solved": "已解决"}, within="#drawer")
    agent.page.locator("#drawer button[type=submit]").click()
    expect(agent.page.locator("#drawer")).to_contain_text("尚未办结")
    leader = enter("qianyong", phone=True)
    leader.go(case)
    leader.command("accept")
    leader.command("complete", {"result": "已更换水管接头，地面已清干"})
    agent.go(order)
    agent.command("report", {"solved": "已解决"})
    agent.expects("已更换水管接头")
    agent.command("rate", {"rated": "不满意"})
    agent.command("redo", {"words": "来电人称夜里又漏水，请再查"})
    agent.expects("夜里又漏水", "重办")
    leader.go(case)
    leader.expects("夜里又漏水", "处理中")


def sheet() -> bytes:
    """What the hotline exports."""
    book, file = Workbook(), BytesIO()
    book.active.append(["工单编号", "诉求内容", "诉求人", "联系电话"])
    book.active.append([SHEET, "邻街夜市占道", "钱女士", "13900008882"])
    book.save(file)
    return file.getvalue()


def test_read_from_excel_and_returned_within_the_window(enter):
    desk = enter("zhaolei")
    desk.go("/hotline/import")
    desk.page.locator("main input[type=file]").set_input_files(
        {"name": "转办.xlsx", "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "buffer": sheet()}
    )
    desk.press("读取文件")
    desk.press("检查并导入")
    desk.expects("已导入")
    desk.page.locator("main a.btn-primary").first.click()
    desk.page.wait_for_url(re.compile(r"/hotline$"))
    desk.page.locator("main table a", has_text=SHEET).first.click()
    desk.page.wait_for_url(re.compile(r"/hotline/\d+$"))
    desk.command("ask_return", {"reason": "不在本单位服务区域", "text": "夜市由街道管理"})
    desk.expects("夜市由街道管理")
    assert "ask_return" not in desk.commands()
    desk.command("decide", {"verdict": "已批准"})
    desk.expects("已退回")
    desk.go("/inbox?tab=waiting")
    expect(desk.page.locator("main")).not_to_contain_text("邻街夜市占道")


def test_a_secret_order_is_not_seen_by_who_must_not(enter):
    manager = enter("linxiaoyan")
    order = written_in(manager, SECRET, "匿名反映装修噪声", name="吴老师", phone="13900008883", secret="保密")
    manager.go("/inbox?tab=waiting")
    expect(manager.page.locator("main")).to_contain_text("匿名反映装修噪声")
    agent = enter("chenjing")
    agent.go("/inbox?tab=waiting")
    expect(agent.page.locator("main")).not_to_contain_text("匿名反映装修噪声")
    agent.page.goto(f"/inbox/{order.rpartition('/')[2]}")
    expect(agent.page.locator("body")).not_to_contain_text("匿名反映装修噪声")
    answer = agent.page.goto(order)
    assert answer is not None
    assert answer.status == 404
    agent.go("/hotline?tab=all")
    expect(agent.page.locator("main")).not_to_contain_text(SECRET)
    manager.go(order)
    manager.expects("匿名反映装修噪声")
