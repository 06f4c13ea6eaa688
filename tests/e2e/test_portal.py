"""A resident without an account: submits on a phone, keeps the code, sees how it stands; the centre takes it up (the other ways in)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.screens import at
from tests.e2e.test_access import violations
from tests.files.makers import png


def test_a_resident_submits_and_tracks(guest, enter):
    resident = guest(phone=True)
    page = resident.page
    resident.go("/portal")
    page.locator("main a[href='/portal/new']").click()
    page.locator("main button[type=submit]").click()
    expect(page.locator(".field-error").first).to_be_visible()
    assert violations(resident) == []
    page.locator("[name=content]").fill("三号楼电梯厅的灯坏了，晚上很黑")
    page.locator("[name=phone]").fill("13900003333")
    page.locator("[name=name]").fill("水先生")
    page.locator("[name=agree]").check()
    page.locator("main button[type=submit]").click()
    code = (page.locator(".portal-code").text_content() or "").strip()
    assert re.fullmatch(r"[A-Z0-9-]{6,}", code), code
    later = guest(phone=True)
    later.go("/portal/track")
    later.page.locator("[name=code]").fill(code)
    later.page.locator("[name=digits]").fill("0000")
    later.page.locator("main button[type=submit]").click()
    expect(later.page.locator("[role=alert]")).to_be_visible()
    later.page.locator("[name=code]").fill(code)
    later.page.locator("[name=digits]").fill("3333")
    later.page.locator("main button[type=submit]").click()
    later.expects("三号楼电梯厅")
    agent = enter("wumin")
    agent.go("/inbox?tab=waiting")
    agent.page.locator("main table a", has_text="三号楼电梯厅").click()
    agent.page.wait_for_url(re.compile(r"/inbox/\d+$"))
    agent.command("take")
    agent.page.locator("a[data-key=o]").click()
    agent.page.wait_for_url(re.compile(r"/desk/\d+$"))
    expect(agent.page.locator("#desk-record [name=content]")).to_have_value(re.compile("三号楼电梯厅"))


def test_a_form_is_offered_answered_and_written_on_until_it_is_an_order(guest, enter):
    resident = guest(phone=True)
    page = resident.page
    resident.go("/portal/new")
    page.locator("[name=content]").fill("五号楼花坛的水管一直在漏，地上都是水")
    page.locator("[name=phone]").fill("13900005555")
    page.locator("[name=address]").fill("五号楼南侧")
    page.locator("[name=photos]").set_input_files({"name": "漏水.png", "mimeType": "image/png", "buffer": png()})
    page.locator("[name=agree]").check()
    page.locator("main button[type=submit]").click()
    page.locator(".portal-code").wait_for()
    agent = enter("chenjing")
    agent.go("/inbox?tab=waiting")
    agent.page.locator("main table a", has_text="五号楼花坛").click()
    agent.page.wait_for_url(re.compile(r"/inbox/\d+$"))
    agent.command("take")
    expect(agent.page.locator("article[data-turn=in] img[alt='漏水.png']")).to_be_visible()
    agent.page.locator("#reply-text").fill("您好，工程师傅今天下午上门查看。")
    agent.page.locator("#composer input[type=file]").set_input_files({"name": "须知.png", "mimeType": "image/png", "buffer": png()})
    agent.page.locator("#reply-text").press("Control+Enter")
    expect(agent.page.locator("article[data-turn=out]", has_text="今天下午上门")).to_have_count(1)
    # Nobody has set up an SMS line here: the agent reads that the resident was not told, and why.
    expect(agent.page.locator("#conversation-body dd", has_text="没有启用的短信线路")).to_be_visible(timeout=40_000)
    resident.go("/portal/track/one")
    resident.expects("我们已在下方答复您", "工程师傅今天下午上门查看")
    expect(page.locator(".talk img[alt='须知.png']")).to_be_visible()
    expect(agent.page.locator("#conversation-body dd", has_text=re.compile("客户已于.*查看答复"))).to_be_visible(timeout=15_000)
    assert violations(resident) == []
    page.locator("[name=words]").fill("下午三点以后家里有人")
    page.locator("form[action$=write] button[type=submit]").click()
    resident.expects("下午三点以后家里有人")
    expect(agent.page.locator("article[data-turn=in]", has_text="下午三点以后")).to_have_count(1, timeout=15_000)
    agent.page.locator("a[data-key=o]").click()
    agent.page.wait_for_url(re.compile(r"/desk/\d+$"))
    expect(agent.page.locator("#desk-record [name=content]")).to_have_value(re.compile("五号楼花坛"))
    agent.choose(agent.page.locator("#desk-record [name=order_type]"), "消防")
    expect(agent.page.locator("#desk-record [name=_facts]")).to_have_value(re.compile(r'"type":"\w'))
    agent.fill({"name": "水女士", "read_back": "是", "confirmed": "是", "appointment_at": at(44)}, within="#desk-record")
    agent.page.keyboard.press("Alt+s")
    agent.page.wait_for_url(re.compile(r"/orders/\d+$"))
    agent.expects("待接单", "五号楼花坛", "漏水.png")
    agent.go("/inbox?tab=closed")
    expect(agent.page.locator("main table", has_text="五号楼花坛")).to_be_visible()
    resident.go("/portal/track/one")
    resident.expects("工程师傅今天下午上门查看")
