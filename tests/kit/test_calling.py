"""One request to a named system: bounded, no redirect followed, certificates judged."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kefu.kit import calling
from tests.email import certificates

BOUNDS = {"seconds": 0.3, "total": 0.6, "most": 1000}
asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        if self.path == "/hang":
            threading.Event().wait(1)
            return
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "/here")
        size = {"/huge": 5000, "/lies": 10**9, "/cut": 50}.get(self.path, 2)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.path != "/lies":
            self.wfile.write(b"x" * (5 if self.path == "/cut" else size))
            self.close_connection = True

    def log_message(self, *_words):
        pass


@contextmanager
def server(context=None):
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        made.socket = context.wrap_socket(made.socket, server_side=True)
    made.handle_error = lambda *_who: None
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield made.server_address[1]
    finally:
        made.shutdown()
        made.server_close()


def test_an_answer_is_read_and_a_redirect_is_an_answer_like_any_other():
    asked.clear()
    with server() as port:
        told = calling.call("GET", f"http://127.0.0.1:{port}/away", **BOUNDS)
        assert (told.status, told.body, asked) == (302, b"xx", ["/away"])


@pytest.mark.parametrize(
    ("path", "error"), [("/hang", calling.Broken), ("/cut", calling.Broken), ("/huge", calling.TooLarge), ("/lies", calling.TooLarge)]
)
def test_what_hangs_breaks_off_or_never_ends_is_told_apart(path, error):
    with server() as port, pytest.raises(error):
        calling.call("GET", f"http://127.0.0.1:{port}{path}", **BOUNDS)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://127.0.0.1:99999/", "http://nobody.invalid/"])
def test_where_nobody_listens_nothing_was_sent(address):
    with pytest.raises(calling.NotSent):
        calling.call("GET", address, **BOUNDS)


def test_a_certificate_of_ones_own_authority_is_trusted_when_it_is_named(tmp_path, settings):
    certificate = certificates.made(tmp_path)
    with server(certificate.context()) as port:
        address = f"https://127.0.0.1:{port}/"
        with pytest.raises(calling.NotSent, match="CERTIFICATE_VERIFY_FAILED"):
            calling.call("GET", address, **BOUNDS)
        settings.GATEWAY_CA_FILE = str(certificate.authority)
        assert calling.call("GET", address, **BOUNDS).status == 200
        settings.GATEWAY_CA_FILE = str(tmp_path / "missing.pem")
        with pytest.raises(calling.NotSent, match="KEFU_GATEWAY_CA_FILE"):
            calling.call("GET", address, **BOUNDS)
