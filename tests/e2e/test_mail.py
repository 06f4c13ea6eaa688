"""A letter with pictures and a quote comes in by IMAP, is read, answered with a file and made an order; one in quarantine is released."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.e2e.screens import at
from tests.email import dovecot
from tests.email.letters import letter
from tests.email.servers import smtp
from tests.files.makers import png
from tests.installation import wait_for

pytestmark = pytest.mark.skipif(dovecot.program() is None, reason="LETTERS ARE NOT CLICKED THROUGH: install dovecot-imapd")

MAILBOX = """
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations.models import Account
first = Account.objects.filter(channel="email", active=True).first()
told = {"name": "报修邮箱", "unit": first.unit, "active": True}
account, _new = Account.objects.update_or_create(channel="email", address="repairs@kefu.example", defaults=told)
words = {"imap_host": "127.0.0.1", "imap_port": %d, "imap_security": "none", "user": "service", "password": "secret"}
words |= {"signature": "绿洲物业报修组", "smtp_host": "127.0.0.1", "smtp_port": %d, "smtp_security": "none", "last_uid": 0}
Mailbox.objects.update_or_create(account=account, defaults=words)
result = account.pk
"""
CLOSED = """
from kefu.touch.conversations.models import Account
result = Account.objects.filter(pk=%d).update(active=False)
"""
INGEST = """
from kefu.touch.channels.email import services
result = services.ingest(%r).result
"""
NEW = "三栋一单元楼道顶上漏水已经三天，照片在信里。"
QUOTED = "您好，已为您登记，师傅明天上门。"
PLAIN = f"""{NEW}

------------------ 原始邮件 ------------------
发件人: "客服" <repairs@kefu.example>;
发送时间: 2026年11月20日(星期五) 上午10:00
收件人: "欧阳靖"<story-of-mail@home.example>;
主题: 回复：楼道漏水

{QUOTED}
"""
HTML = """<p>{new}</p><p><img src="cid:leak@home" width="40"></p>
<p><img src="http://127.0.0.1:{port}/advertisement.png" width="60" height="60"></p>
<div>------------------ 原始邮件 ------------------</div><div>{quoted}</div>"""


def told(port: int) -> bytes:
    """The letter of the story; the picture that is not in it lies on the server at ``port``."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "欧阳靖 <story-of-mail@home.example>", "repairs@kefu.example", "楼道顶上漏水"
    made["Message-ID"] = "<story-of-mail@home.example>"
    made.set_content(PLAIN)
    made.add_alternative(HTML.format(new=NEW, quoted=QUOTED, port=port), subtype="html")
    made.get_payload()[1].add_related(png(), "image", "png", cid="<leak@home>", filename="漏水.png")
    made.add_attachment(b"%PDF-1.4\n%%EOF\n", maintype="application", subtype="pdf", filename="物业服务合同（2024年度）.pdf")
    return made.as_bytes()


@contextmanager
def afar() -> Iterator[tuple[int, list[str]]]:
    """A web server of somebody else, and what it was asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(png())

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def mailbox(centre, imap: int, post: int) -> Iterator[None]:
    account = centre.python(MAILBOX % (imap, post))
    try:
        yield
    finally:
        centre.python(CLOSED % account)


def arrived(screen, title: str) -> None:
    """Open what waits in the inbox under this title."""
    row = screen.page.locator("main table a", has_text=title)

    def there() -> bool:
        screen.go("/inbox?tab=waiting")
        return row.count() > 0

    wait_for(there, seconds=90)
    row.first.click()
    screen.page.wait_for_url(re.compile(r"/inbox/\d+$"))


def test_a_letter_is_read_answered_with_a_file_and_made_an_order(centre, enter):
    with dovecot.running() as server, smtp() as post, afar() as (port, asked), mailbox(centre, server.port, post.port):
        server.drop(told(port))
        agent = enter("chenjing")
        arrived(agent, "楼道顶上漏水")
        agent.command("take")
        read(agent, asked)
        answer(agent)
        wait_for(lambda: post.letters)
        expect(agent.page.locator("article[data-turn=out]")).to_contain_text("已发送")
        ordered(agent)
    [(_sender, to, data)] = post.letters
    sent = message_from_bytes(data)
    assert (to, sent["In-Reply-To"]) == ("story-of-mail@home.example", "<story-of-mail@home.example>")
    names = [part.get_filename() for part in sent.walk() if part.get_filename()]
    assert len(names) == 1
    text = next(part for part in sent.walk() if part.get_content_type() == "text/plain")
    assert "绿洲物业报修组" in text.get_payload(decode=True).decode()


def read(agent, asked: list[str]) -> None:
    """Her words stand there, what she quotes is folded, her picture is seen; another server hears of it only when that is asked for."""
    turn = agent.page.locator("article[data-turn=in]")
    expect(turn.get_by_text(NEW).first).to_be_visible()
    expect(turn.get_by_text(QUOTED).first).to_be_hidden()
    turn.locator("summary", has_text="引用和签名").click()
    expect(turn.get_by_text(QUOTED).first).to_be_visible()
    shown = turn.locator("a > img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("one => one.decode().then(() => one.naturalWidth > 0)")
    expect(turn.locator("li", has_text="物业服务合同（2024年度）.pdf")).to_contain_text(re.compile(r"\d"))

    turn.locator("summary", has_text="查看原始排版").click()
    page = turn.frame_locator("iframe")
    own, remote = page.locator("img[src^='/files/']"), page.locator("img[data-remote]")
    expect(own).to_be_visible()
    expect(remote).to_be_hidden()
    expect(page.locator("#blocked")).to_contain_text("有1张其他服务器上的图片未显示")
    assert asked == []
    page.get_by_role("link", name="显示图片").click()
    expect(page.locator("#blocked")).to_have_count(0)
    wait_for(lambda: asked)
    assert asked == ["/advertisement.png"]


def answer(agent) -> None:
    page = agent.page
    page.locator("#reply-text").fill("您好，防水师傅今天下午三点到，随信附上说明。")
    page.locator("#composer input[type=file]").set_input_files({"name": "说明.png", "mimeType": "image/png", "buffer": png()})
    expect(page.locator(".chosen-file")).to_contain_text("说明.png")
    page.locator("#reply-text").press("Control+Enter")
    turn = page.locator("article[data-turn=out]", has_text="防水师傅今天下午三点到")
    expect(turn.locator("a", has_text="说明.png")).to_have_count(1)


def ordered(agent) -> None:
    """From the letter to the order everything is filled in that the letter tells."""
    page = agent.page
    page.locator("a[data-key=o]").click()
    page.wait_for_url(re.compile(r"/desk/\d+"))
    expect(page.locator("#desk-record [name=content]")).to_have_value(re.compile("漏水已经三天"))
    expect(page.locator("#desk-record [name=name]")).to_have_value("欧阳靖")
    agent.choose(page.locator("#desk-record [name=order_type]"), "消防")
    expect(page.locator("#desk-record [name=_facts]")).to_have_value(re.compile(r'"type":"\w'))
    agent.fill({"phone": "13900002277", "address": "三号楼一单元", "read_back": "是"}, within="#desk-record")
    agent.fill({"confirmed": "是", "appointment_at": at(44)}, within="#desk-record")
    page.keyboard.press("Alt+s")
    page.wait_for_url(re.compile(r"/orders/\d+$"))
    agent.expects("待接单", "漏水已经三天", "漏水.png", "物业服务合同（2024年度）.pdf")


def test_a_letter_in_quarantine_is_opened_and_released(centre, enter):
    with dovecot.running() as server, smtp() as post, mailbox(centre, server.port, post.port):
        lost = letter("<lost@home.example>", "地址写错了：地下车库进水。", To="nobody@elsewhere.example", Subject="地下车库进水")
        assert centre.python(INGEST % lost) == "quarantined"
        lead = enter("linxiaoyan")
        lead.go("/settings/mailboxes")
        lead.page.locator("main table a", has_text="地下车库进水").first.click()
        lead.page.wait_for_url(re.compile(r"/quarantine/\d+$"))
        lead.expects("地下车库进水", "z***@home.example")
        lead.command("take_in", {"account_id": "报修邮箱"})
        assert "take_in" not in lead.commands()
        agent = enter("chenjing")
        arrived(agent, "地下车库进水")
        agent.expects("地址写错了")


def test_a_letter_in_quarantine_is_laid_aside_for_a_reason(centre, enter):
    with dovecot.running() as server, smtp() as post, mailbox(centre, server.port, post.port):
        junk = letter("<junk@home.example>", "限时特价。", To="nobody@elsewhere.example", Subject="群发特价广告")
        assert centre.python(INGEST % junk) == "quarantined"
        lead = enter("linxiaoyan")
        lead.go("/settings/mailboxes")
        row = lead.page.locator("main table a", has_text="群发特价广告")
        row.first.click()
        lead.page.wait_for_url(re.compile(r"/quarantine/\d+$"))
        here = lead.page.url
        lead.open_command("take_in")
        lead.page.locator("#drawer button[type=submit]").click()
        expect(lead.page.locator("#drawer")).to_contain_text("仍无法收入")  # tried again, and why not
        lead.page.locator("#drawer").get_by_role("button", name="关闭").click()
        lead.command("lay_aside", {"reason": "群发广告，无需答复"})
        expect(row).to_have_count(0)
        lead.page.goto(here)
        lead.expects("搁置", "群发广告，无需答复", "林晓燕")
        lead.go("/settings/mailboxes?letters=aside")
        lead.page.locator("main table a", has_text="群发特价广告").first.click()
        lead.page.wait_for_url(here)
        assert lead.commands() == {"take_in"}


def test_a_letter_with_copies_is_answered_to_all(centre, enter):
    """Whom the letter named is offered, one is left out, one is added; an address that is none is told, and nothing typed is lost."""
    with dovecot.running() as server, smtp() as post, mailbox(centre, server.port, post.port):
        told = letter(
            "<all@home.example>", "请大家一起看。", To="repairs@kefu.example, 王芳 <wang@firm.example>",
            Cc="李娜 <lina@firm.example>, repairs@kefu.example", Subject="大堂漏水抄送各位",
        )  # fmt: skip
        assert centre.python(INGEST % told) == "stored"
        agent = enter("chenjing")
        page = agent.page
        arrived(agent, "大堂漏水抄送各位")
        agent.command("take")
        page.get_by_role("button", name="全部回复").click()
        offered = page.locator("[data-copies-all] label")
        expect(offered).to_have_text([re.compile("王"), re.compile("李")])  # and none of our own mailboxes
        offered.filter(has_text="李").locator("input").uncheck()
        box = page.locator("#reply-text")
        box.fill("师傅已在路上。")
        for wrong, said in (("boss@@firm", "请更正"), ("repairs+x@", "请更正")):
            page.locator("#reply-bcc").fill(wrong)
            with page.expect_response(re.compile(r"/inbox/\d+/do/reply")):  # the words of the first refusal stand already
                box.press("Control+Enter")
            expect(page.locator("#composer.htmx-request, #composer .htmx-request")).to_have_count(0)
            expect(page.locator("#composer-faults")).to_contain_text(said)
            expect(box).to_have_value("师傅已在路上。")
            expect(offered.filter(has_text="王").locator("input")).to_be_checked()
        page.locator("#reply-bcc").fill("boss@firm.example")
        box.press("Control+Enter")
        expect(page.locator("article[data-turn=out]", has_text="师傅已在路上")).to_have_count(1)
        expect(page.locator("#reply-bcc")).to_have_value("")
        wait_for(lambda: post.reached)
    assert post.reached == [["zhang@home.example", "wang@firm.example", "boss@firm.example"]]
