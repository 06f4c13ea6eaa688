"""The ASGI application of the web process: live streams, static files, and Django for all else."""

from __future__ import annotations

import os
from typing import Any

from kefu.entry.front import Receive, Scope, Send, answer
from kefu.entry.front.bridge import Bridge
from kefu.entry.front.live import Hub
from kefu.entry.front.statics import PREFIX, Statics
from kefu.entry.front.talks import Talks


class Front:
    """``uvicorn kefu.entry.asgi:application`` works too; ``kefu serve`` adds an orderly stop."""

    def __init__(self) -> None:
        from django.conf import settings

        from kefu.entry.wsgi import application as wsgi

        self.live = Hub(limit=settings.LIVE_STREAMS)
        self.talks = Talks(self.live, limit=settings.LIVE_STREAMS)
        self.statics = Statics(settings.PACKAGE / "static")
        # On PostgreSQL one request runs while another waits for the database; more than two hinder each other.
        lanes = 1 if settings.DATABASES["default"]["ENGINE"] == "kefu.entry.sqlite" else 2
        self.bridge = Bridge(wsgi, threads=settings.WEB_THREADS, limit=settings.UPLOAD_LIMIT, lanes=lanes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"] == "/-/alive":
            await answer(send, 200, b"alive\n")
        elif scope["path"] == "/live":
            await self.live(scope, receive, send)
        elif scope["path"] == "/chat/stream":
            await self.talks(scope, receive, send)
        elif scope["path"].startswith(PREFIX):
            await self.statics(scope, send)
        else:
            await self.bridge(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        self.bridge.close()
        await send({"type": "lifespan.shutdown.complete"})


_made: list[Front] = []


def front() -> Front:
    """The one front of this process."""
    if not _made:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
        _made.append(Front())
    return _made[0]


async def application(scope: Scope, receive: Receive, send: Send) -> Any:
    return await front()(scope, receive, send)
