"""Trying the servers of a mailbox with what was typed: in words a step, nothing kept, no stored secret sent elsewhere."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kefu.engines.post.servers import Trouble
from kefu.touch.channels.email import asking, queries
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations.models import Account
from tests.browser import Browser
from tests.conversations.makers import account
from tests.email import certificates, dovecot
from tests.email.letters import letter
from tests.email.servers import nobody_listens, smtp

WORDS = {"name": "报修邮箱", "address": "repair@kefu.example", "user": "li", "password": "secret", "active": True}
IMAP = {"imap_host": "127.0.0.1", "imap_security": "none"}
SMTP = {"smtp_host": "127.0.0.1", "smtp_security": "none"}


@pytest.fixture
def page(cast, signed_in):
    return Browser(signed_in(cast.admin)).open("/settings/mailboxes/new")


@pytest.mark.skipif(dovecot.program() is None, reason="IMAP IS NOT TESTED: install dovecot-imapd")
def test_what_was_typed_is_tried_at_both_servers_and_nothing_is_kept(cast, page):
    with dovecot.running() as server, smtp() as post:
        ports = {"imap_port": str(server.port), "smtp_port": str(post.port), "unit_id": str(cast.repair.pk)}
        page.press("试连", **WORDS, **IMAP, **SMTP, **ports)
        assert "已打开文件夹INBOX" in page.told
        assert page.told.count("登录成功") == 2
        page.open("/settings/mailboxes/new").press("试连", **{**WORDS, "password": "wrong"}, **IMAP, **ports)
    assert "授权码" in page.told
    assert (len(post.signed_in), post.letters, Account.objects.count()) == (1, [], 0)


def test_a_server_that_does_not_answer_is_told_with_what_to_do(cast, page):
    page.press("试连", **WORDS, **SMTP, smtp_port=str(nobody_listens()), unit_id=str(cast.repair.pk))
    assert "请检查服务器名称和端口" in page.told


SAID = {
    "sign-in: b'[AUTHENTICATIONFAILED] Authentication failed.'": "不接受该用户名或密码",
    "535 5.7.8 authentication failed": "不接受该用户名或密码",
    "[Errno -2] Name or service not known": "找不到该名称的服务器",
    "[Errno 111] Connection refused": "拒绝连接",
    "the certificate of the server is not trusted: self-signed certificate": "证书不受信任",
    "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)": "不支持所选的加密方式",
    "timed out": "未在规定时间内应答",
    "Connection unexpectedly closed": "连接中断",
    "select failed: Mailbox doesn't exist: Post": "没有该文件夹",
    "451 4.3.0 try again later": "稍后再试",
    "a new kind of trouble": "暂时无法使用",
}


@pytest.mark.parametrize("raw", SAID)
def test_every_trouble_is_said_in_the_language_of_the_reader_with_what_to_do(raw):
    told = queries.known(raw)
    assert SAID[raw] in str(told.what)
    assert re.search("请|再试|重试", str(told.advice))


def test_a_try_has_an_end(cast, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    box = Mailbox(account=account(cast), imap_host="127.0.0.1", imap_port=1, user="li", password="secret")
    going = asking.ThreadPoolExecutor(1)
    with going, monkeypatch.context() as patched:
        patched.setattr(asking, "_looked", lambda _box, _who: asking.time.sleep(0.3) or "")
        (step,) = asking.attempt(box)
    assert (step.good, step.raw, step.said) == (False, "timed out", "服务器未在规定时间内应答。")


def test_a_stored_password_goes_to_no_other_server_and_can_be_forgotten(cast, signed_in):
    client = signed_in(cast.admin)
    with smtp() as post, smtp() as other:
        told = {**SMTP, "smtp_port": post.port, "user": "li"}
        Mailbox.objects.create(account=account(cast), password="secret", **told)
        url = f"/settings/mailboxes/{Account.objects.get().pk}"
        page = Browser(client).open(url).press("试连")
        assert ("登录成功" in page.told, len(post.signed_in)) == (True, 1)
        page.open(url).press("试连", smtp_port=str(other.port))
        assert ("请重新输入密码" in page.told, other.signed_in) == (True, [])
    page.open(url).press("保存", forget=True)
    assert Mailbox.objects.get().password == ""


def test_a_token_is_not_spent_on_a_try(cast, page):
    words = {"sign_in": "oauth2", "token_url": "http://127.0.0.1:9/", "client_id": "kefu", "refresh_token": "once", "password": ""}
    page.press("试连", **{**WORDS, **words}, **IMAP, unit_id=str(cast.repair.pk))
    assert "请先保存再试连" in page.told


def test_a_token_that_is_not_given_is_told(cast, signed_in):
    words = {"sign_in": "oauth2", "token_url": f"http://127.0.0.1:{nobody_listens()}/", "client_id": "kefu", "user": "li"}
    box = Mailbox.objects.create(account=account(cast), refresh_token="long", **IMAP, **words)
    with pytest.raises(Trouble):
        asking.login(box)
    page = Browser(signed_in(cast.admin)).open(f"/settings/mailboxes/{box.pk}").press("试连")
    assert "token" in page.told


class Tokens(BaseHTTPRequestHandler):
    """Whoever issues tokens: for the mailbox with its grant, for another mailbox with any other grant."""

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        access = dovecot.token("li" if "refresh_token=long" in asked else "other")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"access_token": access, "expires_in": 3600}).encode())

    def log_message(self, *_words):
        return


@pytest.mark.skipif(dovecot.program() is None, reason="IMAP IS NOT TESTED: install dovecot-imapd")
def test_a_mailbox_with_oauth2_is_tried_and_fetched_over_a_connection_that_is_trusted(cast, signed_in, settings, tmp_path):
    """From the token address to the open folder, by the button: trusted or not, with the right grant or another one."""
    certificate = certificates.made(tmp_path)
    with dovecot.running(certificate) as server, HTTPServer(("127.0.0.1", 0), Tokens) as issuer:
        threading.Thread(target=issuer.serve_forever, args=(0.02,), daemon=True).start()
        words = {"sign_in": "oauth2", "token_url": f"http://127.0.0.1:{issuer.server_port}/", "client_id": "kefu", "user": "li"}
        imap = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_security": "starttls"}
        box = Mailbox.objects.create(account=account(cast), refresh_token="long", **imap, **words)
        page = Browser(signed_in(cast.admin)).open(f"/settings/mailboxes/{box.pk}").press("试连")
        assert "证书不受信任" in page.told
        assert "KEFU_MAIL_CA_FILE" in page.told
        settings.MAIL_CA_FILE = str(certificate.authority)
        assert "已打开文件夹INBOX" in page.open(f"/settings/mailboxes/{box.pk}").press("试连").told
        server.drop(letter(), "li")
        assert asking.round_of(Mailbox.objects.get()).results == {"stored": 1}
        Mailbox.objects.update(refresh_token="another", access_token="")
        assert "授权码" in page.open(f"/settings/mailboxes/{box.pk}").press("试连").told
        issuer.shutdown()
