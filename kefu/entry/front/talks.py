"""The streams of visitors who chat: what is new in their talk, as soon as it is written, wherever that was.

What moves wakes the process (``timeline.waking``); the poller of the live streams tells it once more, should a word be lost. All whose talk
moved are read together; a stream whose talk rests costs nothing but its memory and a beat every 20 seconds.

A stream begins after the last turn that the widget has, so a broken one goes on where it broke; nothing is kept here that a process could
lose. What is told is read anew from the database each time, in the order of the turns.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson

from kefu.entry.front import Receive, Scope, Send, answer
from kefu.entry.front.bridge import Gone, Oversize, read_body
from kefu.entry.front.live import HEAD, Hub
from kefu.kit.errors import Invalid, KefuError, NotFound, Unavailable
from kefu.timeline.feed import Entry
from kefu.timeline.waking import Word
from kefu.touch.channels.chat import policies, queries
from kefu.touch.channels.chat.queries import Who

BODY = 4_000
CHUNK = 50
OWN = "conversation.wrote"
log = logging.getLogger("kefu.live")


@dataclass(eq=False, slots=True)
class Talk:
    """One open widget. Until it is ``ready`` it reads for itself what it missed; then all read together."""

    who: Who
    conversation: int
    send: Send
    last: int
    told: bytes = b""
    waits: bool = False
    ready: bool = False
    busy: bool = False
    again: bool = False
    closed: bool = False


def opened(asked: Any, origin: str, host: str) -> tuple[Who, int]:
    """Whose stream it is, and of which conversation.

    Raises ``NotFound``, ``NotAllowed``, ``TooOften``, ``Invalid`` before the first word was written.
    """
    token = asked.get("token") if isinstance(asked, dict) else None
    if not isinstance(token, str):
        raise NotFound()
    visitor = queries.visitor(token.replace("\x00", ""))
    queries.check_origin(visitor.widget, origin, host)
    policies.admit(policies.STREAMS, visitor.key)
    if visitor.conversation_id is None:
        raise Invalid(code="no_talk")
    return queries.who(visitor), visitor.conversation_id


def looked(after: dict[int, int], whose: list[Who]) -> tuple[dict[int, list[Any]], dict[int, dict[str, Any]]]:
    """What is new in these conversations, and how those talks stand: a few statements, however many they are."""
    return queries.fresh(after), queries.standings(whose)


class Talks:
    """``await talks(scope, receive, send)`` holds one stream. It lives on the poller of ``hub``."""

    def __init__(self, hub: Hub, limit: int) -> None:
        self.hub, self.limit = hub, limit
        self.by_id: dict[int, set[Talk]] = {}
        self.count = 0
        self.due: set[int] = set()
        self.looking = False
        hub.ears.append(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        talk = await self._open(scope, receive, send)
        if talk is not None:
            scope["headers"].clear()  # nobody reads them for as long as the stream lasts
            await self._serve(talk, receive)

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> Talk | None:
        """The stream, its head sent; or a refusal was."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        cors = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")] if origin else []
        try:
            if scope["method"] != "POST":
                raise NotFound()
            policies.admit(policies.ADDRESSES, str((scope.get("client") or ("-",))[0]))
            if self.hub.closing or self.count >= self.limit:
                raise Unavailable()
            asked = orjson.loads((await read_body(scope, receive, BODY))[0].read() or b"null")
            who, conversation = await self.hub.read(opened, asked, origin, headers.get(b"host", b"").decode("latin-1"))
        except Gone:
            return None
        except (KefuError, Oversize, orjson.JSONDecodeError) as error:
            refusal = error if isinstance(error, KefuError) else Invalid(code="bad_request")
            body = orjson.dumps(refusal.problem(), default=str)
            named = {name.decode().replace("-", "_"): value.decode() for name, value in cors}
            await answer(send, refusal.status, body, "application/problem+json", **named)
            return None
        after = asked.get("after", 0)
        await send({"type": "http.response.start", "status": 200, "headers": [*HEAD, *cors]})
        return Talk(who, conversation, send, after if isinstance(after, int) and 0 <= after < 2**62 else 0)

    async def _serve(self, talk: Talk, receive: Receive) -> None:
        await self.hub.follow()
        self.by_id.setdefault(talk.conversation, set()).add(talk)
        self.count += 1
        try:
            await self._begin(talk)
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

    def hear_early(self, entries: list[Entry]) -> None:
        """Something happened just now: whose talk it was looks anew. What visitors wrote themselves their widgets know from the answer;
        only another window of theirs waits for it, and not for long."""
        self._look({entry.subject_id for entry in entries if entry.kind != OWN})

    def hear(self, entries: list[Entry], early: Collection[int]) -> None:
        """The same of what was not told ``early``, and of all that visitors wrote."""
        self._look({entry.subject_id for entry in entries if entry.id not in early or entry.kind == OWN})

    def heed(self, words: list[Word]) -> None:
        self._look({word.id for word in words if word.what == queries.LOOK})
        for one in {word.id for word in words if word.what == queries.TYPES}:
            for talk in self.by_id.get(one, ()):
                # A line that is busy or lately begun is spared: it is no loss.
                if talk.ready and not talk.busy:
                    self._spawn(talk, b'data: {"types":true}\n\n')

    def beat(self) -> None:
        """Whoever waits looks at the place in the queue; all others are told that the line stands."""
        talks = [talk for held in self.by_id.values() for talk in held if talk.ready]
        self._look({talk.conversation for talk in talks if talk.waits})
        for talk in talks:
            if not talk.waits and not talk.busy:
                self._spawn(talk, b": beat\n\n")

    def close(self) -> None:
        for talk in [talk for held in self.by_id.values() for talk in held]:
            self.hub.spawn(self._end(talk))

    async def _end(self, talk: Talk) -> None:
        self._forget(talk)
        await talk.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, talk: Talk) -> None:
        """Tell what was missed, until nothing is left of it."""
        more = True
        while (more or talk.again) and not talk.closed:
            talk.again = False
            seen: dict[str, Any] = await self.hub.read(queries.seen, talk.who, talk.last)
            more = seen["more"]
            await self._write(talk, self._said(talk, seen))
        talk.ready = True

    def _look(self, ids: set[int]) -> None:
        self.due |= ids & self.by_id.keys()
        if self.due and not self.looking:
            self.looking = True
            self.hub.spawn(self._work())

    async def _work(self) -> None:
        """One reading for all whose talk moved; what moves meanwhile is read next."""
        try:
            while self.due:
                taken = [self.due.pop() for _each in range(min(CHUNK, len(self.due)))]
                await self._tell([talk for one in taken for talk in self.by_id.get(one, ())])
        except Exception:
            log.exception("the talks could not be told")
        finally:
            self.looking = False

    async def _tell(self, talks: list[Talk]) -> None:
        # A slow line is looked at again when it has taken what it was told, a new one when it has read what it missed.
        for talk in talks:
            talk.again = talk.busy or not talk.ready
        free = [talk for talk in talks if not talk.again]
        if not free:
            return
        after: dict[int, int] = {}
        for talk in free:
            after[talk.conversation] = min(talk.last, after.get(talk.conversation, talk.last))
        turns, standings = await self.hub.read(looked, after, [talk.who for talk in free])
        for talk in free:
            new = [turn for turn in turns.get(talk.conversation, ()) if turn["seq"] > talk.last]
            standing = standings.get(talk.who.id)
            if standing and (body := self._said(talk, {"turns": new, "more": False, **standing})):
                self._spawn(talk, body)
        if sum(len(one) for one in turns.values()) >= queries.MOST:
            self.due.update(after)

    def _spawn(self, talk: Talk, body: bytes) -> None:
        talk.busy = True
        self.hub.spawn(self._write(talk, body))

    def _said(self, talk: Talk, seen: dict[str, Any]) -> bytes:
        """The word to say; nothing, if the visitor knows it all."""
        standing = orjson.dumps({name: value for name, value in seen.items() if name != "turns"}, default=str)
        if not seen["turns"] and standing == talk.told:
            return b""
        talk.last = max([talk.last, *(turn["seq"] for turn in seen["turns"])])
        talk.told, talk.waits = standing, seen["place"] > 0
        return b"data: " + orjson.dumps(seen, default=str) + b"\n\n"

    async def _write(self, talk: Talk, body: bytes) -> None:
        if talk.closed or not body:
            return
        talk.busy = True
        try:
            await talk.send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            talk.busy = False
            if talk.again and talk.ready:
                self._look({talk.conversation})
