"""Mailboxes as an administrator sets them up."""

import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.db import connection

from kefu.engines.post.servers import Server, SignInRefused
from kefu.engines.post.smtp import send
from kefu.entry import doctor
from kefu.kit import moment
from kefu.touch.channels.email import asking, services
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations.models import Account
from tests.browser import Browser
from tests.conversations.makers import account
from tests.email.servers import smtp

BOX = {"name": "报修邮箱", "address": " Repair@Kefu.example ", "active": True}


def test_a_mailbox_is_set_up_and_changed(cast, signed_in):
    page = Browser(signed_in(cast.admin)).open("/settings/mailboxes")
    assert "还没有邮箱" in page.text
    page.open("/settings/mailboxes/new").press(
        "保存", name="报修邮箱", address=" Repair@Kefu.example ", unit_id=str(cast.repair.pk), active=True
    )
    made = Account.objects.get()
    assert (made.address, made.unit_id, made.active) == ("repair@kefu.example", cast.repair.pk, True)
    text = page.open("/settings/mailboxes").text
    assert "报修邮箱" in text
    assert "repair@kefu.example" in text
    # The trail calls what changed as the form does, in the language of who reads.
    assert "IMAP端口 -- → 993" in text
    assert "令牌地址" not in text, "what nobody filled in"
    page.open(f"/settings/mailboxes/{made.pk}").press(
        "保存", imap_port="994", sign_in="oauth2", token_url="https://id.example/token", client_id="kefu", since="2026-11-01"
    )
    text = page.open("/settings/mailboxes").text
    for words in ("IMAP端口 993 → 994", "登录方式 密码 → OAuth2", "2026-11-01"):
        assert words in text, words
    assert not [name for name in ("imap_port", "token_url", "sign_in", "client_id") if name in text]


def test_one_address_has_one_mailbox(cast, signed_in):
    box = account(cast, "repair@kefu.example")
    client = signed_in(cast.admin)
    refused = client.post("/api/v1/settings/mailboxes", {**BOX, "unit_id": cast.repair.pk}, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "address")
    kept = client.put(f"/api/v1/settings/mailboxes/{box.pk}", {**BOX, "unit_id": cast.repair.pk}, content_type="application/json")
    assert (kept.status_code, kept.json()["name"], kept.json()["unit_id"]) == (200, "报修邮箱", cast.repair.pk)


def test_an_address_that_is_none_is_refused_under_its_field(cast, signed_in):
    client = signed_in(cast.admin)
    for wrong in ("", "nobody", "a b@c.example", "x" * 300 + "@c.example"):
        body = {**BOX, "address": wrong, "unit_id": cast.repair.pk}
        refused = client.post("/api/v1/settings/mailboxes", body, content_type="application/json")
        assert refused.status_code == 422, wrong
        assert {one["field"] for one in refused.json()["errors"]} == {"address"}


def test_only_who_sets_up_mailboxes_sees_them(cast, signed_in):
    account(cast)
    client = signed_in(cast.agent)
    assert client.get("/settings/mailboxes").status_code == 403
    assert client.get("/api/v1/settings/mailboxes").status_code == 403
    assert client.get("/api/v1/quarantine").status_code == 403


def test_who_sets_up_mailboxes_opens_no_letters(cast, signed_in):
    kept = services.ingest(b"rubbish")
    admin, lead = signed_in(cast.admin), signed_in(cast.manager)
    url = f"/settings/mailboxes/quarantine/{kept.id}"
    assert [client.get(one).status_code for client in (admin, lead) for one in (url, f"{url}/raw")] == [403, 403, 200, 200]
    assert [client.get("/settings/mailboxes/new").status_code for client in (admin, lead)] == [200, 403]


def test_the_doctor_says_what_is_wrong_with_a_mailbox_and_what_to_do(cast):
    box = account(cast)
    Mailbox.objects.create(account=box, imap_host="127.0.0.1", smtp_host="127.0.0.1", send_trouble="451 wait", fetched_at=moment.now())
    Account.objects.update(health="failing", trouble="sign-in: [AUTHENTICATIONFAILED]")
    services.ingest(b"rubbish", account=box)
    found = list(doctor.channels())
    assert [one.level for one in found] == ["warn", "warn", "warn"]
    assert "AUTHENTICATIONFAILED" in found[0].text
    assert all(one.remedy for one in found)


def test_secrets_are_stored_sealed_kept_when_left_empty_and_shown_to_nobody(cast, signed_in):
    client = signed_in(cast.admin)
    words = {**BOX, "unit_id": cast.repair.pk, "imap_host": "imap.example", "user": "repair", "password": "hunter2", "signature": "维修部"}
    made = client.post("/api/v1/settings/mailboxes", words, content_type="application/json")
    assert made.status_code == 201, made.content
    again = {**words, "password": "", "smtp_host": "imap.example"}
    assert client.put(f"/api/v1/settings/mailboxes/{made.json()['id']}", again, content_type="application/json").status_code == 200
    kept = Mailbox.objects.get()
    assert (kept.password, kept.smtp_host, kept.signature) == ("hunter2", "imap.example", "维修部")
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM email_mailbox")
        assert "hunter2" not in cursor.fetchone()[0]
    shown = [made.content, *(client.get(url).content for url in ("/settings/mailboxes", f"/settings/mailboxes/{kept.pk}"))]
    assert not any(b"hunter2" in one for one in shown)
    missing = {**words, "sign_in": "oauth2"}
    refused = client.put(f"/api/v1/settings/mailboxes/{kept.pk}", missing, content_type="application/json")
    assert {one["field"] for one in refused.json()["errors"]} == {"token_url", "client_id"}


def test_who_names_another_server_types_the_secrets_again_and_the_stored_ones_are_gone(cast, signed_in):
    client = signed_in(cast.admin)
    words = {
        **BOX,
        "unit_id": cast.repair.pk,
        "imap_host": "imap.example",
        "smtp_host": "smtp.example",
        "user": "repair",
        "password": "old",
    }
    url = f"/api/v1/settings/mailboxes/{client.post('/api/v1/settings/mailboxes', words, content_type='application/json').json()['id']}"

    def put(**changed):
        got = client.put(url, {**words, "password": "", **changed}, content_type="application/json")
        return [one["field"] for one in got.json()["errors"]] if got.status_code == 422 else got.status_code

    assert put(imap_host="SMTP.example ", imap_port=143) == 200
    assert put(imap_host="imap.elsewhere.example") == ["password"]
    assert put(smtp_security="none") == ["password"]
    assert (Mailbox.objects.get().password, Mailbox.objects.get().imap_host) == ("old", "SMTP.example")
    oauth = {"sign_in": "oauth2", "token_url": "https://tokens.example/", "client_id": "kefu"}
    assert put(**oauth, refresh_token="long") == 200
    assert Mailbox.objects.get().password == "", "it would have gone along when somebody chose the password again"
    assert put(**{**oauth, "token_url": "https://elsewhere.example/"}) == ["refresh_token"]
    assert put(**{**oauth, "token_url": "https://elsewhere.example/"}, refresh_token="new") == 200
    assert put(imap_host="imap.elsewhere.example", password="new") == 200
    assert (Mailbox.objects.get().password, Mailbox.objects.get().refresh_token) == ("new", "")


def test_a_token_is_fetched_once_kept_and_signs_in(cast):
    asked = []

    class Tokens(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            good = asked[-1]["refresh_token"] == ["long"]
            self.send_response(200 if good else 400)
            self.end_headers()
            self.wfile.write(b'{"access_token": "brief", "expires_in": 3600}' if good else b'{"error": "invalid_grant"}')

        def log_message(self, *_words):
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Tokens) as tokens, smtp() as post:
        threading.Thread(target=tokens.serve_forever, args=(0.02,), daemon=True).start()
        words = {"sign_in": "oauth2", "user": "repair", "token_url": f"http://127.0.0.1:{tokens.server_port}/", "client_id": "kefu"}
        Mailbox.objects.create(account=account(cast), refresh_token="long", smtp_port=post.port, **words)
        for _twice in range(2):
            login = asking.login(Mailbox.objects.get())
        send(Server("127.0.0.1", post.port, "none"), login, sender="a@x.example", to="b@x.example", data=b"Subject: x\r\n\r\n")
        Mailbox.objects.update(refresh_token="gone", access_token="")
        with pytest.raises(SignInRefused, match="invalid_grant"):
            asking.login(Mailbox.objects.get())
        tokens.shutdown()
    assert (len(asked), login.secret, "brief" in repr(login)) == (2, "brief", False)
    assert b64decode(post.signed_in[0].split()[1]).decode() == "user=repair\x01auth=Bearer brief\x01\x01"
