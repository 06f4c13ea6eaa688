"""A resident without an account: submits on a phone, keeps the code, sees how it stands; the centre takes it up (the other ways in)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.test_access import violations


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
    agent.go("/desk")
    agent.page.locator("#desk-waiting a", has_text="三号楼电梯厅").click()
    agent.page.wait_for_url(re.compile(r"/desk/\d+$"))
    expect(agent.page.locator("#desk-record [name=content]")).to_have_value(re.compile("三号楼电梯厅"))
