"""A resident's call becomes an order, and the crew leader does it with a phone in hand (stories 1, 2 and 3 of the main job)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.screens import Screen, at

RESIDENT = "13900001851"  # calls in these stories only
MATTER = "厨房水管漏水，地板已经湿了一片"


def take_call(agent: Screen, number: str, content: str, order_type: str = "水管龙头") -> str:
    """The agent's part of the call up to the open order; gives the address of the order."""
    page = agent.page
    agent.go("/desk")
    page.keyboard.press("Alt+n")
    expect(page.locator("#desk-number")).to_be_focused()
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/\d+$"))
    agent.choose(page.locator("#desk-record [name=order_type]"), order_type)
    expect(page.locator("#desk-record [name=_facts]")).to_have_value(re.compile(r'"type":"\w'))
    agent.fill({"content": content}, within="#desk-record")
    return page.url


def tell_price(agent: Screen) -> None:
    agent.fill({"price_item": "水管漏水维修", "price": "50", "price_told": "是"}, within="#desk-record")
    expect(agent.page.locator("#desk-record [name=price_told_at]")).to_be_visible()


def open_case(agent: Screen, number: str, content: str, order_type: str) -> None:
    """A whole call about something that costs nothing."""
    take_call(agent, number, content, order_type)
    agent.fill({"read_back": "是"}, within="#desk-record")
    agent.fill({"confirmed": "是", "appointment_at": at(44)}, within="#desk-record")
    agent.page.keyboard.press("Alt+s")
    agent.page.wait_for_url(re.compile(r"/orders/\d+$"))


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """What one story hands to the next."""
    return {}


def test_agent_cannot_submit_before_the_price_is_told(enter, told, picture):
    agent = enter("chenjing")
    page = agent.page
    take_call(agent, RESIDENT, MATTER)
    agent.expects("有偿服务须先告知基本价格", "更换水龙头", "30.00")
    page.keyboard.press("Alt+s")
    expect(page.locator("#desk-record")).to_contain_text("请更正标红的内容")
    expect(page.locator("#desk-record [name=content]")).to_have_value(MATTER)
    tell_price(agent)
    picture(agent, "desk")
    agent.fill({"read_back": "是"}, within="#desk-record")
    agent.fill({"confirmed": "是", "appointment_at": at(44)}, within="#desk-record")
    page.keyboard.press("Alt+s")
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    told["order"] = agent.path
    agent.expects(re.compile(r"GD\d{14}"), "待接单", MATTER, "工程部", "陈静")


def test_a_slow_answer_never_takes_back_what_a_later_one_has_drawn(enter):
    agent = enter("chenjing")
    page = agent.page
    take_call(agent, "13900001851", MATTER)
    asked: list[str] = []

    def slowly(route):
        asked.append(route.request.post_data or "")
        if len(asked) == 1:
            page.wait_for_timeout(1200)
        route.continue_()

    page.route("**/forms/F-3/redraw", slowly)
    with page.expect_request("**/forms/F-3/redraw"):
        agent.fill({"price": "50"}, within="#desk-record")
        page.keyboard.press("Tab")
    agent.fill({"price_told": "是"}, within="#desk-record")
    expect(page.locator("#desk-record [name=price_told_at]")).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.locator("#desk-record [name=price_told_at]")).to_be_visible()
    assert len(asked) == 2


def test_the_page_of_the_order_shows_its_limits(enter, told, picture):
    manager = enter("linxiaoyan")
    manager.go(told["order"])
    manager.expects("时限", "报修响应", "维修完成", "剩余")
    picture(manager, "order")


def test_crew_leader_works_on_a_phone(enter, told, tmp_path, picture):
    leader = enter("qianyong", phone=True)
    leader.go(told["order"])
    leader.command("accept")
    leader.expects("处理中", "钱勇")
    leader.command("contact", {"remark": "约下午两点上门"})
    leader.command("ask_extension", {"until": at(45, "18:00"), "text": "需等厂家送水管配件"})
    leader.expects("需等厂家送水管配件", "待审批")
    assert "ask_extension" not in leader.commands()
    leader.page.locator(".command-bar summary").click()
    head = enter("sunwei")
    head.go(told["order"])
    head.command("grant", {"remark": "同意，配件到了马上修"})
    leader.expects("已批准")  # without a reload
    expect(leader.page.locator(".command-bar details")).to_have_attribute("open", "")  # the menu is not taken from under the finger
    assert "ask_extension" not in leader.commands()
    photo = tmp_path / "现场.png"
    leader.page.screenshot(path=photo, clip={"x": 0, "y": 0, "width": 200, "height": 200})
    leader.page.locator("input[type=file]").first.set_input_files(photo)
    leader.press("上传")
    leader.expects("现场.png")
    leader.command("arrive")
    picture(leader, "phone")
    leader.command("complete", {"result": "更换水管一段，试水不漏，现场已清理"})
    leader.expects("已办结", "更换水管一段")


def test_returned_once_and_never_again(enter):
    agent = enter("chenjing")
    open_case(agent, "13900001888", "消防栓箱门关不上", "消防")
    order = agent.path
    leader = enter("qianyong", phone=True)
    leader.go(order)
    leader.open_command("return")
    leader.page.locator("#drawer button[type=submit]").click()
    expect(leader.page.locator("#drawer .field-error").first).to_be_visible()
    leader.page.locator("#drawer [data-drawer-close]").last.click()
    leader.command("return", {"reason": "交叉", "text": "属于消防维保单位"})
    agent.expects("待派单")
    dispatcher = enter("zhaolei")
    dispatcher.go(order)
    dispatcher.command("dispatch", {"unit_id": "工程部", "remark": "由工程部牵头"})
    leader.go(order)
    leader.expects("待接单")
    assert "return" not in leader.commands()
    leader.page.goto(f"{order}/do/return")
    expect(leader.page.locator("body")).to_contain_text("退")


def test_second_call_is_an_urge_and_a_leader_supervises(enter):
    agent = enter("chenjing")
    page = agent.page
    open_case(agent, "13900001925", "门禁刷卡没有反应，老人进不了门", "门禁")
    order = agent.path
    agent.go("/desk")
    page.locator("#desk-number").fill("13900001925")
    page.locator("#desk-number").press("Enter")
    page.wait_for_url(re.compile(r"/desk/\d+$"))
    agent.fill({"content": "怎么还没有人来"}, within="#desk-record")
    agent.expects("门禁刷卡没有反应")
    agent.press("同一事项：记为催办")
    page.wait_for_url(f"**{order}")
    agent.expects("催办 1 次", "怎么还没有人来")
    manager = enter("linxiaoyan")
    manager.go(order)
    manager.command("supervise", {"level": "挂牌督办", "demand": "今日内修复，老人出入优先"})
    manager.expects("今日内修复")
    agent.expects("今日内修复")  # without a reload
    leader = enter("qianyong", phone=True)
    leader.go(order)
    leader.command("answer_urge", {"reply": "已到现场，正在更换读卡器"})
    manager.expects("正在更换读卡器")
    head = enter("sunwei")
    head.go("/")
    head.expects("督办")
