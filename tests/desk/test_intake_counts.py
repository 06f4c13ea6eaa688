"""How many statements it takes to take somebody in: a web form, a visitor, an order of the city hotline; and the pages beside them."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from kefu.touch.conversations import tasks
from kefu.touch.conversations.models import Conversation
from tests.portal.test_portal import filled


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch):
    """What the process keeps for seconds stays kept, however slow the machine."""
    held = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: held)


def test_a_web_form(cast, assert_queries):
    tasks.keep_ways()
    guest = Client()
    for name in ("", "intake.form"):  # the first one fills what the process keeps
        form = filled(guest)
        if name:
            with assert_queries(name):
                assert guest.post("/portal/new", form).status_code == 303
        else:
            guest.post("/portal/new", form)
    assert Conversation.objects.count() == 2


def test_a_visitor_and_the_pages_of_the_reception(cast, signed_in, assert_queries):
    tasks.keep_ways()
    client = signed_in(cast.receptionist)
    given = {"counter": "A", "name": "张伟", "phone": "13812345678", "purpose": "问停车", "protocol": "equal"}
    client.post("/visits/new", given)
    with assert_queries("intake.visit"):
        assert client.post("/visits/new", given).status_code in {302, 303}
    assert Conversation.objects.count() == 2
    for name, url in (("visits.list", "/visits"), ("visits.board", "/visits/board")):
        client.get(url)
        with assert_queries(f"page.{name}"):
            assert client.get(url).status_code == 200


def test_an_order_of_the_city_hotline(cast, signed_in, assert_queries):
    tasks.keep_ways()
    client = signed_in(cast.dispatcher)
    told = {
        "content": "路灯不亮",
        "name": "张伟",
        "phone": "13812345678",
        "address": "3栋1201",
        "due_at": "2026-03-06T18:00",
        "role": "main",
    }
    client.post("/hotline/new", {**told, "number": "X-1"})
    with assert_queries("intake.hotline"):
        assert client.post("/hotline/new", {**told, "number": "X-2"}).status_code in {302, 303}
    assert Conversation.objects.count() == 2
    for name, url in (("hotline.list", "/hotline"), ("hotline.one", f"/hotline/{Conversation.objects.first().pk}")):
        client.get(url)
        with assert_queries(f"page.{name}"):
            assert client.get(url).status_code == 200
