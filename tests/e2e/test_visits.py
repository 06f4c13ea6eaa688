"""A visitor as the house meets him: a number at the door, the board, an agent who takes him from the inbox, the register at the end."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.test_access import violations
from tests.e2e.test_written import taken


def given(desk, purpose: str, **more: str) -> str:
    """The number that the reception gives."""
    desk.go("/visits/new")
    desk.fill({"purpose": purpose, "counter": "综合接待", **more})
    desk.press("取号")
    row = desk.page.locator("#visits-here tr", has_text=purpose)
    expect(row).to_have_count(1)
    return (row.locator("strong").first.text_content() or "").strip()


def test_from_the_door_through_the_inbox_to_the_register(enter):
    desk = enter("wumin")
    ticket = given(desk, "来问地下车位的租金", name="郑小姐", phone="13900007777")
    assert re.fullmatch(r"A\d{3}", ticket)
    board = enter("wumin")
    board.go("/visits/board")
    waits = board.page.locator("li", has_text=ticket)
    expect(waits).to_contain_text(re.compile("下一位|前面还有"))
    assert "郑" not in board.page.content()
    agent = enter("chenjing")
    taken(agent, f"{ticket} 来问地下车位的租金")
    expect(board.page.locator("table td", has_text=ticket)).to_have_count(1)
    expect(waits).to_have_count(0)
    agent.command("serve")
    agent.page.wait_for_url(re.compile(r"/desk/\d+$"))
    agent.page.keyboard.press("Alt+a")
    agent.page.locator("#d-answer").fill("地下车位每月三百元，已给价目表")
    agent.page.locator("button[name=action][value=settle]").click()
    agent.page.wait_for_url(lambda url: not re.search(r"/desk/\d+$", url))
    desk.go("/visits")
    row = desk.page.locator("#visits-here tr", has_text=ticket)
    row.locator("[data-command=leave]").click()
    desk.page.locator("#drawer [name=opinion]").fill("接待很好")
    desk.page.locator("#drawer button[type=submit]").click()
    expect(desk.page.locator("#visits-here tr", has_text=ticket)).to_contain_text("已离开")
    with desk.page.context.expect_page() as opened:
        row.get_by_role("link", name="打印").click()
    sheet = opened.value.locator("body")
    expect(sheet).to_contain_text("来问地下车位的租金")
    expect(sheet).not_to_contain_text("郑小姐")


def test_who_is_turned_away_stays_in_the_register_with_the_reason(enter):
    desk = enter("wumin")
    ticket = given(desk, "推销一种保险", organisation="某保险公司")
    row = desk.page.locator("#visits-here tr", has_text=ticket)
    row.locator("summary").click()
    row.locator("[data-command=refuse]").click()
    desk.fill({"refusal": "推销保险"}, within="#drawer")
    desk.page.locator("#drawer button[type=submit]").click()
    expect(row).to_contain_text("推销保险")
    assert violations(desk) == []
    with desk.page.context.expect_page() as opened:
        row.get_by_role("link", name="打印").click()
    expect(opened.value.locator("body")).to_contain_text("推销保险")
    desk.go("/inbox?tab=waiting")
    expect(desk.page.locator("main")).not_to_contain_text("推销一种保险")
