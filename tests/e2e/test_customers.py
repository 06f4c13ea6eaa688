"""Two files of one person: proposed, made one, taken apart again; and a colleague who is named in a note."""

from __future__ import annotations

import re

from playwright.sync_api import expect

TWO = """
from kefu.people.actor import SYSTEM
from kefu.touch.customers import services
made = [services.create(actor=SYSTEM, name=name, phones=["13977006600"], address="绿洲花园9号楼2单元0301室", code=code, source="业主资料")
        for name, code in (("司马光", "HB-1"), ("司马光先生", None))]
result = [[one.pk, one.subject.number] for one in made]
"""
TALK = """
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import services
from kefu.touch.conversations.models import Account
incoming = services.Incoming(foreign_id="<named@home.example>", sender="named@home.example", name="苏轼", title="门禁卡失灵",
    text="门禁卡失灵", reply="门禁卡失灵")
made, _new = services.receive(account=Account.objects.filter(channel=Channel.EMAIL, active=True).first(), incoming=incoming)
result = made.conversation_id
"""


def test_a_duplicate_is_merged_and_split_again(centre, enter):
    (kept, number), (gone, other) = centre.python(TWO)
    agent = enter("chenjing")
    agent.go(f"/customers/{kept}")
    assert not agent.commands() & {"merge", "merge_with", "split", "keep_apart"}
    assert agent.page.goto("/customers/duplicates").status == 403

    manager = enter("linxiaoyan")
    manager.go("/customers/duplicates")
    manager.page.locator("main tr", has_text=number).locator("a").first.click()
    manager.page.wait_for_url(re.compile(rf"/customers/{kept}$"))
    manager.expects("可能是同一客户", other)
    manager.open_command("merge")
    manager.page.locator("#drawer button[type=submit]").click()
    expect(manager.page.locator("#drawer")).to_contain_text("请勾选确认")  # nothing is merged without a yes
    manager.page.locator("#drawer").get_by_role("button", name="关闭").click()
    manager.command("merge", {"other": other, "reason": "电话、住址一致"})
    expect(manager.page.locator("main")).not_to_contain_text("可能是同一客户")
    manager.expects(other)

    agent.go(f"/customers/{gone}")
    agent.expects("该档案已并入其他客户")
    assert agent.commands() == set()
    agent.press("打开主档案")
    agent.page.wait_for_url(re.compile(rf"/customers/{kept}$"))

    manager.command("split", {"merge": other})
    assert "split" not in manager.commands()
    agent.go(f"/customers/{gone}")
    assert "edit" in agent.commands()


def test_a_colleague_is_named_in_a_note_by_keyboard(centre, enter):
    talk = centre.python(TALK)
    agent = enter("chenjing")
    agent.go(f"/inbox/{talk}")
    box, people = agent.page.locator("#reply-text"), agent.page.locator("#composer-colleagues")
    agent.command("take")
    box.press_sequentially("请看 @lxy")
    agent.page.wait_for_timeout(500)
    expect(people).to_be_hidden()  # what a customer reads names no colleagues
    box.fill("")
    agent.page.locator("label[for=composer-note]").click()
    box.press_sequentially("请看 @lxy")
    expect(people.get_by_role("option", name=re.compile("林晓燕"))).to_be_visible()
    box.press("Escape")
    expect(people).to_be_hidden()
    box.fill("")
    box.press_sequentially("请看 @010")
    expect(people.get_by_role("option", selected=True)).to_contain_text("林晓燕")
    box.press("Enter")
    expect(box).to_have_value("请看 @010 林晓燕 ")
    box.press_sequentially("能否免费补卡")
    box.press("Control+Enter")
    expect(agent.page.locator("article[data-turn=note]", has_text="能否免费补卡")).to_have_count(1)
    expect(agent.page.locator("article[data-turn=out]")).to_have_count(0)
    lead = enter("linxiaoyan")
    lead.go("/notices")
    lead.expects("陈静提醒您查看")
