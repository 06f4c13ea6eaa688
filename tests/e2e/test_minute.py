"""The network is gone for a minute, on the visitor's side and on the agent's: no message is lost, doubled or out of order.

The minute is a real one, of real sockets: ``SECONDS`` is longer than every bound that a minute can meet (20 s between two beats of a
stream, 50 s until others no longer see a page, 60 s until the widget gives up a silent stream, 30 s and 15 s between two tries). Both
sides are cut in the same minute, in a talk each, so that it is waited for once. At its begin answers are lost while requests arrive,
at its end what was open is reset. Not shown: a longer cut (an agent without a page for 150 s is signed off, and her work is offered to
others), and lines that stay dead without a word when the network is back (tests of the web folder: they are given up after a minute).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.test_chat import say
from tests.e2e.test_widget import LOST, TALKS, begin, centre, own_words, site, tell, widget  # noqa: F401
from tests.network import Network

SECONDS = 65
TALK = """
from kefu.touch.conversations.models import Message
result = Message.objects.filter(account__address={key!r}).latest("pk").conversation_id
"""


@pytest.fixture
def network(centre) -> Iterator:  # noqa: F811
    made: list[Network] = []

    def make() -> Network:
        made.append(Network(centre.port))
        return made[-1]

    yield make
    for one in made:
        one.end()


def talk_of(centre, screen, key: str, base: str) -> None:  # noqa: F811
    """The agent has the talk open, by the way over ``base``, and takes it."""
    talk = centre.python(TALK.format(key=key))
    screen.page.goto(f"{base}/inbox/{talk}")
    screen.command("take")


def turns(screen, told: list[str]) -> list[str]:
    seen = screen.page.locator("article").all_text_contents()
    return [next(one for one in told if one in each) for each in seen if any(one in each for one in told)]


def begun(centre, visitor, agent, key: str, address: str, base: str) -> None:  # noqa: F811
    begin(visitor.page, address, "一：楼道灯不亮")
    expect(visitor.page.locator(".turn.own", has_text="一：楼道灯不亮")).not_to_have_class(re.compile("waits"))
    talk_of(centre, agent, key, base)
    say(agent, "二：马上安排")
    expect(visitor.page.locator(".turn", has_text="二：马上安排")).to_be_visible(timeout=30_000)


def test_a_minute_without_network_on_either_side_loses_doubles_and_reorders_nothing(centre, guest, enter, site, network):  # noqa: F811
    far, near = network(), network()
    _origin, held = site
    visitor, caller = guest(phone=True), guest(phone=True)
    agent, second = enter("chenjing"), enter("wumin")
    address = widget(centre, site, "far")
    held["tag"] = held["tag"].replace(centre.url, far.url)
    begun(centre, visitor, agent, "far", address, centre.url)  # this visitor is about to lose the network
    address = widget(centre, site, "near")
    begun(centre, caller, second, "near", address, near.url)  # and the agent of this one

    far.answers_lost()
    tell(visitor.page, "三：请快一点")  # it is stored, and he is not told
    expect(agent.page.locator("article", has_text="三：请快一点")).to_have_count(1, timeout=30_000)
    near.answers_lost()
    box = second.page.locator("#reply-text")
    box.fill("三：师傅已出发")
    box.press("Control+Enter")
    expect(caller.page.locator(".turn", has_text="三：师傅已出发")).to_have_count(1, timeout=30_000)

    far.cut()
    near.cut()
    since = time.monotonic()
    tell(visitor.page, "五：还在等")
    say(agent, "四：师傅已出发")
    tell(caller.page, "四：好的")
    expect(caller.page.locator(".turn.own", has_text="四：好的")).not_to_have_class(re.compile("waits"))
    visitor.page.wait_for_timeout((SECONDS - (time.monotonic() - since)) * 1000)
    assert "四：师傅已出发" not in own_words(visitor.page)
    expect(second.page.locator("article", has_text="四：好的")).to_have_count(0)
    far.mend()
    near.mend()

    expect(visitor.page.locator(".turn", has_text="四：师傅已出发")).to_have_count(1, timeout=60_000)
    expect(agent.page.locator("article", has_text="五：还在等")).to_have_count(1, timeout=60_000)
    told = ["一：楼道灯不亮", "二：马上安排", "三：请快一点", "四：师傅已出发", "五：还在等"]
    assert [one[1] for one in centre.python(TALKS.format(key="far"))] == told
    expect(visitor.page.locator(".turn.waits")).to_have_count(0, timeout=30_000)
    assert own_words(visitor.page)[-5:] == told
    assert turns(agent, told) == told

    expect(second.page.locator("article", has_text="四：好的")).to_have_count(1, timeout=60_000)
    expect(box).to_have_value("三：师傅已出发")  # nobody told her that it is stored: she sends it again
    box.press("Control+Enter")
    expect(box).to_have_value("", timeout=30_000)
    say(second, "五：到了")
    expect(caller.page.locator(".turn", has_text="五：到了")).to_have_count(1, timeout=30_000)
    told = ["一：楼道灯不亮", "二：马上安排", "三：师傅已出发", "四：好的", "五：到了"]
    assert [one[1] for one in centre.python(TALKS.format(key="near"))] == told
    assert own_words(caller.page)[-5:] == told
    assert turns(second, told) == told
    for screen in (visitor, caller, agent, second):
        screen.faults[:] = [one for one in screen.faults if not any(lost in one for lost in (*LOST, "htmx:timeout"))]
