import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kefu.engines.webhooks import sending
from kefu.engines.webhooks.reaching import Bounds
from tests.email import certificates


class Hearing:
    """A receiver on loopback: ``answers`` says what it does ("hang", "drip", a status, or a status and headers), ``got`` what came."""

    def __init__(self, tls=None):
        self.got, self.answers = [], 204
        hearing = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hearing.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                hearing.answer(self)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.server.handle_error = lambda *_args: None  # whoever is cut off breaks the pipe
        self.over = threading.Event()
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}/hooks?from=kefu"

    def answer(self, handler):
        status, headers = self.answers if isinstance(self.answers, tuple) else (self.answers, {})
        if status == "hang":
            self.over.wait(5)
            return
        if status == "trickle":  # a head that never ends, one byte after another
            for _byte in range(200):
                handler.wfile.write(b"H")
                time.sleep(0.02)
        handler.send_response(200 if status == "drip" else status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status == "drip":
            handler.send_header("Content-Length", "1000000")
            handler.end_headers()
            while not self.over.wait(0.02):
                handler.wfile.write(b"x")
        words = b"" if status in (204, 304) else b"no <b>" + b"z" * 200_000
        if words:
            handler.send_header("Content-Length", str(len(words)))
        handler.end_headers()
        handler.wfile.write(words)

    def said(self):
        return [json.loads(body) for _headers, body in self.got]

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hearing(settings, monkeypatch):
    settings.WEBHOOK_INSIDE = ["127.0.0.0/8"]
    monkeypatch.setattr(sending, "BOUNDS", Bounds(1.0, 0.4, 0.6))
    made = Hearing()
    yield made
    made.close()


@pytest.fixture
def sealed(settings, tmp_path):
    """A receiver by https, with a certificate of an authority that nobody knows, and the file of that authority."""
    settings.WEBHOOK_INSIDE = ["127.0.0.0/8"]
    certificate = certificates.made(tmp_path)
    made = Hearing(certificate.context())
    yield made, str(certificate.authority)
    made.close()
