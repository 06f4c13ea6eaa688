"""A double of the WeChat platforms on loopback: official account and 微信客服, as their published protocol says.

Its encryption is written apart from the one under test. It counts the five messages, keeps tokens, pages what people wrote, and writes
every exchange down.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

KEY, TOKEN, SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "callbacktoken", "the-app-secret"
APP, CORP, KFID = "wx5823bf96d3bd56c7", "ww1234567890abcdef", "wkAJ2GCAAASSm4"


def sealed(text: str, receiver: str, *, key: str = KEY, noise: bytes = b"") -> str:
    secret = base64.b64decode(key + "=")
    plain = (noise or os.urandom(16)) + len(text.encode()).to_bytes(4, "big") + text.encode() + receiver.encode()
    padder = PKCS7(256).padder()
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()).decode()


def opened(text: str, receiver: str) -> str:
    secret = base64.b64decode(KEY + "=")
    decryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
    unpadder = PKCS7(256).unpadder()
    plain = unpadder.update(decryptor.update(base64.b64decode(text)) + decryptor.finalize()) + unpadder.finalize()
    size = int.from_bytes(plain[16:20], "big")
    assert plain[20 + size :].decode() == receiver
    return plain[20 : 20 + size].decode()


def sha1(*words: str) -> str:
    return hashlib.sha1("".join(sorted(words)).encode()).hexdigest()


def xml(**fields: Any) -> str:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


@dataclass
class Platform:
    """``first`` holds answers to give before the true ones, by path; ``files`` what lies there by media id."""

    port: int = 0
    lives: int = 7200
    tokens: list[str] = field(default_factory=list)
    first: dict[str, list[Any]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    written: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    page: int = 100
    exchanges: list[tuple[str, dict[str, str], Any, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, path: str) -> list[Any]:
        """The bodies that were posted to a path."""
        return [body for one, _query, body, _answer in self.exchanges if one == path]

    def token(self, query: dict[str, str], body: Any) -> Any:
        given = (body or query).get("secret") or query.get("corpsecret")
        if given != SECRET:
            return {"errcode": 40125 if body else 40001, "errmsg": "invalid secret"}
        if not self.tokens or (body or {}).get("force_refresh"):
            self.tokens.append(f"T{len(self.tokens) + 1}")
        return {"errcode": 0, "access_token": self.tokens[-1], "expires_in": self.lives}

    def sync(self, body: Any) -> Any:
        begin = int(body.get("cursor") or 0)
        rows = self.written[begin : begin + min(self.page, body["limit"])]
        end = begin + len(rows)
        return {"errcode": 0, "next_cursor": str(end), "has_more": int(end < len(self.written)), "msg_list": rows}

    def answer(self, path: str, query: dict[str, str], body: Any) -> Any:
        if path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
            return self.token(query, body)
        if not self.tokens or query.get("access_token") != self.tokens[-1]:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        if path == "/cgi-bin/media/get":
            return self.files.get(query["media_id"], {"errcode": 40007, "errmsg": "invalid media_id"})
        if path == "/cgi-bin/media/upload":
            name = f"M{len(self.files) + 1}"
            self.files[name] = body
            return {"type": query["type"], "media_id": name, "created_at": 1}
        if path == "/cgi-bin/kf/sync_msg":
            return self.sync(body)
        if path == "/cgi-bin/kf/customer/batchget":
            rows = [{"external_userid": one, "nickname": self.names[one]} for one in body["external_userid_list"] if one in self.names]
            return {"errcode": 0, "customer_list": rows}
        if path == "/cgi-bin/kf/service_state/get":
            return {"errcode": 0, "service_state": self.states.get(body["external_userid"], 1)}
        return {"errcode": 0, "errmsg": "ok", "msgid": (body or {}).get("msgid", "")}


def _multipart(kind: str, data: bytes) -> tuple[str, bytes]:
    part = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + data).get_payload()[0]
    return part.get_filename(), part.get_payload(decode=True)


@contextmanager
def platform(**more: Any) -> Iterator[Platform]:
    held = Platform(**more)

    class Talk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            place, data = urlsplit(self.path), self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = self.headers.get("Content-Type", "")
            body = _multipart(kind, data) if kind.startswith("multipart") else json.loads(data) if data else None
            query = dict(parse_qsl(place.query))
            with held.lock:
                told = held.first[place.path].pop(0) if held.first.get(place.path) else held.answer(place.path, query, body)
                held.exchanges.append((place.path, query, body, told))
            if told == "cut":
                self.connection.close()
                return
            name, content = told if isinstance(told, tuple) else ("", json.dumps(told).encode())
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream" if name else "application/json; encoding=utf-8")
            if name:
                self.send_header("Content-Disposition", f'attachment; filename="{name}"'.encode().decode("latin-1"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(content)

        def log_message(self, *_words: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Talk) as server:
        held.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()
