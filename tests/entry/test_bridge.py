"""Django's side of the front: bodies, headers, streams and many at once, through a real server on loopback."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn

from kefu.entry.front.bridge import Bridge

LIMIT = 8 * 1024 * 1024
ended = threading.Event()


def echo(environ, start_response):
    """A WSGI application that tells what it received."""
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(0.3)
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"x" * 65_536 for _number in range(64))
    if path == "/endless":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return endless()
    body = environ["wsgi.input"].read()
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    told |= {"size": len(body), "sum": sum(body)}
    start_response("201 Created", [("Content-Type", "application/json"), ("X-Twice", "1"), ("X-Twice", "2")])
    return Whole(json.dumps(told).encode())


class Whole(list):
    streaming = False

    def __init__(self, body: bytes) -> None:
        super().__init__([body])


def endless():
    try:
        while True:
            yield b"y" * 65_536
    finally:
        ended.set()


@pytest.fixture(scope="module")
def port():
    bridge = Bridge(echo, threads=4, limit=LIMIT)
    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(bridge, http="httptools", lifespan="off", log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    yield sock.getsockname()[1]
    server.should_exit = True
    thread.join()
    bridge.close()


@pytest.fixture
def ask(port):
    def send(method="GET", path="/", body=None, headers=None):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            client.request(
                method, path, body=body, headers=headers or {}, encode_chunked=body is not None and not isinstance(body, (bytes, str))
            )
            response = client.getresponse()
            return response, response.read()
        finally:
            client.close()

    return send


def test_path_query_and_headers(ask):
    response, body = ask(
        "GET", "/%E5%B7%A5%E5%8D%95/1?q=%E5%81%9C%E6%B0%B4", headers={"Cookie": "a=1", "X-Some-Thing": "yes", "Accept": "*/*"}
    )
    told = json.loads(body)
    assert response.status == 201
    assert response.headers.get_all("x-twice") == ["1", "2"]
    assert told["PATH_INFO"].encode("latin-1").decode() == "/工单/1"
    assert told["QUERY_STRING"] == "q=%E5%81%9C%E6%B0%B4"
    assert (told["HTTP_COOKIE"], told["HTTP_X_SOME_THING"], told["REMOTE_ADDR"]) == ("a=1", "yes", "127.0.0.1")
    assert "CONTENT_LENGTH" not in told
    assert int(response.headers["content-length"]) == len(body)


def test_a_header_with_an_underscore_forges_nothing(ask):
    _response, body = ask(headers={"X_Forwarded_For": "6.6.6.6", "X-Real": "1"})
    assert "HTTP_X_FORWARDED_FOR" not in json.loads(body)


def test_large_body_arrives_whole(ask):
    sent = bytes(range(256)) * 4096 * 4
    told = json.loads(ask("POST", body=sent)[1])
    assert (told["size"], told["sum"], told["CONTENT_LENGTH"]) == (len(sent), sum(sent), str(len(sent)))


def test_chunked_body_gets_a_length(ask):
    told = json.loads(ask("POST", body=iter([b"abc" * 1000] * 600), headers={"Transfer-Encoding": "chunked"})[1])
    assert (told["size"], told["CONTENT_LENGTH"]) == (1_800_000, "1800000")
    assert "HTTP_TRANSFER_ENCODING" not in told


def test_too_large_is_refused_before_it_is_read(ask, port):
    with socket.create_connection(("127.0.0.1", port), 10) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def test_too_large_without_a_length_is_refused_too(port):
    with socket.create_connection(("127.0.0.1", port), 10) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"100000\r\n" + b"z" * 0x100000 + b"\r\n"
        try:
            for _number in range(9):
                raw.sendall(piece)
        except OSError:
            pass  # the server may close before all is sent
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def test_a_stream_comes_in_pieces(ask):
    response, body = ask("GET", "/stream")
    assert len(body) == 64 * 65_536
    assert response.headers["transfer-encoding"] == "chunked"


def test_a_stream_ends_when_the_client_leaves(port):
    ended.clear()
    with socket.create_connection(("127.0.0.1", port), 10) as raw:
        raw.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 200")
    assert ended.wait(10)


def test_many_at_once(ask):
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda number: ask("POST", "/slow" if number % 4 == 0 else "/", body=b"q" * number), range(96)))
    assert [json.loads(body)["size"] for _response, body in answers] == list(range(96))
