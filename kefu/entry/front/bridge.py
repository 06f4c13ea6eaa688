"""Django's WSGI handler behind ASGI: the body is spooled first, then the request runs in a fixed pool of threads."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from kefu.entry.front import Receive, Scope, Send, answer
from kefu.entry.front.lane import Lane

SPOOL = 1024 * 1024
WAITING = 500
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Gone(Exception):
    """The client left before the answer was sent."""


class Oversize(Exception):
    """The body is larger than allowed."""


def environ_of(scope: Scope, body: IO[bytes], size: int) -> Environ:
    """The WSGI environ (PEP 3333) of a request whose whole body of ``size`` bytes stands in ``body``."""
    server = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        if b"_" in raw or raw in (b"content-length", b"transfer-encoding"):
            continue  # an underscore could pass for a dash and forge a header that a proxy sets
        text = value.decode("latin-1")
        if raw == b"content-type":
            environ["CONTENT_TYPE"] = text
            continue
        name = "HTTP_" + raw.decode("latin-1").upper().replace("-", "_")
        if name in environ:
            text = environ[name] + ("; " if name == "HTTP_COOKIE" else ",") + text
        environ[name] = text
    if size or scope["method"] not in ("GET", "HEAD"):
        environ["CONTENT_LENGTH"] = str(size)
    return environ


async def read_body(scope: Scope, receive: Receive, limit: int) -> tuple[IO[bytes], int]:
    """The whole body in a file that stays in memory while it is small. Raises ``Oversize``, ``Gone``."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared) > limit:
        raise Oversize
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    if not message.get("more_body"):
        if len(message.get("body", b"")) > limit:
            raise Oversize
        return io.BytesIO(message.get("body", b"")), len(message.get("body", b""))
    return await _spool(message, receive, limit)


async def _spool(message: Any, receive: Receive, limit: int) -> tuple[IO[bytes], int]:
    body = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - closed by the caller
    size = 0
    try:
        while True:
            size += len(message.get("body", b""))
            if size > limit:
                raise Oversize
            body.write(message.get("body", b""))
            if not message.get("more_body"):
                break
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body, size


class _Run:
    """One request in a thread of the pool; chunks go back to the loop one by one, so a slow client holds nothing in memory."""

    def __init__(self, application: Application, send: Send, loop: asyncio.AbstractEventLoop, lane: Lane) -> None:
        self.application, self.send, self.loop, self.lane = application, send, loop, lane
        self.gone = False
        self.head: dict[str, Any] = {}

    def __call__(self, environ: Environ) -> None:
        if self.gone:
            return
        with self.lane:
            whole = self._answered(environ)
        if whole is not None:
            self._pass_on(whole, more=False)

    def _answered(self, environ: Environ) -> bytes | None:
        """The answer, where it is there at once; what comes piece by piece has gone then."""
        result = self.application(environ, self._start)
        try:
            if not getattr(result, "streaming", True):
                body = b"".join(result)
                self._state_length(len(body))
                return body
            self.lane.leave()  # a long answer to a slow client holds nobody up
            for chunk in result:
                self._pass_on(chunk, more=True)
            self._pass_on(b"", more=False)
            return None
        finally:
            close = getattr(result, "close", None)
            if close:
                close()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], None]:
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.head = {"type": "http.response.start", "status": int(status.split(" ", 1)[0]), "headers": encoded}
        return lambda chunk: self._pass_on(chunk, more=True)

    def _state_length(self, size: int) -> None:
        bodiless = self.head["status"] in (204, 304) or self.head["status"] < 200
        if not bodiless and not any(name == b"content-length" for name, _value in self.head["headers"]):
            self.head["headers"].append((b"content-length", str(size).encode()))

    def _pass_on(self, chunk: bytes, *, more: bool) -> None:
        if self.gone:
            raise Gone
        asyncio.run_coroutine_threadsafe(self._sent(chunk, more=more), self.loop).result()

    async def _sent(self, chunk: bytes, *, more: bool) -> None:
        if self.head:
            head, self.head = self.head, {}
            await self.send(head)
        if chunk or not more:
            await self.send({"type": "http.response.body", "body": chunk, "more_body": more})


class Bridge:
    """``await bridge(scope, receive, send)``. At most ``threads`` requests run, of short ones ``lanes`` at a time; ``WAITING`` wait, more
    are told to come again."""

    def __init__(self, application: Application, *, threads: int, limit: int, lanes: int = 1) -> None:
        self.application = application
        self.limit = limit
        self.lane = Lane(lanes)
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="web")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        waiting = self.pool._work_queue.qsize()
        if waiting > WAITING:
            await answer(send, 503, "系统繁忙，请稍后再试。 The system is busy; try again in a moment.".encode(), retry_after="2")
            return
        try:
            body, size = await read_body(scope, receive, self.limit)
        except Oversize:
            await answer(send, 413, "内容过大。 This is too large.".encode(), connection="close")
            return
        except Gone:
            return
        loop = asyncio.get_running_loop()
        run = _Run(self.application, send, loop, self.lane)
        watch = loop.create_task(self._watch(receive, run)) if waiting or scope["method"] == "GET" else None
        try:
            await loop.run_in_executor(self.pool, run, environ_of(scope, body, size))
        except Gone:
            pass
        finally:
            if watch:
                watch.cancel()
            body.close()

    async def _watch(self, receive: Receive, run: _Run) -> None:
        """Note that the client left: a request that has not begun is dropped, a long answer ends."""
        while (await receive())["type"] != "http.disconnect":
            pass
        run.gone = True

    def close(self) -> None:
        """Let running requests end; take no more."""
        self.pool.shutdown(wait=True, cancel_futures=True)
