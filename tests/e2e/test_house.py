"""Coming in, looking around, typing nonsense: what every person meets whatever the work."""

from __future__ import annotations

import re
from urllib.parse import quote

import pyotp
import pytest
from playwright.sync_api import expect


def test_first_sign_in_asks_for_a_new_password_and_two_steps_can_be_set_up(guest, centre):
    made = centre.installation.kefu("user", "add", "newcomer", "--name", "新同事", "--number", "777", "--unit", "centre", "--post", "agent")
    assert made.returncode == 0, made.stderr
    once = re.findall(r"\S{8,}", made.stdout)[-1]
    screen = guest()
    page = screen.page
    page.goto("/orders")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.locator("[name=username]").fill("newcomer")
    page.locator("[name=password]").fill("wrong-password")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]").first).to_be_visible()
    page.locator("[name=password]").fill(once)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    page.goto("/orders")
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    for name, value in {"old": once, "new": "水落石出-2026-好", "again": "水落石出-2026-好"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/orders$"))
    screen.go("/me/two-step")
    key = (page.locator("code").first.text_content() or "").replace(" ", "")
    page.locator("[name=code]").fill(pyotp.TOTP(key).now())
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("恢复码")
    recovery = (page.locator(".recovery-codes code").first.text_content() or "").strip()
    again = guest()
    again.page.goto("/sign-in")
    again.page.locator("[name=username]").fill("newcomer")
    again.page.locator("[name=password]").fill("水落石出-2026-好")
    again.page.keyboard.press("Enter")
    expect(again.page.get_by_role("heading", name="两步验证")).to_be_visible()
    again.page.locator("[name=code]").fill(recovery)
    again.page.keyboard.press("Enter")
    again.expects("我的待办")


# The style may name its colour in any colour space: painted, it is red, green and blue.
BRIGHTNESS = """() => {
    const paint = document.createElement("canvas").getContext("2d")
    paint.fillStyle = getComputedStyle(document.body).backgroundColor
    paint.fillRect(0, 0, 1, 1)
    return paint.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((sum, part) => sum + part, 0)
}"""


def test_the_list_by_night_and_in_english(enter, picture):
    night = enter("linxiaoyan", dark=True)
    night.go("/orders")
    assert night.page.evaluate(BRIGHTNESS) < 200
    picture(night, "dark")
    english = enter("linxiaoyan", language="en-US")
    assert english.page.evaluate(BRIGHTNESS) > 600
    english.go("/orders")
    english.expects("Work orders", "Next due")
    picture(english, "english")


def test_language_and_dark_mode_stay(enter):
    screen = enter("gaojianguo")
    page = screen.page
    screen.expects("我的待办")
    screen.turn_to("English")
    screen.expects("Waiting for me")
    with page.expect_response("**/me/theme"):
        page.locator("kefu-theme button").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "auto")
    theme = page.locator("html").get_attribute("data-theme")
    again = enter("gaojianguo")
    expect(again.page.locator("html")).to_have_attribute("data-theme", theme or "")
    again.expects("Waiting for me")


def test_a_drawer_takes_and_gives_back_the_focus_and_back_goes_back(enter):
    screen = enter("linxiaoyan")
    page = screen.page
    screen.go("/orders?tab=all")
    page.locator("#orders a[href^='/orders/']").first.click()
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    button = page.locator(".command-bar > [data-command]").first
    button.focus()
    page.keyboard.press("Enter")
    drawer = page.locator("#drawer")
    expect(drawer.locator("form").first).to_be_visible()
    expect(drawer.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(button).to_be_focused()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/orders\?tab=all$"))
    expect(page.locator("#orders a[href^='/orders/']").first).to_be_visible()


def test_the_list_changes_in_place_and_back_leads_to_whole_pages(enter):
    screen = enter("linxiaoyan")
    page, tabs, frame = screen.page, screen.page.locator("#orders-tabs"), screen.page.locator("header[data-stays]")
    screen.go("/orders?tab=all")
    page.locator("header.app-header").evaluate("e => { e.dataset.stays = '1' }")
    tabs.locator("a[href$='tab=completed']").click()
    expect(tabs.locator("[aria-current]")).to_have_attribute("href", "/orders?tab=completed")
    expect(tabs.locator("a:focus")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/orders\?tab=completed$"))
    # What stands in the tab depends on the hour at which the centre was filled: a word of its first row is looked for.
    word = page.locator("#orders tr td[data-label=内容]").first.inner_text().strip()[:2]
    page.locator("#orders-filter summary").click()
    page.locator("#orders-filter [name=content]").fill(word)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"\?content={quote(word)}&tab=completed$|\?tab=completed&content={quote(word)}$"))
    expect(page.locator("#orders tr").first).to_contain_text(word)
    expect(frame).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/orders\?tab=completed$"))
    expect(page.locator("#orders-filter [name=content]")).to_have_value("")
    expect(frame).to_have_count(0)
    page.locator("header.app-header").evaluate("e => { e.dataset.stays = '1' }")
    tabs.locator("a[href$='tab=all']").click()
    expect(tabs.locator("[aria-current]")).to_have_attribute("href", "/orders?tab=all")
    page.get_by_role("link", name="加载更多").click()
    expect(page.locator("#orders tr").nth(50)).to_be_visible()
    expect(frame).to_have_count(1)
    screen.turn_to("English")
    expect(page).to_have_url(re.compile(r"/orders\?tab=all$"))
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_url(re.compile(r"after="))
    page.reload()
    expect(page.locator("#orders-filter")).to_be_visible()
    expect(page.locator("#orders tr").first).to_be_visible()
    page.go_back()
    expect(tabs.locator("[aria-current]")).to_have_attribute("href", "/orders?tab=all")


def test_enter_sends_nothing_while_an_input_method_composes(enter):
    screen = enter("chenjing")
    page = screen.page
    screen.go("/desk")
    field = page.locator("#desk-number")
    field.fill("13900001851")
    goes_on = field.evaluate(
        "e => { e.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));"
        " return e.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true})); }"
    )
    assert goes_on is False  # a made-up key never sends by itself: that it was held back is what can be seen
    page.wait_for_timeout(300)
    assert screen.path == "/desk"


@pytest.mark.parametrize(("path", "status"), [("/orders/999999999", 404), ("/nowhere", 404), ("/settings/staff", 403)])
def test_a_wrong_address_says_so_in_words(enter, path, status):
    screen = enter("chenjing")
    answer = screen.page.goto(path)
    assert answer is not None
    assert answer.status == status
    expect(screen.page.locator("main, .kefu-main").first).to_contain_text(re.compile("未找到|权限"))


def test_twenty_megabytes_of_text_are_refused_in_words(enter):
    screen = enter("wangqiang")
    screen.go("/complaints/new")
    screen.page.locator("main [name=content]").evaluate("e => { e.removeAttribute('maxlength'); e.value = '漏'.repeat(7_000_000) }")
    screen.page.set_default_timeout(60_000)
    screen.press("提交")
    expect(screen.page.locator("body")).to_contain_text(re.compile("内容过多"), timeout=60_000)
    screen.go("/complaints")


def test_odd_characters_come_back_as_they_were(enter):
    words = "漏水😀 <b>粗</b> '\"; DROP TABLE -- \u202eאבג {{ 7*7 }}"
    screen = enter("wangqiang")
    screen.go("/complaints/new")
    screen.fill({"content": words})
    screen.press("提交")
    screen.page.wait_for_url(re.compile(r"/complaints/\d+$"))
    expect(screen.page.locator("main dd.prewrap").first).to_contain_text("<b>粗</b> '\"; DROP TABLE")
    assert screen.page.locator("main b", has_text="粗").count() == 0


def test_a_row_of_the_inbox_leads_to_its_conversation(enter):
    screen = enter("chenjing")
    screen.go("/inbox")
    screen.page.locator("#inbox a.row-link", has_text="装修噪声").first.click()
    screen.page.wait_for_url(re.compile(r"/inbox/\d+$"))
    screen.expects("装修噪声", "内部备注")
