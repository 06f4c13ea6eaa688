"""The floor as who leads sees it: by channel, by due time, by agent; and the step in."""

import re
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.touch.assignment import queries
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import handling
from tests.assignment.makers import chatted, ready, wrote


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch):
    """What the process keeps for seconds stays kept, however slow the machine."""
    held = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: held)


def floor(client, query: str = "") -> str:
    answer = client.get(f"/floor{query}")
    assert answer.status_code == 200
    return answer.content.decode().partition('id="floor"')[2]


def test_the_floor_shows_who_waits_where_and_who_is_how_loaded(cast, signed_in):
    lead = signed_in(cast.manager)
    assert "没有待领取或处理中的会话" in floor(lead)
    ready(cast, cast.agent)
    held, waiting = chatted(cast, 1), chatted(cast, 2)
    wrote(cast, Channel.EMAIL)
    handling.take(actor=cast.actor(cast.agent), id=held.pk)
    shown = floor(lead)
    assert f"/inbox/{held.pk}/do/join" in shown
    assert f"/inbox/{held.pk}/do/take_over" in shown
    assert f"/inbox/{waiting.pk}/do/take" in shown
    assert f"/inbox/{waiting.pk}/do/join" not in shown, "there is nobody yet to stand beside"
    assert shown.index(f'"/inbox/{held.pk}"') < shown.index("漏水"), "a chat is due before a letter"
    assert "1/3" in shown or "1/" in shown.partition(cast.agent.name)[2]
    assert "张伟" not in shown

    mails = floor(lead, "?channel=email")
    assert "漏水" in mails
    assert f'"/inbox/{held.pk}"' not in mails
    assert f'"/inbox/{held.pk}"' in floor(lead, "?channel=%27%22"), "no such channel is no channel"
    for person in (cast.agent, cast.crew):
        assert signed_in(person).get("/floor").status_code == 403


def test_the_floor_asks_no_more_for_more_and_its_counts_end(cast, signed_in, monkeypatch):
    lead = signed_in(cast.manager)
    ready(cast, cast.agent)
    chatted(cast, 1)
    floor(lead)
    with CaptureQueriesContext(connection) as few:
        floor(lead)
    for number in range(2, 9):
        chatted(cast, number)
    floor(lead)
    with CaptureQueriesContext(connection) as many:
        floor(lead)
    assert len(many) == len(few)
    monkeypatch.setattr(queries, "MOST_COUNTED", 5)
    monkeypatch.setattr(queries, "MOST", 3)
    shown = floor(lead)
    assert "5+" in shown
    assert len(set(re.findall(r"/inbox/(\d+)/do/take\"", shown))) == 3


@pytest.mark.parametrize("state", ["waiting", "open"])
def test_the_floor_reads_what_runs_by_an_index(cast, state):
    chatted(cast, 1)
    with CaptureQueriesContext(connection) as asked:
        queries.counted(cast.actor(cast.manager), state)
    assert "LIMIT 1000" in asked[-1]["sql"]
