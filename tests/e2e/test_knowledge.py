"""What customers asked in vain becomes knowledge: the list of the day, a draft, a second person, and the next who asks finds it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

IN_VAIN = """
from datetime import timedelta
from kefu.kit import moment
from kefu.touch.knowledge import asking
from kefu.touch.knowledge.choices import Place
with moment.frozen(moment.now() - timedelta(days=1)):
    for words in ("快递柜超时怎么收费", "快递柜超时怎么收费", "游泳池几点开放"):
        asking.missed(words, Place.PUBLIC)
asking.gather()
result = True
"""


def test_a_question_of_the_day_becomes_knowledge(centre, enter):
    assert centre.python(IN_VAIN)
    writer = enter("linxiaoyan")
    writer.go("/knowledge/questions")
    asked = writer.page.locator("main tr", has_text="快递柜超时怎么收费")
    expect(asked).to_contain_text("待处理")
    idle = writer.page.locator("main tr", has_text="游泳池几点开放")
    idle.get_by_role("link", name="不需要").click()
    writer.page.locator("#drawer [name=reason]").fill("本小区没有游泳池")
    writer.page.locator("#drawer button[type=submit]").click()
    expect(writer.page.locator("#drawer")).to_be_hidden()
    expect(idle).to_contain_text("本小区没有游泳池")

    asked.get_by_role("button", name="起草知识").click()
    writer.page.wait_for_url(re.compile(r"/knowledge/\d+/do/edit$"))
    article = writer.path.removesuffix("/do/edit")
    writer.fill({"body": "前 24 小时免费，之后每天 1 元。"})
    writer.page.locator("main form:has([name=body]) button[type=submit]").first.click()
    writer.page.wait_for_url(re.compile(rf"{article}$"))
    writer.command("submit")
    assert "approve" not in writer.commands()

    other = enter("xuhui")
    other.go(article)
    other.command("approve")
    agent = enter("chenjing")
    agent.go("/knowledge?q=快递柜超时怎么收费")
    agent.page.locator("main tbody a").first.click()
    agent.expects("之后每天 1 元")
    assert agent.path == article
    writer.go("/knowledge/questions?state=published")
    writer.expects("快递柜超时怎么收费", "已发布")
