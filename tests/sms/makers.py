"""A gateway on loopback that takes and answers as it is told, and the line that sends by it."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from kefu.engines.texting.carrier import Arrived
from kefu.kit import moment
from kefu.touch.channels.sms import services
from kefu.touch.channels.sms.models import Line
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.models import Account, Conversation
from tests.cast import Cast

NUMBER = "+8613800001234"
GOOD = {"code": "0", "data": {"id": "G{n}"}}


@dataclass
class Gateway:
    """``answers`` are (status, body) for the next requests, GOOD after them; ``taken`` is what was asked; "cut" hangs up without a word."""

    port: int = 0
    answers: list[Any] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def gateway(*answers: Any) -> Iterator[Gateway]:
    told = Gateway(answers=list(answers))

    class Talk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            form = "form" in self.headers["Content-Type"]
            told.taken.append(dict(parse_qsl(body.decode(), keep_blank_values=True)) if form else json.loads(body))
            told.headers.append({**dict(self.headers), "body": body.decode()})
            answer = told.answers.pop(0) if told.answers else (200, GOOD)
            if answer == "cut":
                self.connection.close()
                return
            status, said = answer
            data = json.dumps(said).replace("{n}", str(len(told.taken))).encode() if isinstance(said, dict) else said
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Talk) as server:
        told.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()


def recipe(port: int, **send: Any) -> dict[str, Any]:
    signing = {"algorithm": "hmac-sha256", "text": "{time}\n{body}", "encoding": "hex"}
    return {
        "send": {
            "url": f"http://127.0.0.1:{port}/send", "headers": {"X-Key": "{key}", "X-Time": "{time}", "X-Sign": "{sign}"}, "sign": signing,
            "body": {"to": "{digits}", "text": "{text}", "ref": "{id}", "template": "{template}", "params": "{params}"}, **send,
        },
        "answer": {"ok": "code", "values": ["0"], "id": "data.id", "error": "message", "busy": ["LIMIT"]},
        "check": {"sign": {"algorithm": "hmac-sha256", "text": "{time}{body}"}, "where": "X-Sign", "time": "X-Time"},
        "receipts": {"rows": "list", "id": "id", "state": "status", "delivered": ["DELIVRD"], "pending": ["ENROUTE"], "reply": "SUCCESS"},
        "inbound": {"rows": "list", "id": "id", "number": "from", "text": "text"},
    }  # fmt: skip


def line(cast: Cast, port: int = 9, **more: Any) -> Line:
    account, _new = Account.objects.get_or_create(channel=Channel.SMS, address="1069012345", defaults={"name": "短信", "unit": cast.centre})
    words = {"recipe": recipe(port), "key": "app", "secret": "top secret", "hook": "hook-word", "signature": "绿洲物业", **more}
    return Line.objects.update_or_create(account=account, defaults=words)[0]


def texted(held: Line, text: str = "电梯坏了", number: str = "13800001234", id: str = "A1") -> str:  # noqa: A002
    return services.take_in(Line.objects.select_related("account__unit").get(pk=held.pk), Arrived(id, number, text))


def talk() -> Conversation:
    return Conversation.objects.latest("pk")


def posted(client: Any, what: str, rows: list[dict[str, str]], secret: str = "top secret", **headers: str) -> Any:
    """What the gateway posts, signed."""
    body, now = json.dumps({"list": rows}), str(int(moment.now().timestamp()))
    sign = hmac.new(secret.encode(), f"{now}{body}".encode(), hashlib.sha256).hexdigest()
    told = {"X-Time": now, "X-Sign": sign, **headers}
    return client.post(f"/sms/hook-word/{what}", body, content_type="application/json", headers=told)
