"""What somebody waits for does not wait for the poller: streams are woken when the transaction of another process ends."""

from __future__ import annotations

from tests.entry.test_talks import MADE, REPLY, WRITE

# The poller rests for a minute here: what comes before was woken.
WOKEN = """
import asyncio, io
from kefu.entry.front import live
from kefu.entry.front.alarm import Alarm
from kefu.entry.asgi import Front
from kefu.people.actor import load
from kefu.people.models import Staff
from kefu.timeline import waking
from kefu.touch.channels.chat import queries, services
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation

def reply(text):
    handling.reply(actor=load(Staff.objects.get(number="021").pk), id=Conversation.objects.get().pk, text=text)

def mark():
    out, own = (Conversation.objects.get().messages.filter(direction=one).latest("pk").pk for one in ("out", "in"))
    services.mark(visitor=queries.visitor({token!r}), read=out, types=True)
    services.mark_by_agent(actor=load(Staff.objects.get(number="021").pk), id=Conversation.objects.get().pk, read=own, types=True)
    return out, own

def write(text, id):
    services.write(visitor=queries.visitor({token!r}), text=text, id=id)

class Open:
    def __init__(self, front, path, body=b"", cookie=b""):
        headers = [(b"host", b"localhost"), (b"origin", b"https://www.example.com"), (b"cookie", cookie)]
        self.scope = dict(type="http", method="POST" if body else "GET", path=path, query_string=b"", headers=headers)
        self.words, self.given, self.gone = asyncio.Queue(), [dict(type="http.request", body=body)], asyncio.Event()
        self.task = asyncio.ensure_future(front(self.scope, self.receive, self.send))

    async def receive(self):
        if self.given:
            return self.given.pop()
        await self.gone.wait()
        return dict(type="http.disconnect")

    async def send(self, message):
        for line in message.get("body", b"").decode().split("\\n"):
            if line.startswith("data: ") and (told := json.loads(line[6:])):
                self.words.put_nowait(told)

    async def next(self):
        return await asyncio.wait_for(self.words.get(), 20)

    async def close(self):
        self.gone.set()
        await self.task

async def told():
    front = Front()
    guest = Open(front, "/chat/stream", json.dumps(dict(token={token!r})).encode())
    agent = Open(front, "/live", cookie=b"sessionid={session}")
    first = [turn["text"] for turn in (await guest.next())["turns"]]
    while not front.live.streams:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(reply, "二")
    found = [first, [turn["text"] for turn in (await guest.next())["turns"]]]
    await asyncio.to_thread(write, "三", "id-000002")
    found += [(await agent.next())["event"] for _each in range(2)]
    out, own = await asyncio.to_thread(mark)
    found.append([(sign["what"], sign["place"] == out) for sign in [await agent.next() for _each in range(2)]])
    told = [await guest.next() for _each in range(2)]
    found.append([one.get("types") or (one["seen"] == own, [turn["text"] for turn in one["turns"]]) for one in told])
    # The line that wakes is cut: the next reading of the poller tells it all the same.
    front.live.alarm.end()
    live.POLL = 0.05
    await asyncio.to_thread(reply, "四")
    front.live.poller.cancel()
    front.live.poller = asyncio.ensure_future(front.live._poll())
    found.append([turn["text"] for turn in (await guest.next())["turns"]])
    await guest.close()
    await agent.close()
    front.live.poller.cancel()
    front.live.alarm.end()
    return found

live.POLL = 60
result = asyncio.run(told())
"""
SESSION = """
from django.contrib.sessions.backends.db import SessionStore
from kefu.people import sign_in
from kefu.people.models import Staff
store = SessionStore()
store[sign_in.STAFF_KEY] = Staff.objects.get(number="021").pk
store.save()
result = store.session_key
"""


def test_both_sides_are_woken_and_a_lost_word_costs_one_reading(installation):
    token = installation.python(MADE)
    session = installation.python(SESSION)
    installation.python(WRITE.format(token=token, text="一", id="id-000001"))
    installation.python(REPLY.format(texts=["taken"]))
    found = installation.python(WOKEN.replace("{token!r}", repr(token)).replace("{session}", session))
    assert found[0] == ["一", "taken"]
    assert found[1] == ["二"]
    assert found[2:4] == ["conversation.replied", "conversation.wrote"]
    # What the visitor wrote himself is told to his other windows with the next word, or by the poller.
    assert found[4:6] == [[["types", False], ["read", True]], [True, [True, ["三"]]]]
    assert found[6] == ["四"]
    assert not list((installation.state / "waking").glob("*"))


def test_a_pipe_of_a_process_that_is_gone_is_put_away_and_strange_words_are_passed_over(installation):
    code = """
import os
from django.conf import settings
from kefu.timeline import waking
from kefu.timeline.waking import Word
folder = settings.STATE / "waking"
folder.mkdir()
os.mkfifo(folder / "1")
waking._into_pipes("event 5")
held = waking._Pipe()
waking._into_pipes("event 5 chat 7")
waking._into_pipes("chat x event")
result = [sorted(one.name for one in folder.iterdir()) == [str(os.getpid())], held.take(), held.take()]
held.close()
"""
    assert installation.python(code) == [True, [["event", 5], ["chat", 7]], []]
