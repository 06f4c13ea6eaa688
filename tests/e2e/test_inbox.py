"""A letter at the desk: a text by keyboard, help of the superior, who steps in, the answer, the order made of it, the wrap-up."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.screens import at
from tests.email.servers import smtp
from tests.files.makers import png
from tests.installation import wait_for

LETTER = """
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import services
from kefu.touch.conversations.models import Account
words = "电梯停运三天，我要求退还物业费"
incoming = services.Incoming(
    foreign_id="<story-of-help@home.example>", sender="helped@home.example", name="欧阳修", title="电梯停运请求退费",
    text=words, reply=words)
account = Account.objects.filter(channel=Channel.EMAIL, active=True).first()
assert Mailbox.objects.filter(pk=account.pk).update(smtp_host="127.0.0.1", smtp_port=%d, smtp_security="none", user="")
made, _new = services.receive(account=account, incoming=incoming)
result = made.conversation_id
"""


def test_a_letter_gets_help_of_the_superior_an_answer_and_an_order(centre, enter, picture):
    with smtp() as post:
        story(centre.python(LETTER % post.port), enter, picture)
        wait_for(lambda: post.letters)
    assert [to for _sender, to, _letter in post.letters] == ["helped@home.example"]


BESIDE = LETTER.replace("story-of-help", "story-of-two").replace("helped@", "kept@")
CONTRAST = """label => {
  const seen = getComputedStyle(label);
  const light = colour => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map(part => part / 255);
    const [red, green, blue] = parts.map(part => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [light(seen.color), light(seen.backgroundColor)].sort((a, b) => a - b);
  return seen.backgroundColor.startsWith("rgb(") ? (high + 0.05) / (low + 0.05) : 0;
}"""


def test_a_reply_that_is_begun_outlives_a_note_and_a_note_the_reply(centre, enter):
    with smtp() as post:
        talk = centre.python(BESIDE % post.port)
        agent = enter("chenjing", dark=True)
        page, box = agent.page, agent.page.locator("#reply-text")
        agent.go(f"/inbox/{talk}")
        agent.command("take")
        box.fill("停运三天的费用会退还。")
        page.locator("#composer input[type=file]").set_input_files({"name": "说明.png", "mimeType": "image/png", "buffer": png()})
        for mode in ("note", "reply", "note"):
            label = page.locator(f"label[for=composer-{mode}]")
            label.click()
            page.mouse.move(5, 5)
            page.wait_for_timeout(400)  # the colour has changed over
            assert label.evaluate(CONTRAST) >= 4.5, mode
        expect(box).to_have_value("")
        expect(page.locator("[data-begun=reply]")).to_be_visible()
        box.fill("客户上月也来过")
        box.press("Control+Enter")
        expect(page.locator("article[data-turn=note]", has_text="客户上月也来过")).to_have_count(1)
        box.fill("还要问工程部")
        page.wait_for_timeout(600)  # what is typed is kept after a moment
        page.locator("label[for=composer-reply]").click()
        expect(box).to_have_value("停运三天的费用会退还。")
        expect(page.locator(".chosen-file")).to_contain_text("说明.png")
        box.press("Control+Enter")
        answer = page.locator("article[data-turn=out]", has_text="停运三天的费用会退还")
        expect(answer.locator("a", has_text="说明.png")).to_have_count(1)
        expect(box).to_have_value("")
        page.locator("label[for=composer-note]").click()
        expect(box).to_have_value("还要问工程部")
        expect(page.locator("article", has_text="还要问工程部")).to_have_count(0)
        agent.open_command("transfer")
        field = page.locator("#drawer [data-field=agent_id] input[role=combobox]")
        field.fill("wm")
        page.locator("#drawer [role=option]", has_text="吴敏").click()
        expect(field).to_have_value(re.compile("^022 吴敏"))


def story(talk: int, enter, picture) -> None:
    agent = enter("chenjing")
    page = agent.page
    agent.go("/inbox?tab=waiting")
    page.locator("main table a", has_text="电梯停运请求退费").click()
    page.wait_for_url(re.compile(rf"/inbox/{talk}$"))
    agent.command("take")
    expect(page.locator("#hits")).to_be_visible()

    page.locator("#reply-text").press_sequentially("/hxkt")
    expect(page.locator("#composer-scripts")).to_be_visible()
    page.locator("#reply-text").press("Enter")
    expect(page.locator("#reply-text")).to_have_value(re.compile("^欧阳先生/女士，您好"))

    agent.open_command("ask_help")
    expect(page.locator("#drawer [name=staff_id]")).not_to_have_value("")  # the own superior is chosen already
    page.locator("#drawer [name=text]").fill("客户要求退费，超出我的权限")
    page.locator("#drawer button[type=submit]").click()
    expect(page.locator("article", has_text="超出我的权限")).to_have_count(1)
    agent.expects("已邀请，未加入")
    expect(page.locator("#reply-text")).to_have_value(re.compile("^欧阳先生/女士"))  # what was begun stays

    lead = enter("linxiaoyan")
    lead.go("/inbox?tab=help")
    row = lead.page.locator("main table tr", has_text="电梯停运请求退费")
    expect(row).to_contain_text("向您求助")
    row.locator("a").first.click()
    lead.page.wait_for_url(re.compile(rf"/inbox/{talk}$"))
    lead.command("join")
    expect(page.locator("main", has_text="林晓燕").first).not_to_contain_text("已邀请，未加入", timeout=15_000)
    lead.command("note", {"text": "@021 可以退三天的费用"})
    expect(page.locator("article", has_text="可以退三天的费用")).to_have_count(1, timeout=15_000)

    page.locator("#reply-text").fill("欧阳先生，停运三天的费用会退还给您，随信附上说明。")
    page.locator("#composer input[type=file]").set_input_files({"name": "说明.png", "mimeType": "image/png", "buffer": png()})
    expect(page.locator(".chosen-file")).to_contain_text("说明.png")
    page.locator("#reply-text").press("Control+Enter")
    answer = page.locator("article[data-turn=out]", has_text="停运三天的费用会退还")
    expect(answer.locator("a", has_text="说明.png")).to_have_count(1)
    expect(page.locator("#reply-text")).to_have_value("")
    expect(page.locator(".chosen-file")).to_have_count(0)
    picture(agent, "talk")

    page.locator("a[data-key=o]").hover()
    page.mouse.down()
    lead.command("leave")
    page.wait_for_timeout(2000)  # the page were drawn anew within this time, were nothing pressed
    page.mouse.up()
    page.wait_for_url(re.compile(r"/desk/\d+"))
    expect(page.locator("#desk-record [name=content]")).to_have_value(re.compile("电梯停运三天"))
    expect(page.locator("#desk-record [name=name]")).to_have_value("欧阳修")
    agent.choose(page.locator("#desk-record [name=order_type]"), "消防")
    expect(page.locator("#desk-record [name=_facts]")).to_have_value(re.compile(r'"type":"\w'))
    agent.fill({"phone": "13900002266", "address": "三号楼一单元", "read_back": "是"}, within="#desk-record")
    agent.fill({"confirmed": "是", "appointment_at": at(44)}, within="#desk-record")
    page.keyboard.press("Alt+s")
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    agent.expects("待接单", "电梯停运三天", "说明.png")

    agent.go(f"/inbox/{talk}")
    agent.open_command("close")
    page.locator("#drawer [name=wrap_up]").select_option("answered")
    page.locator("#drawer button[type=submit]").click()
    agent.expects("已关闭")
