"""The small ASGI front: it holds the live streams itself, serves the static files, and hands all else to Django in a thread pool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def answer(send: Send, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8", **headers: str) -> None:
    """A whole answer at once; header names with ``_`` for ``-``."""
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    sizes = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*sizes, *given]})
    await send({"type": "http.response.body", "body": body})
