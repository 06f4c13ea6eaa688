"""The streams of visitors who chat: what is new in their talk, as soon as the poller of the live streams has read that something is.

A stream begins after the last turn that the widget has, so a broken one goes on where it broke; nothing is kept here that a process could
lose. What is told is read anew from the database each time, in the order of the turns.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import orjson

from kefu.entry.front import Receive, Scope, Send, answer
from kefu.entry.front.bridge import Gone, Oversize, read_body
from kefu.entry.front.live import HEAD, Hub
from kefu.kit.errors import Invalid, KefuError, NotFound, Unavailable
from kefu.timeline.feed import Entry
from kefu.touch.channels.chat import queries
from kefu.touch.channels.chat.models import Visitor

BODY = 4_000
log = logging.getLogger("kefu.live")


@dataclass(eq=False, slots=True)
class Talk:
    """One open widget."""

    visitor: Visitor
    conversation: int
    send: Send
    last: int
    told: bytes = b""
    reading: bool = False
    again: bool = False
    closed: bool = False


def opened(asked: Any, origin: str, host: str) -> Visitor:
    """Whose stream it is. Raises ``NotFound``, ``NotAllowed``, ``Invalid`` before the first word was written."""
    token = asked.get("token") if isinstance(asked, dict) else None
    if not isinstance(token, str):
        raise NotFound()
    visitor = queries.visitor(token.replace("\x00", ""))
    queries.check_origin(visitor.widget, origin, host)
    if visitor.conversation_id is None:
        raise Invalid(code="no_talk")
    return visitor


class Talks:
    """``await talks(scope, receive, send)`` holds one stream. It lives on the poller of ``hub``."""

    def __init__(self, hub: Hub, limit: int) -> None:
        self.hub, self.limit = hub, limit
        self.by_id: dict[int, set[Talk]] = {}
        self.count = 0
        hub.ears.append(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        cors = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")] if origin else []
        try:
            if scope["method"] != "POST":
                raise NotFound()
            if self.hub.closing or self.count >= self.limit:
                raise Unavailable()
            asked = orjson.loads((await read_body(scope, receive, BODY))[0].read() or b"null")
            visitor: Visitor = await self.hub.read(opened, asked, origin, headers.get(b"host", b"").decode("latin-1"))
        except Gone:
            return
        except (KefuError, Oversize, orjson.JSONDecodeError) as error:
            refusal = error if isinstance(error, KefuError) else Invalid(code="bad_request")
            body = orjson.dumps(refusal.problem(), default=str)
            named = {name.decode().replace("-", "_"): value.decode() for name, value in cors}
            await answer(send, refusal.status, body, "application/problem+json", **named)
            return
        after = asked.get("after", 0)
        talk = Talk(visitor, visitor.conversation_id or 0, send, after if isinstance(after, int) and 0 <= after < 2**62 else 0)
        await send({"type": "http.response.start", "status": 200, "headers": [*HEAD, *cors]})
        await self._serve(talk, receive)

    async def _serve(self, talk: Talk, receive: Receive) -> None:
        await self.hub.follow()
        self.by_id.setdefault(talk.conversation, set()).add(talk)
        self.count += 1
        try:
            await self._tell(talk)
            while not talk.closed and (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._forget(talk)

    def _forget(self, talk: Talk) -> None:
        talk.closed = True
        held = self.by_id.get(talk.conversation, set())
        if talk in held:
            held.discard(talk)
            self.count -= 1
        if not held:
            self.by_id.pop(talk.conversation, None)

    def is_busy(self) -> bool:
        return bool(self.by_id)

    def hear(self, entries: list[Entry]) -> None:
        """Something happened: whose talk it was looks anew. Whoever waits looks at the place in the queue when anything moves."""
        for talk_id in {entry.subject_id for entry in entries} & self.by_id.keys():
            for talk in self.by_id[talk_id]:
                self.hub.spawn(self._tell(talk))

    def beat(self) -> None:
        """Now and then every stream looks anew: the place in the queue moves without an event of this talk."""
        for talk in [talk for held in self.by_id.values() for talk in held]:
            self.hub.spawn(self._tell(talk, beat=True))

    def close(self) -> None:
        for talk in [talk for held in self.by_id.values() for talk in held]:
            self.hub.spawn(self._end(talk))

    async def _end(self, talk: Talk) -> None:
        self._forget(talk)
        await talk.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, talk: Talk, *, beat: bool = False) -> None:
        """Read what is new and say it; one reading at a time for each stream, so turns never overtake each other."""
        talk.again = True
        if talk.reading:
            return
        talk.reading = True
        try:
            while talk.again and not talk.closed:
                talk.again = False
                seen: dict[str, Any] = await self.hub.read(queries.seen, talk.visitor, talk.last)
                talk.again = talk.again or seen["more"]
                if await self._say(talk, seen):
                    beat = False
            if beat and not talk.closed:
                await talk.send({"type": "http.response.body", "body": b": beat\n\n", "more_body": True})
        except Exception:
            log.exception("a talk could not be told")
        finally:
            talk.reading = False

    async def _say(self, talk: Talk, seen: dict[str, Any]) -> bool:
        """Say it, unless the visitor knows it all; whether something was said."""
        standing = orjson.dumps({name: value for name, value in seen.items() if name != "turns"}, default=str)
        if talk.closed or (not seen["turns"] and standing == talk.told):
            return False
        body = orjson.dumps(seen, default=str)
        await talk.send({"type": "http.response.body", "body": b"data: " + body + b"\n\n", "more_body": True})
        talk.last, talk.told = max([talk.last, *(turn["seq"] for turn in seen["turns"])]), standing
        return True
