"""A visitor of a web site chats with the centre: offered, taken, answered, the line cut and mended, rated."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.files.makers import png

HEAD = "<!doctype html><html lang=zh><meta charset=utf-8><title>某小区</title><style>button{display:none}</style><h1>欢迎</h1>"
ROUND_THE_CLOCK = """
from kefu.engines.rulebook.models import Setting
result = Setting.objects.filter(key="calendar.service").update(value="24x7")
"""


@pytest.fixture
def site() -> Iterator[tuple[str, dict[str, str]]]:
    """A web site of somebody else, on an origin of its own; what ``held["tag"]`` holds stands on its page."""
    held = {"tag": ""}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (HEAD + held["tag"]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
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


def test_a_visitor_chats_loses_the_line_and_goes_on(centre, guest, enter, site):
    origin, held = site
    centre.python(ROUND_THE_CLOCK)
    admin = enter("admin")
    admin.go("/settings/chat/new")
    admin.page.locator("[name=name]").fill("官网在线客服")
    admin.page.locator("[name=unit_id]").select_option(index=1)
    admin.page.locator("[name=sites]").fill(origin)
    admin.page.locator("[name=greeting]").fill("您好，请问有什么可以帮您？")
    admin.page.locator("main button[type=submit]").click()
    held["tag"] = (admin.page.locator("pre code").text_content() or "").strip()
    expect(admin.page.locator("kefu-chat button.opener")).to_be_visible()

    agent = enter("chenjing")
    agent.go("/inbox")
    agent.page.locator("#own-state summary").click()
    agent.page.locator("#own-state button", has_text="就绪").click()
    expect(agent.page.locator("#own-state summary")).to_contain_text("就绪")

    visitor = guest(phone=True)
    page = visitor.page
    page.goto(f"{origin}/")
    page.locator("kefu-chat button.opener").click()
    expect(page.locator(".turn")).to_have_text("您好，请问有什么可以帮您？")
    page.locator("kefu-chat input").first.fill("水先生")
    page.get_by_role("button", name="开始咨询").click()
    page.locator("kefu-chat textarea").fill("三号楼电梯停了")
    page.locator("kefu-chat textarea").press("Enter")

    offer = agent.page.locator("#own-offers [role=alert]", has_text="官网在线客服")  # a letter may be offered beside it
    offer.locator("form[action$='/do/take'] button").click(timeout=30_000)
    agent.page.wait_for_url(re.compile(r"/inbox/\d+$"))
    agent.expects("三号楼电梯停了")
    say(agent, "师傅马上到")
    expect(page.locator(".turn", has_text="师傅马上到")).to_be_visible()
    expect(page.locator("kefu-chat .status")).to_contain_text("为您服务")
    page.locator("kefu-chat input[type=file]").set_input_files({"name": "电梯.png", "mimeType": "image/png", "buffer": png()})
    expect(page.locator(".turn img")).to_be_visible()
    expect(agent.page.locator("article img")).to_be_visible()

    page.context.set_offline(True)
    page.locator("kefu-chat textarea").fill("电梯里有人")
    page.locator("kefu-chat textarea").press("Enter")
    expect(page.locator("kefu-chat .status")).to_contain_text("网络中断")
    say(agent, "请不要慌")
    page.context.set_offline(False)
    expect(page.locator(".turn.own", has_text="电梯里有人")).not_to_have_class(re.compile("waits"))
    expect(agent.page.locator("article", has_text="电梯里有人")).to_have_count(1)
    expect(page.locator(".turn")).to_have_count(6)
    page.reload()
    page.locator("kefu-chat button.opener").click()
    expect(page.locator(".turn")).to_have_count(5)
    told = [text.strip() for text in page.locator(".turn").all_text_contents()]
    assert [re.sub(r"^\w*\d{3,}|已读$", "", text) for text in told] == ["三号楼电梯停了", "师傅马上到", "", "请不要慌", "电梯里有人"]

    agent.go(f"{agent.path}/do/close")
    agent.page.locator("[name=wrap_up]").select_option("answered")
    agent.page.locator("main button[type=submit]").click()
    page.get_by_role("button", name="5 星").click()
    expect(page.locator(".turn", has_text="感谢您的评价")).to_be_visible()
    agent.expects("5 星")


def say(agent, text: str) -> None:
    """The agent answers in the conversation."""
    agent.page.locator("#reply-text").fill(text)
    agent.page.locator("#composer button.btn-primary").click()
    expect(agent.page.locator("article", has_text=text)).to_have_count(1)
