"""The chat widget where it is hard: at night, in WeChat's browser, behind a strict page, in the queue, with the line cut."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Centre
from tests.e2e.filling import filled
from tests.e2e.test_chat import say
from tests.installation import Installation, wait_for

WECHAT = (
    "Mozilla/5.0 (Linux; Android 10; V1934A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99 XWEB/4317"
    " MMWEBSDK/20220903 Mobile Safari/537.36 MicroMessenger/8.0.28.2240(0x28001C35) NetType/WIFI Language/zh_CN"
)
PAGE = "<!doctype html><html lang=zh><meta name=viewport content='width=device-width,initial-scale=1'><meta charset=utf-8><h1>欢迎</h1>"
LOST = ("htmx:sendError", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION", "Failed to fetch", "network error")
MAKE = """
from kefu.engines.clock.models import WorkCalendar
from kefu.engines.rulebook.models import Setting
from kefu.kit import moment
from kefu.people.models import Unit
from kefu.touch.channels.chat.models import Widget
from kefu.touch.conversations.models import Account, Conversation
Setting.objects.filter(key="calendar.service").update(value={calendar!r})
WorkCalendar.objects.get_or_create(code="never", defaults={{"name": "never", "week": {{}}}})
unit = Unit.objects.order_by("pk").first()
# What the stories before left waiting would be offered first, each until its offer ends.
Conversation.objects.filter(state="waiting").update(
    state="closed", closed_at=moment.now(), wrap_up="spam"
)
account, _new = Account.objects.get_or_create(channel="chat", address={key!r}, defaults={{"name": {key!r}, "unit": unit}})
Widget.objects.update_or_create(account=account, defaults={{"key": {key!r}, "sites": [{site!r}], "greeting": "您好", "robot": {robot}}})
result = account.pk
"""
TALKS = """
from kefu.touch.conversations.models import Message
rows = Message.objects.filter(account__address={key!r}).order_by("pk")
result = [[one.direction, one.text, one.conversation.state, one.conversation.contact.phone] for one in rows]
"""


@dataclass
class Cuttable(Centre):
    """A centre whose server can be stopped and started again at the same address."""

    port: int = 0
    running: ExitStack = field(default_factory=ExitStack)

    def mend(self) -> None:
        self.running.enter_context(self.installation.serving("--port", str(self.port)))

    def cut(self) -> None:
        self.running.close()


@pytest.fixture(scope="session")
def centre(tmp_path_factory) -> Iterator[Cuttable]:
    folder, base = tmp_path_factory.mktemp("centre"), tmp_path_factory.getbasetemp()
    shutil.copytree(filled(base.parent), folder, dirs_exist_ok=True)
    made = Installation(folder, str(folder / "kefu.sqlite3"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = Cuttable(f"http://127.0.0.1:{port}", made, port)
    told.mend()
    yield told
    told.cut()
    made.rest()


@pytest.fixture
def site(centre) -> Iterator[tuple[str, dict[str, str]]]:
    """A web site of somebody else; ``held`` holds its tag and its Content-Security-Policy."""
    held = {"tag": "", "policy": ""}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (PAGE + held["tag"]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if held["policy"]:
                self.send_header("Content-Security-Policy", held["policy"])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", held
    server.shutdown()
    thread.join()
    server.server_close()


def widget(centre, site, key: str, *, calendar: str = "24x7", robot: bool = False, policy: str = "") -> str:
    """A widget on the page of the site; its address."""
    origin, held = site
    centre.python(MAKE.format(key=key, site=origin, robot=robot, calendar=calendar))
    held["tag"] = f'<script src="{centre.url}/static/bundle/widget.js" data-key="{key}" data-language="zh" async></script>'
    held["policy"] = policy.replace("{centre}", centre.url)
    words, heads = json.dumps({"key": key}).encode(), {"Origin": origin, "Content-Type": "text/plain"}
    asked = urllib.request.Request(f"{centre.url}/chat/begin", words, heads)
    # The server knows a setting that another process wrote only after some seconds: the hours of the story before may still hold.
    wait_for(lambda: json.load(urllib.request.urlopen(asked, timeout=10))["open"] is (robot or calendar != "never"))
    return f"{origin}/"


def begin(page, address: str, words: str) -> None:
    page.goto(address)
    page.locator("kefu-chat button.opener").click()
    page.get_by_role("button", name="开始咨询").click()
    tell(page, words)


def tell(page, words: str) -> None:
    page.locator("kefu-chat form:not(.tall) textarea").fill(words)
    page.locator("kefu-chat form:not(.tall) textarea").press("Enter")


def own_words(page) -> list[str]:
    """What the visitor sees, without who said it and the read mark."""
    said = page.locator(".turn").evaluate_all(
        "all => all.map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(''))"
    )
    return [one.strip() for one in said]


def ready(screen) -> None:
    screen.go("/inbox")
    screen.page.locator("#own-state summary").click()
    screen.page.locator("#own-state button", has_text="就绪").click()
    expect(screen.page.locator("#own-state summary")).to_contain_text("就绪")


def take(screen, name: str) -> None:
    offer = screen.page.locator("#own-offers [role=alert]", has_text=name)
    offer.locator("form[action$='/do/take'] button").first.click(timeout=30_000)
    screen.page.wait_for_url(re.compile(r"/inbox/\d+$"))


@pytest.mark.parametrize("width", [390, 360])
def test_at_night_the_robot_hands_over_to_a_form_that_becomes_part_of_the_talk(centre, browser, site, width):
    address = widget(centre, site, f"night{width}", calendar="never", robot=True)
    context = browser.new_context(
        user_agent=WECHAT, viewport={"width": width, "height": 740}, is_mobile=True, has_touch=True, locale="zh-CN", reduced_motion="reduce"
    )
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(30_000)
    begin(page, address, "停车月卡怎么办理")
    expect(page.locator(".turn.robot").first).to_be_visible(timeout=30_000)
    expect(page.locator("kefu-chat input[type=tel]")).to_have_count(0)
    page.get_by_role("button", name="转人工").click()
    phone = page.locator("kefu-chat input[type=tel]")
    expect(phone).to_be_visible(timeout=30_000)
    expect(page.locator("kefu-chat .status")).to_contain_text("非服务时间")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    send = page.get_by_role("button", name="提交留言")
    box, opened = send.bounding_box(), page.locator("kefu-chat .box").bounding_box()
    assert box
    assert opened
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= opened["y"] + opened["height"]
    phone.fill("12")
    send.click()
    expect(page.locator("kefu-chat .wrong")).to_contain_text("电话")
    phone.fill("13900002222")
    page.get_by_label("补充说明").fill("下午打给我")
    send.click()
    expect(page.locator(".turn.own", has_text="下午打给我")).to_have_count(1)
    expect(page.locator("kefu-chat input[type=tel]")).to_have_count(0)
    page.reload()
    page.locator("kefu-chat button.opener").click()
    expect(page.locator(".turn.own", has_text="13900002222")).to_have_count(1)
    expect(page.locator("kefu-chat input[type=tel]")).to_have_count(0)  # it is asked for once
    rows = centre.python(TALKS.format(key=f"night{width}"))
    assert [one[1] for one in rows if one[0] == "in"] == ["停车月卡怎么办理", "13900002222\n下午打给我"]
    assert rows[-1][2:] == ["waiting", "+8613900002222"]
    context.close()
    assert faults == []


def test_the_place_in_the_queue_moves_when_another_is_taken(centre, guest, enter, site):
    address = widget(centre, site, "queue")
    first, second = guest(phone=True).page, guest(phone=True).page
    begin(first, address, "水管爆了")
    expect(first.locator("kefu-chat .status")).to_contain_text("即将为您接入", timeout=30_000)
    begin(second, address, "电梯停了")
    expect(second.locator("kefu-chat .status")).to_contain_text("您前面还有 1 位", timeout=30_000)
    agent = enter("chenjing")
    ready(agent)
    take(agent, "queue")
    agent.expects("水管爆了")
    expect(first.locator("kefu-chat .status")).to_contain_text("为您服务", timeout=30_000)
    expect(second.locator("kefu-chat .status")).to_contain_text("即将为您接入", timeout=30_000)


def test_a_page_with_a_strict_policy_and_without_storage_shows_the_widget_as_it_is(centre, guest, enter, site):
    policy = "default-src 'none'; script-src {centre}; connect-src {centre}; img-src blob:"
    address = widget(centre, site, "strict", policy=policy)
    screen = guest()
    page = screen.page
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('blocked', 'SecurityError') }})")
    begin(page, address, "门禁坏了")
    expect(page.locator(".turn.own", has_text="门禁坏了")).not_to_have_class(re.compile("waits"))
    expect(page.locator("kefu-chat .box")).to_have_css("border-radius", "10px")
    assert page.evaluate("document.querySelectorAll('style').length") == 0
    rows = centre.python(TALKS.format(key="strict"))
    assert [one[1] for one in rows] == ["门禁坏了"]


def test_the_line_is_cut_on_either_side_and_nothing_is_lost_doubled_or_reordered(centre, guest, enter, site):
    address = widget(centre, site, "cut")
    agent = enter("chenjing")
    ready(agent)
    visitor = guest(phone=True)
    page = visitor.page
    begin(page, address, "一：楼道灯不亮")
    take(agent, "cut")
    say(agent, "二：马上安排")
    expect(page.locator(".turn", has_text="二：马上安排")).to_be_visible(timeout=30_000)

    agent.page.context.set_offline(True)
    agent.page.locator("#reply-text").fill("四：师傅已出发")
    agent.page.locator("#composer button.btn-primary").click()
    expect(agent.page.locator("[role=alert], .toast", has_text="网络").first).to_be_visible()
    expect(agent.page.locator("#reply-text")).to_have_value("四：师傅已出发")
    tell(page, "三：请快一点")
    expect(page.locator(".turn.own", has_text="三：请快一点")).not_to_have_class(re.compile("waits"))
    agent.page.context.set_offline(False)
    expect(agent.page.locator("article", has_text="三：请快一点")).to_have_count(1, timeout=60_000)
    expect(agent.page.locator("#reply-text")).to_have_value("四：师傅已出发")
    agent.page.locator("#composer button.btn-primary").click()
    expect(page.locator(".turn", has_text="四：师傅已出发")).to_have_count(1, timeout=30_000)

    centre.cut()
    tell(page, "五：还在等")
    tell(page, "六：有人吗")
    expect(page.locator("kefu-chat .status")).to_contain_text("网络中断", timeout=30_000)
    agent.page.locator("#reply-text").fill("七：已到楼下")
    agent.page.locator("#composer button.btn-primary").click()
    expect(agent.page.locator("#reply-text")).to_have_value("七：已到楼下")
    centre.mend()
    expect(agent.page.locator("article", has_text="六：有人吗")).to_have_count(1, timeout=60_000)
    agent.page.locator("#composer button.btn-primary").click()
    expect(page.locator(".turn", has_text="七：已到楼下")).to_have_count(1, timeout=60_000)
    expect(agent.page.locator("article", has_text="七：已到楼下")).to_have_count(1, timeout=30_000)
    told = ["一：楼道灯不亮", "二：马上安排", "三：请快一点", "四：师傅已出发", "五：还在等", "六：有人吗", "七：已到楼下"]
    assert own_words(page)[-7:] == told
    assert [one[1] for one in centre.python(TALKS.format(key="cut"))] == told
    seen = agent.page.locator("article").all_text_contents()
    assert [next(one for one in told if one in each) for each in seen if any(one in each for one in told)] == told
    for screen in (agent, visitor):  # the browser notes each broken connection by itself
        screen.faults[:] = [one for one in screen.faults if not any(lost in one for lost in LOST)]
