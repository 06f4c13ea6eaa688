"""Live streams on a real server: who is told what, replay after a break, signing out."""

from __future__ import annotations

import http.client
import json
import time
from itertools import count

import pytest

CAST = """
from datetime import timedelta
from django.contrib.sessions.backends.db import SessionStore
from kefu.people import sign_in
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one, watch
from tests.cast import make_cast
cast = make_cast()
result = {}
for name in ("agent", "clerk", "crew", "manager", "employee"):
    session = SessionStore()
    session[sign_in.STAFF_KEY] = getattr(cast, name).pk
    session.save()
    result[name] = session.session_key
result["team"] = cast.team.path
"""
TELL = """
from kefu.people.models import Staff
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one, watch
subject = Subject.objects.create(kind="order", number={number!r}, unit_path={path!r}, secrecy={secrecy})
for number in {watchers!r}:
    watch(subject_id=subject.pk, staff_id=Staff.objects.get(number=number).pk)
result = [subject.pk, [record_one(actor_id=None, subject_id=subject.pk, kind="note.added").pk for _each in range({times})]]
"""


class Listener:
    """One open stream."""

    def __init__(self, port: int, session: str, last: str = "", address: str = "/live") -> None:
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)  # older transactions of other tests end first
        headers = {"Cookie": f"sessionid={session}", **({"Last-Event-ID": last} if last else {})}
        self.client.request("GET", address, headers=headers)
        self.response = self.client.getresponse()
        self.last = last

    def next(self) -> tuple[str, dict]:
        """The next event; heartbeats are passed over, for five minutes at most (a busy machine)."""
        fields: dict[str, str] = {}
        until = time.monotonic() + 300
        while True:
            assert time.monotonic() < until, "no event came"
            line = self.response.readline().decode().rstrip("\n")
            if line:
                name, _colon, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields and fields["event"] != "beat":
                self.last = fields.get("id", self.last)
                return fields["event"], json.loads(fields["data"])
            else:
                fields.clear()

    def ids(self, count: int) -> list[int]:
        """The subjects of the next ``count`` changes; ``ready`` may come anywhere between replayed and live ones."""
        found: list[int] = []
        while len(found) < count:
            name, data = self.next()
            assert name in ("changed", "ready")
            found += [data["id"]] if name == "changed" else []
        return found

    def close(self) -> None:
        self.response.close()
        self.client.close()


@pytest.fixture
def people(installation):
    return installation.python(CAST)


@pytest.fixture
def tell(installation, people):
    """Record events on a new subject; gives its id."""

    def make(number: str, path: str | None = None, secrecy: int = 0, times: int = 1, watchers: tuple[str, ...] = ()) -> int:
        place = people["team"] if path is None else path
        return installation.python(TELL.format(number=number, path=place, secrecy=secrecy, times=times, watchers=watchers))[0]

    return make


def test_streams_tell_each_what_he_may_see_and_replay_what_was_missed(installation, people, tell):
    with installation.serving("--no-worker") as serving:
        streams = {name: Listener(serving.port, people[name]) for name in ("crew", "manager", "employee", "clerk")}
        for stream in streams.values():
            assert stream.response.status == 200
            assert stream.next()[0] == "ready"
        own = tell("A1")
        secret = tell("A2", secrecy=1, watchers=("023",))
        everyone = tell("A3")
        changed = [("changed", {"kind": "order", "id": subject, "event": "note.added"}) for subject in (own, secret, everyone)]
        assert [streams["manager"].next() for _each in range(3)] == changed
        assert [streams["crew"].next() for _each in range(2)] == [changed[0], changed[2]]
        assert streams["clerk"].next() == changed[1]

        bookmark = streams["manager"].last
        streams["manager"].close()
        missed = [tell(f"B{number}") for number in range(3)]
        again = Listener(serving.port, people["manager"], bookmark)
        assert again.ids(3) == missed
        by_address = Listener(serving.port, people["manager"], address=f"/live?last={bookmark}")
        assert by_address.ids(3) == missed
        after = tell("C1")
        assert again.ids(1) == [after]

        tell("D1", times=1_200)
        for number in count():
            # What comes quicker than it is written is told by one word, and may have been only a part: one that comes by itself is the end.
            end = tell(f"E{number}")
            if next(name for name, data in iter(again.next, None) if name == "reset" or data.get("id") == end) != "reset":
                break
        late = Listener(serving.port, people["manager"], bookmark)
        assert late.next()[0] == "reset"
        ahead = Listener(serving.port, people["manager"], "999999999-999999999")
        assert ahead.next()[0] == "reset"
        for stream in (*streams.values(), again, by_address, late, ahead):
            stream.close()


def test_guests_are_refused_and_the_house_has_limits(installation, people):
    with installation.serving("--no-worker", KEFU_STREAMS="2") as serving:
        guest = Listener(serving.port, "nobody")
        assert guest.response.status == 401
        assert json.loads(guest.response.read())["code"] == "not_signed_in"
        held = [Listener(serving.port, people["agent"]) for _each in range(2)]
        assert [stream.next()[0] for stream in held] == ["ready", "ready"]
        third = Listener(serving.port, people["agent"])
        assert third.response.status == 503
        assert third.response.headers["retry-after"] == "10"
        for stream in (guest, third, *held):
            stream.close()


def test_an_orderly_stop_ends_the_streams_at_once(installation, people):
    with installation.serving("--no-worker") as serving:
        stream = Listener(serving.port, people["agent"])
        assert stream.next()[0] == "ready"
        serving.process.terminate()
        assert stream.response.read() == b""
        assert serving.process.wait(10) == 0
        stream.close()


NOTICE = """
from kefu.engines.notify.services import tell
from kefu.people.models import Staff
result = tell(staff_ids=[Staff.objects.get(number={number!r}).pk], kind="export.refused", params={{"reason": "x"}})
"""


def test_a_new_notice_rings_the_bell_of_the_one_who_was_told_and_of_nobody_else(installation, people, tell):
    with installation.serving("--no-worker") as serving:
        crew, clerk = (Listener(serving.port, people[name]) for name in ("crew", "clerk"))
        assert [crew.next()[0], clerk.next()[0]] == ["ready", "ready"]
        assert installation.python(NOTICE.format(number="102")) == 1
        name, data = crew.next()
        assert (name, data["kind"], data["event"]) == ("changed", "notices", "notice")
        late = Listener(serving.port, people["crew"])
        assert late.next()[0] == "ready"
        assert late.next() == (name, data)
        assert installation.python(NOTICE.format(number="023")) == 1
        assert clerk.next()[1]["id"] != data["id"]
        own = tell("E1")
        assert crew.next() == ("changed", {"kind": "order", "id": own, "event": "note.added"})
        for stream in (crew, clerk, late):
            stream.close()
