"""Live streams: one poller reads the timeline for all streams of the process and tells each what its person may see.

What somebody waits for before the screen (an event ``at_once``) is told to those who take part as soon as its transaction commits, by a
word of its own without a bookmark (``now``); the poller tells it again in its place on the line.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson
from django.db import close_old_connections, connection
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from kefu.entry.front import Receive, Scope, Send, answer
from kefu.entry.front.alarm import Alarm
from kefu.entry.front.bell import Bell, ring
from kefu.kit import hot
from kefu.kit.errors import NotSignedIn, Unavailable
from kefu.people.actor import Actor, faceless
from kefu.people.sign_in import actor_of_request
from kefu.timeline import feed
from kefu.timeline.choices import Audience, Secrecy
from kefu.timeline.feed import Bookmark, Entry
from kefu.timeline.models import Watcher
from kefu.timeline.waking import EVENT, SIGN, Word
from kefu.touch.presence.handling import connected

POLL, BEAT, RECHECK = 0.4, 20.0, 60.0
PENDING, REPLAY, PAGE = 200, 1_000, 500
HEAD = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
Watched = dict[int, set[int]]
log = logging.getLogger("kefu.live")


def takes_part(actor: Actor, entry: Entry, watched: Watched) -> bool:
    return entry.owner_id == actor.id or actor.id in watched.get(entry.subject_id, ())


def may_see(actor: Actor, entry: Entry, watched: Watched) -> bool:
    """The same judgement as ``timeline.queries.visible``, for one entry in memory."""
    if entry.audience == Audience.AUDIT and not actor.can("audit.see"):
        return False
    own = takes_part(actor, entry, watched)
    if entry.secrecy == Secrecy.SECRET and not actor.can("secrets.see"):
        return own
    return own or actor.sees_path(entry.unit_path)


def as_event(entry: Entry) -> bytes:
    data = orjson.dumps({"kind": entry.subject_kind, "id": entry.subject_id, "event": entry.kind})
    return b"id: %d-%d\nevent: changed\ndata: %s\n\n" % (entry.xid, entry.id, data)


def as_early_event(entry: Entry) -> bytes:
    """Told before its turn on the line, so the bookmark stays; ``of`` is the number by which the page knows it again."""
    data = orjson.dumps({"kind": entry.subject_kind, "id": entry.subject_id, "event": entry.kind, "of": entry.id})
    return b"event: now\ndata: %s\n\n" % data


def mark(name: str, bookmark: Bookmark) -> bytes:
    """A word to the page: ``ready`` (the stream runs), ``reset`` (too much was missed: load the page anew), ``signed-out``."""
    return f"id: {bookmark}\nevent: {name}\ndata: {{}}\n\n".encode()


def as_sign(word: Word) -> bytes:
    """What is told to the pages of one person and kept nowhere: somebody types, has read."""
    _sign, what, subject, place = word.what.split(":")
    return b"event: sign\ndata: " + orjson.dumps({"what": what, "id": int(subject), "place": int(place)}) + b"\n\n"


class Ear(Protocol):
    """Others who hear what the poller reads (the streams of visitors)."""

    def is_busy(self) -> bool: ...
    def hear_early(self, entries: list[Entry]) -> None: ...
    def hear(self, entries: list[Entry], early: Collection[int]) -> None: ...
    def heed(self, words: list[Word]) -> None: ...
    def beat(self) -> None: ...
    def close(self) -> None: ...


@dataclass(eq=False, slots=True)
class Stream:
    """One open browser. ``pending`` is written by a short-lived task, so that a resting stream costs no task of its own."""

    actor: Actor
    cookies: str
    send: Send
    checked: float
    pending: list[bytes] = field(default_factory=list)
    writing: bool = True
    closed: bool = False


_watchers = hot.Read(lambda count: Watcher.objects.filter(subject_id__in=hot.slots(count)).values("subject_id", "staff_id"))


def watchers(entries: list[Entry]) -> Watched:
    """Who follows the subjects of ``entries``."""
    found: Watched = defaultdict(set)
    for row in _watchers.of(hot.padded(list({one.subject_id for one in entries}))):
        found[row["subject_id"]].add(row["staff_id"])
    return found


class Shares:
    """Who is told which of some events: judged once for all who have the same rights and reach, and for each who takes part in one."""

    def __init__(self, events: list[tuple[Entry, bytes]], watched: Watched) -> None:
        self.events, self.watched = events, watched
        self.part = {one.owner_id for one, _event in events}.union(*watched.values())
        self.common: dict[Actor, list[bytes]] = {}

    def of(self, actor: Actor) -> list[bytes]:
        if actor.id in self.part:
            return self._seen(actor)
        shape = faceless(actor)
        if shape not in self.common:
            self.common[shape] = self._seen(actor)
        return self.common[shape]

    def own(self, actor: Actor) -> list[bytes]:
        """Those alone in which he takes part."""
        if actor.id not in self.part:
            return []
        return [event for one, event in self.events if takes_part(actor, one, self.watched) and may_see(actor, one, self.watched)]

    def _seen(self, actor: Actor) -> list[bytes]:
        return [event for one, event in self.events if may_see(actor, one, self.watched)]


def read_on(after: Bookmark) -> tuple[list[Entry], Watched]:
    """The next events of the line, and who follows what they happened to."""
    entries = feed.read(after, PAGE)
    return entries, watchers(entries)


def read_these(ids: list[int], after: Bookmark) -> tuple[list[Entry], Watched]:
    """These events, but for those up to ``after``, and who follows what they happened to."""
    entries = [one for one in feed.these(ids) if one.bookmark > after]
    return entries, watchers(entries)


def actor_behind(cookies: str) -> Actor | None:
    request = HttpRequest()
    request.COOKIES = parse_cookie(cookies)
    return actor_of_request(request)


def missed(after: Bookmark, upto: Bookmark, actor: Actor) -> list[bytes] | None:
    """What ``actor`` may see after ``after`` up to ``upto`` as events; None if it is too much to replay."""
    if after > upto:  # the database is an older one than the browser saw
        return None
    told: list[bytes] = []
    looked = 0
    while after < upto:
        entries = [one for one in feed.read(after, PAGE) if one.bookmark <= upto]
        if not entries:
            break
        watched = watchers(entries)
        told += [as_event(one) for one in entries if may_see(actor, one, watched)]
        looked += len(entries)
        after = entries[-1].bookmark
        if looked > REPLAY * 10 or len(told) > REPLAY:
            return None
    return told


class Hub:
    """All streams of this process. Everything but the reads of the database runs on the event loop."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.streams: set[Stream] = set()
        self.position = Bookmark(0, 0)
        self.reader = ThreadPoolExecutor(1, thread_name_prefix="live")
        self.poller: asyncio.Task[None] | None = None
        self.writers: set[asyncio.Task[None]] = set()
        self.starting = asyncio.Lock()
        self.closing = False
        self.bell = Bell()
        self.ears: list[Ear] = []
        self.alarm = Alarm(self._heed)
        self.early: set[int] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await answer(send, 405, b"only GET", allow="GET")
            return
        if self.closing or len(self.streams) >= self.limit:
            await answer(send, 503, orjson.dumps(Unavailable().problem(), default=str), "application/problem+json", retry_after="10")
            return
        headers = dict(scope["headers"])
        cookies = headers.get(b"cookie", b"").decode("latin-1")
        actor = await self.read(actor_behind, cookies)
        if actor is None:
            await answer(send, 401, orjson.dumps(NotSignedIn().problem(), default=str), "application/problem+json")
            return
        # A page that connects anew by itself (a tab that was hidden) cannot set the header.
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("last", [""])[0]
        last_seen = headers.get(b"last-event-id", b"").decode("latin-1") or asked
        await self._serve(Stream(actor, cookies, send, time.monotonic()), last_seen, receive)

    async def read(self, function: Any, *args: Any) -> Any:
        """Run a read in the thread that owns the database connection of the streams."""

        def guarded() -> Any:
            close_old_connections()
            try:
                return function(*args)
            except Exception:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self.reader, guarded)

    async def _serve(self, stream: Stream, last_seen: str, receive: Receive) -> None:
        await stream.send({"type": "http.response.start", "status": 200, "headers": HEAD})
        await self.follow()
        self.streams.add(stream)
        try:
            await self._catch_up(stream, Bookmark.parse(last_seen))
            while not stream.closed and (await receive())["type"] != "http.disconnect":
                pass
        finally:
            stream.closed = True
            self.streams.discard(stream)

    async def _catch_up(self, stream: Stream, last_seen: Bookmark | None) -> None:
        """Replay, then let the poller's events flow: those that came meanwhile wait in ``pending`` behind the replay."""
        position = self.position
        told = [mark("ready", position)] if last_seen is None else await self.read(missed, last_seen, position, stream.actor)
        if told is None:
            told = [mark("reset", position)]
        elif last_seen is not None:
            told.append(mark("ready", position))
        if self.bell.rang_for(stream.actor.id):
            told.append(ring(stream.actor.id))
        stream.pending[:0] = [b"retry: 2000\n\n", *told]
        await self._write(stream)

    async def follow(self) -> None:
        """Start the poller with the first stream."""
        async with self.starting:
            if self.poller is None or self.poller.done():
                self.position = await self.read(feed.end)
                self.bell = Bell()
                await self.read(self.bell.read)
                self.early.clear()
                await self.alarm.set(self.read)
                self.poller = asyncio.get_running_loop().create_task(self._poll())

    async def _poll(self) -> None:
        beat = time.monotonic() + BEAT
        while self.streams or any(ear.is_busy() for ear in self.ears) or time.monotonic() < beat:
            await asyncio.sleep(POLL)
            try:
                while await self._pass_on() == PAGE:
                    pass
                await self._ring()
                await self._recheck()
            except Exception:
                log.exception("the streams could not read")
                await asyncio.sleep(2)
            if time.monotonic() >= beat:
                beat = time.monotonic() + BEAT
                await self.alarm.set(self.read)
                await self._show_connected()
                for stream in list(self.streams):
                    self._tell(stream, b"event: beat\ndata: {}\n\n")  # a page cannot see a comment, and must know a dead line
                for ear in self.ears:
                    ear.beat()
        self.alarm.end()

    async def _show_connected(self) -> None:
        """Whoever holds a stream here is connected: their state as agents stays."""
        people = {stream.actor.person_id for stream in self.streams if stream.actor.can("contacts.take")}
        try:
            await self.read(connected, people)
        except Exception:
            log.exception("the streams could not show who is connected")

    async def _pass_on(self) -> int:
        entries, watched = await self.read(read_on, self.position)
        if not entries:
            return 0
        for ear in self.ears:
            ear.hear(entries, self.early)
        self.early.difference_update(one.id for one in entries)
        self.position = entries[-1].bookmark
        shares = Shares([(one, as_event(one)) for one in entries], watched)
        for stream in list(self.streams):
            if seen := shares.of(stream.actor):
                self._tell(stream, *seen)
        return len(entries)

    async def _heed(self, words: list[Word]) -> None:
        """A transaction has just ended: those who take part need not wait for the poller."""
        self._sign([word for word in words if word.what.startswith(f"{SIGN}:")])
        ids = [word.id for word in words if word.what == EVENT and word.id not in self.early]
        entries, watched = await self.read(read_these, ids, self.position) if ids else ([], {})
        self.early.update(one.id for one in entries)
        for ear in self.ears:
            ear.hear_early(entries)
            ear.heed(words)
        shares = Shares([(one, as_early_event(one)) for one in entries], watched)
        for stream in list(self.streams):
            if own := shares.own(stream.actor):
                self._tell(stream, *own)

    def _sign(self, words: list[Word]) -> None:
        for stream in list(self.streams) if words else ():
            if seen := [as_sign(word) for word in words if word.id == stream.actor.id]:
                self._tell(stream, *seen)

    async def _ring(self) -> None:
        """Tell those who have new notices, and nobody else."""
        people: set[int] = await self.read(self.bell.read)
        for stream in list(self.streams) if people else ():
            if stream.actor.id in people:
                self._tell(stream, ring(stream.actor.id))

    async def _recheck(self) -> None:
        """Once a minute a stream proves that its session still stands and its rights are those of now."""
        due = [stream for stream in self.streams if time.monotonic() - stream.checked > RECHECK][:50]
        for stream in due:
            actor = await self.read(actor_behind, stream.cookies)
            stream.checked = time.monotonic()
            if actor is None:
                self._tell(stream, mark("signed-out", self.position))
                self._end(stream)
            else:
                stream.actor = actor

    def _tell(self, stream: Stream, *events: bytes) -> None:
        stream.pending += events
        if len(stream.pending) > PENDING:
            stream.pending[:] = [mark("reset", self.position)]
        if not stream.writing:
            stream.writing = True
            self.spawn(self._write(stream))

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.writers.add(task)
        task.add_done_callback(self.writers.discard)

    async def _write(self, stream: Stream) -> None:
        stream.writing = True
        while stream.pending and not stream.closed:
            body, stream.pending = b"".join(stream.pending), []
            await stream.send({"type": "http.response.body", "body": body, "more_body": True})
        stream.writing = False

    def _end(self, stream: Stream) -> None:
        """Say the last word and close; the browser comes again by itself."""
        self.streams.discard(stream)
        self.spawn(self._finish(stream))

    async def _finish(self, stream: Stream) -> None:
        body, stream.pending = b"".join(stream.pending), []
        stream.closed = True
        await stream.send({"type": "http.response.body", "body": body, "more_body": False})

    def close(self) -> None:
        """End all streams: the process stops."""
        self.closing = True
        for stream in list(self.streams):
            self._end(stream)
        for ear in self.ears:
            ear.close()
        if self.poller:
            self.poller.cancel()
        self.alarm.end()
