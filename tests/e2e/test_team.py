"""A chat goes through a team: given on and handed back, a second agent, a lead who watches, whispers and takes over, a lost line."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

# A customer writes by a chat of his own; who serves is ready, whatever the hour.
WROTE = """
from kefu.engines.rulebook.models import Setting
from kefu.people.models import Unit
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import services
from kefu.touch.conversations.models import Account
Setting.objects.filter(key="calendar.service").update(value="24x7")
unit = Unit.objects.get(code="centre")
account, _new = Account.objects.get_or_create(channel=Channel.CHAT, address="team", defaults={"name": "团队测试", "unit": unit})
said = services.Incoming(foreign_id="team:%(id)s", sender="visitor:9001", name="白居易", text="%(text)s", reply="%(text)s")
result = services.receive(account=account, incoming=said, conversation_id=%(talk)s)[0].conversation_id
"""
# Her pages are shut; the hands of the clock say that this was four minutes ago.
GONE = """
from datetime import timedelta
from kefu.kit import moment
from kefu.touch.presence.models import Agent, Stay
before = moment.now() - timedelta(minutes=4)
Agent.objects.filter(staff__username="%s").update(seen_at=before)
Stay.objects.filter(agent__staff__username="%s", until=None).update(since=before)
result = 1
"""


@pytest.fixture
def team(enter):
    return {name: enter(name) for name in ("chenjing", "wumin", "linxiaoyan")}


def state(screen, name: str) -> None:
    screen.page.locator("#own-state summary").click()
    screen.page.locator("#own-state button", has_text=name).first.click()
    expect(screen.page.locator("#own-state summary")).to_contain_text(name)


def take_offer(screen, talk: int) -> None:
    """Take this talk when it is offered; what else is offered beside it is left to others."""
    screen.page.locator(f"#own-offers form[action='/inbox/{talk}/do/take'] button").click(timeout=40_000)
    screen.page.wait_for_url(re.compile(rf"/inbox/{talk}$"))


def say(screen, text: str) -> None:
    screen.page.locator("label[for=composer-reply]").click()
    screen.page.locator("#reply-text").fill(text)
    screen.page.locator("[data-send=reply]").click()
    expect(screen.page.locator("article[data-turn=out]", has_text=text)).to_have_count(1)


def whisper(screen, text: str) -> None:
    screen.page.locator("label[for=composer-note]").click()
    screen.page.locator("#reply-text").fill(text)
    screen.page.locator("#reply-text").press("Control+Enter")
    expect(screen.page.locator("article[data-turn=note]", has_text=text)).to_have_count(1)


def sees(screen, text: str, turn: str = "") -> None:
    """It comes to the open page by itself."""
    expect(screen.page.locator(f"article[data-turn={turn}]" if turn else "article", has_text=text)).to_have_count(1)


def test_a_chat_is_given_on_handed_back_and_led_live(centre, team):
    agent, second, lead = team.values()
    agent.go("/inbox")
    state(agent, "就绪")
    aside = agent.page.context.new_page()
    aside.goto(agent.page.url.replace("/inbox", "/knowledge"))
    talk = centre.python(WROTE % {"id": 1, "talk": None, "text": "地下车库进水了"})
    offered = aside.locator(f"#own-offers form[action='/inbox/{talk}/do/take']")
    expect(offered).to_have_count(1, timeout=40_000)
    take_offer(agent, talk)
    expect(offered).to_have_count(0)  # it leaves her other page too, long before its time is over
    aside.close()
    say(agent, "请问是哪个车库？")

    agent.command("transfer", {"agent_id": "吴敏", "reason": "前台离现场近"})
    second.go("/notices")
    second.expects(re.compile("陈静把.*转交给您"))
    second.go(f"/inbox/{talk}")
    second.expects("前台离现场近")
    assert "give_back" in second.commands()
    assert "give_back" not in agent.commands()
    second.command("give_back", {"reason": "我在接待来访"})
    expect(agent.page.locator("main")).to_contain_text("我在接待来访")
    expect(agent.page.locator(".command-bar [data-command=transfer]").first).to_be_attached()

    agent.command("invite", {"staff_id": "吴敏", "text": "请帮忙联系保安"})
    second.page.reload()
    second.command("join")
    whisper(second, "保安已到现场")
    sees(agent, "保安已到现场", "note")

    lead.go(f"/inbox/{talk}")
    centre.python(WROTE % {"id": 2, "talk": talk, "text": "水已经没过脚面"})
    sees(lead, "水已经没过脚面", "in")
    sees(agent, "水已经没过脚面", "in")
    whisper(lead, "先关配电箱")
    sees(agent, "先关配电箱", "note")
    expect(agent.page.locator("[data-turn=out]", has_text="先关配电箱")).to_have_count(0)
    lead.command("take_over")
    say(lead, "我是值班经理，抢修队五分钟到。")
    sees(agent, "抢修队五分钟到", "out")
    lead.command("give_back", {"reason": "已安排抢修，请跟进"})
    expect(agent.page.locator("main")).to_contain_text("已安排抢修，请跟进")
    say(agent, "好的，我继续为您跟进。")

    centre.python(WROTE % {"id": 3, "talk": talk, "text": "谢谢，水退了"})
    sees(agent, "谢谢，水退了", "in")
    agent.page.close()
    second.go("/inbox")
    state(second, "就绪")
    centre.python(GONE % ("chenjing", "chenjing"))
    take_offer(second, talk)
    second.expects("重新排队：坐席已签出")
    say(second, "不客气。")
    second.open_command("close")
    second.page.locator("#drawer [name=wrap_up]").select_option("answered")
    second.page.locator("#drawer button[type=submit]").click()
    second.expects("已关闭")

    centre.python(WROTE % {"id": 4, "talk": talk, "text": "车库又有点潮"})
    second.expects("车库又有点潮")
    second.expects("处理中")
