"""Chats over real HTTP on loopback: how long a message takes to the other side, what is lost, what an idle stream holds.

Every visitor and every agent writes once in ``PACE`` seconds for ``seconds``, on kept connections; each holds a stream. The way to a
visitor ends when the text stands on its stream; that to an agent when the stream says which conversation moved, and, for the one that the
agent has on the screen, when the turns that the page then asks for hold the text.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from tools.bench.guests import SITE
from tools.bench.report import Line, Table
from tools.bench.servers import HERE, Pace, backends, cpu, kefu, memory

PACE, REST = 10.0, 5.0
START = PACE  # everybody has written once
HANDS = 40
PROCESSES = 2
Answer = tuple[int, bytes]
SAID = re.compile(rb"^data: (.+)$", re.MULTILINE)
WROTE = re.compile(
    rb'(?:id: \d+-(\d+)\nevent: changed|event: now)\ndata: \{"kind":"\w+","id":(\d+),"event":"conversation\.wrote"(?:,"of":(\d+))?\}'
)
LAST = re.compile(rb'name="after" value="(\d+)"')


def ready(environment: dict[str, str], visitors: int, agents: int) -> dict[str, Any]:
    words = [sys.executable, "-m", "tools.bench.guests", f"--visitors={visitors}", f"--agents={agents}"]
    done = subprocess.run(words, env={**os.environ, **environment}, cwd=HERE, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@dataclass
class Told:
    """What was sent and when it arrived, by the text of the message. ``warm`` is the moment from which on delays are judged."""

    warm: float = 0.0
    sent: dict[str, float] = field(default_factory=dict)
    came: dict[str, float] = field(default_factory=dict)
    twice: int = 0
    stored: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def arrive(self, text: str) -> None:
        if text in self.came:
            self.twice += 1
        self.came.setdefault(text, time.monotonic())

    @property
    def lost(self) -> int:
        return len(self.sent) - len(self.came)

    def delays(self, *, cold: bool = False) -> list[float]:
        """In seconds: of what was sent since ``warm``, or before."""
        sent = self.sent
        return sorted(at - sent[text] for text, at in self.came.items() if text in sent and (sent[text] < self.warm) == cold)


def part(values: list[float], share: float) -> float:
    """The value below which this share lies, in milliseconds; 0 without any."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000 if values else 0.0


class Hands:
    """Kept connections that ask and answer, one request at a time each."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.free: asyncio.Queue[Any] = asyncio.Queue()
        for _each in range(HANDS):
            self.free.put_nowait(None)

    async def ask(self, head: str, body: bytes = b"") -> Answer:
        held = await self.free.get()
        try:
            if held is None or held[1].is_closing():
                held = await asyncio.open_connection("127.0.0.1", self.port)
            held[1].write(f"{head}\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            return await _answer(held[0])
        except OSError:
            held = None
            raise
        finally:
            self.free.put_nowait(held)


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return status, await reader.readexactly(int(line.split(b":")[1]))
    return status, b""


class Held(asyncio.Protocol):
    """One stream that is listened to. It stands for a browser on a machine of its own, so it costs as little as can be: whole events are
    handed on as they came, all that came at once together."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self.heard, self.rest = heard, b""
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.head.done():
            head, ended, rest = self.rest.partition(b"\r\n\r\n")
            if not ended:
                return
            self.head.set_result(head)
            self.rest = rest
        events, ended, rest = self.rest.rpartition(b"\n\n")
        if ended:
            self.rest = rest
            self.heard(events)


class Chats:
    """All who chat, and what became of it."""

    def __init__(self, port: int, facts: dict[str, Any]) -> None:
        self.port, self.facts, self.hands = port, facts, Hands(port)
        self.to_guests, self.to_agents, self.shown = Told(), Told(), Told()
        self.streams: list[asyncio.WriteTransport] = []
        self.waited: dict[int, list[str]] = {}
        self.known: set[int] = set()
        self.read = {guest["talk"]: guest["last"] for guest in facts["guests"]}
        self.tasks: set[asyncio.Task[None]] = set()

    async def _stream(self, request: str, body: bytes, heard: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        transport, held = await loop.create_connection(lambda: Held(heard), "127.0.0.1", self.port)
        self.streams.append(transport)
        transport.write(f"{request}\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        head = await held.head
        if b" 200 " not in head:
            raise SystemExit(f"a stream was refused: {head[:200]!r}")

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _guest_heard(self, events: bytes) -> None:
        for said in SAID.findall(events):
            for turn in json.loads(said).get("turns", ()):
                if not turn["own"]:
                    self.to_guests.arrive(turn["text"])

    def _agent_heard(self, number: int, events: bytes) -> None:
        for place, subject, of in WROTE.findall(events):
            talk, event = int(subject), int(place or of)
            # What is told early is told again in its turn; the first of the two counts.
            if self.owner.get(talk) != number or event in self.known:
                continue
            self.known.add(event)
            waited = self.waited.get(talk, [])
            if waited:
                text = waited.pop(0)
                self.to_agents.arrive(text)
                if text in self.shown.sent:
                    self._spawn(self._show(talk, text))

    async def _show(self, talk: int, text: str) -> None:
        cookie = self.facts["agents"][self.owner[talk]]
        status, body = await self.hands.ask(
            f"GET /inbox/{talk}/turns?after={self.read.get(talk, 0)} HTTP/1.1\r\n"
            f"HX-Request: true\r\nHX-Target: turns-tail\r\nCookie: {cookie}"
        )
        self.read[talk] = max(self.read.get(talk, 0), *(int(one) for one in LAST.findall(body)))
        if status == 200 and text.encode() in body:
            self.shown.arrive(text)

    async def open(self) -> None:
        """All streams, agents first; fifty at a time."""
        self.owner = {guest["talk"]: guest["agent"] % len(self.facts["agents"]) for guest in self.facts["guests"]}
        for start in range(0, len(self.facts["agents"]), 50):
            asked = enumerate(self.facts["agents"][start : start + 50], start)
            await asyncio.gather(
                *(self._stream(f"GET /live HTTP/1.1\r\nCookie: {one}", b"", partial(self._agent_heard, number)) for number, one in asked)
            )

    async def open_guests(self) -> None:
        head = f"POST /chat/stream HTTP/1.1\r\nOrigin: {SITE}"
        for start in range(0, len(self.facts["guests"]), 50):
            bodies = [{"token": one["token"], "after": one["last"]} for one in self.facts["guests"][start : start + 50]]
            await asyncio.gather(*(self._stream(head, json.dumps(body).encode(), self._guest_heard) for body in bodies))

    async def _guest(self, guest: dict[str, Any], until: float, shows: bool) -> None:
        await asyncio.sleep(random.uniform(0, PACE))  # noqa: S311 - nothing is guessed
        turn = 0
        while (at := time.monotonic()) < until:
            turn += 1
            text = f"g{guest['talk']}-{turn}-"
            self.to_agents.sent[text] = at
            if shows:
                self.shown.sent[text] = at
            self.waited.setdefault(guest["talk"], []).append(text)
            body = {"token": guest["token"], "id": f"bench-{guest['talk']}-{turn:05d}-{os.getpid()}", "text": text, "after": guest["last"]}
            status, answer = await self.hands.ask(
                f"POST /chat/send HTTP/1.1\r\nOrigin: {SITE}\r\nContent-Type: text/plain", json.dumps(body).encode()
            )
            self._stored(self.to_agents, at, status, answer)
            if status == 200:
                guest["last"] = max([guest["last"], *(one["seq"] for one in json.loads(answer)["turns"])])
            await asyncio.sleep(max(0.0, at + PACE - time.monotonic()))

    async def _agent(self, number: int, until: float) -> None:
        own = [guest["talk"] for guest in self.facts["guests"] if self.owner[guest["talk"]] == number]
        await asyncio.sleep(random.uniform(0, PACE))  # noqa: S311 - nothing is guessed
        turn = 0
        while own and (at := time.monotonic()) < until:
            talk = own[turn % len(own)]
            turn += 1
            text = f"a{talk}-{turn}-"
            self.to_guests.sent[text] = at
            head = f"POST /inbox/{talk}/do/reply HTTP/1.1\r\nCookie: {self.facts['agents'][number]}\r\nX-CSRFToken: {'c' * 32}"
            body = urlencode({"text": text}).encode()
            status, answer = await self.hands.ask(f"{head}\r\nHX-Request: true\r\nContent-Type: application/x-www-form-urlencoded", body)
            self._stored(self.to_guests, at, status, answer)
            await asyncio.sleep(max(0.0, at + PACE - time.monotonic()))

    def _stored(self, told: Told, at: float, status: int, answer: bytes) -> None:
        if status in (200, 204, 303):
            told.stored.append(time.monotonic() - at)
        else:
            told.refused.append(f"{status} {answer[:80]!r}")

    async def talk(self, seconds: float) -> None:
        began = time.monotonic()
        until = began + START + seconds
        for told in (self.to_guests, self.to_agents, self.shown):
            told.warm = began + START
        first: set[int] = set()
        work = []
        for guest in self.facts["guests"]:
            owner = self.owner[guest["talk"]]
            work.append(self._guest(guest, until, owner not in first))
            first.add(owner)
        work += [self._agent(number, until) for number in range(len(self.facts["agents"]))]
        await asyncio.gather(*work)
        end = time.monotonic() + REST
        while (self.to_agents.lost or self.to_guests.lost or self.shown.lost) and time.monotonic() < end:
            await asyncio.sleep(0.1)

    def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        for stream in self.streams:
            stream.close()


async def _watch(pace: Pace) -> None:
    while True:
        pace.look()
        await asyncio.sleep(0.25)


async def _run(chats: Chats, pids: list[int], behind: Callable[[], list[int]], seconds: float, pace: Pace) -> dict[str, float]:
    await chats.open()
    await asyncio.sleep(1)
    before = memory(pids, own=True)
    await chats.open_guests()
    await asyncio.sleep(2)
    each = (memory(pids, own=True) - before) / len(chats.facts["guests"]) / 1000
    used, theirs, own, at = cpu(pids), cpu(behind()), time.process_time(), time.monotonic()
    watch = asyncio.get_running_loop().create_task(_watch(pace))
    await chats.talk(seconds)
    watch.cancel()
    took = time.monotonic() - at
    chats.close()
    found = {"web": cpu(pids) - used, "database": cpu(behind()) - theirs, "bench": time.process_time() - own}
    return {"each": each, **{name: spent / took for name, spent in found.items()}}


def chat(table: Table, where: str, environment: dict[str, str], facts: dict[str, Any], visitors: int, seconds: float) -> None:
    """``visitors`` and a fifth as many agents; the bounds mean 1,000 visitors on two processors that do nothing else, and a web process
    for each of the two: one alone is busy with what they say.

    All begin to write at once to processes that have done nothing yet. That first round counts for what is lost or doubled; its delays
    are told beside those of the ``seconds`` after it, which the bounds are for.
    """
    agents = max(1, visitors // 5)
    people = ready(environment, visitors, agents)
    with kefu(environment, facts, PROCESSES) as served:
        chats = Chats(served.port, people)
        pace = Pace()
        found = asyncio.run(_run(chats, served.pids, partial(backends, facts), seconds, pace))
    told = f"web {found['web']:.2f}, database {found['database']:.2f}, bench {found['bench']:.2f} processors"
    named = f"{visitors} visitors, {agents} agents"
    for what, one in (("to a visitor's stream", chats.to_guests), ("to the agent's stream", chats.to_agents)):
        delays = one.delays()
        stored = f"stored p50 {part(one.stored, 0.5):.0f}, p99 {part(one.stored, 0.99):.0f}; {pace.text()}"
        refused = f"{len(one.refused)} refused: {sorted(set(one.refused))[0]}" if one.refused else ""
        table.add(Line(where, f"chat {what}, p50", part(delays, 0.5), 50, "ms", f"{named}, {len(one.sent)} messages; {told}"))
        table.add(Line(where, f"chat {what}, p99", part(delays, 0.99), 300, "ms", stored))
        cold = one.delays(cold=True)
        begun = f"p50 {part(cold, 0.5):.0f}, {len(cold)} messages"
        table.add(Line(where, f"chat {what}, first {START:.0f} s of the processes, p99", part(cold, 0.99), None, "ms", begun))
        table.add(Line(where, f"chat {what}, lost", one.lost, 0, "", refused))
        table.add(Line(where, f"chat {what}, doubled", one.twice, 0, ""))
    shown = chats.shown.delays()
    more = f"p99 {part(shown, 0.99):.0f} ms, {chats.shown.lost} not shown of {len(chats.shown.sent)}"
    table.add(Line(where, "chat on the agent's page, p50", part(shown, 0.5), None, "ms", more))
    table.add(Line(where, "idle stream of a visitor", found["each"], 20, "KB", f"{visitors} beside {agents} of agents"))
