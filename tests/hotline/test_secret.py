"""An order with secrecy is read by those who may see secrets or have it in hand, whichever door is tried; by nobody else."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from kefu.cases.workorders import services as orders
from kefu.engines.search import queries as search
from kefu.engines.webhooks import gathering
from kefu.entry.front import live
from kefu.flows import finish_work, open_passed_on
from kefu.kit.errors import NotFound
from kefu.people.models import Staff
from kefu.timeline import feed
from kefu.timeline.models import Subject
from kefu.touch.channels.hotline import handling, queries, services
from kefu.touch.channels.hotline.declares import COMMANDS
from kefu.touch.channels.hotline.models import HotlineOrder
from tests.browser import Browser
from tests.hotline.test_orders import PASSED, TYPE, taken

WORDS = "匿名反映楼上装修噪声"
ANSWER = "已上门劝阻，施工停止。"


@pytest.fixture
def secret(cast):
    """Taken in by an agent, its case opened, completed and reported by the manager, who may see secrets."""
    passed_on = taken(cast, secret=True, content=WORDS).order
    order = open_passed_on.open_order(actor=cast.actor(cast.manager), id=passed_on.pk, order_type=TYPE)
    crew = cast.actor(cast.crew_leader)
    orders.accept(actor=crew, id=order.pk)
    finish_work.complete(actor=crew, id=order.pk, result="已处理")
    handling.report(actor=cast.actor(cast.manager), id=passed_on.pk, text=ANSWER, solved="solved", way="platform")
    return passed_on


def pages(order):
    return (f"/hotline/{order.pk}", f"/hotline/{order.pk}/print", f"/hotline/{order.pk}/do/rate")


def lists(client, url):
    return json.loads(client.get(url).content)["items"]


def answers_file(client):
    sheet = load_workbook(io.BytesIO(client.get("/hotline/answers.xlsx").content)).active
    return "".join(str(cell.value) for row in sheet.rows for cell in row)


@pytest.mark.parametrize("who", ["agent", "dispatcher"])
def test_who_may_not_know_reaches_its_words_by_no_door(cast, signed_in, secret, who):
    person: Staff = getattr(cast, who)
    actor = cast.actor(person)
    assert actor.can("hotline.take")
    assert not actor.can("secrets.see")
    client = signed_in(person)
    for url in (*pages(secret), f"/contacts/{secret.pk}", f"/desk/{secret.pk}", f"/inbox/{secret.pk}"):
        assert client.get(url).status_code == 404, url
    for url in (f"/api/v1/hotline/orders/{secret.pk}", f"/api/v1/contacts/{secret.pk}", f"/api/v1/conversations/{secret.pk}"):
        assert client.get(url).status_code == 404, url
    for tab in queries.TABS:
        text = client.get(f"/hotline?tab={tab}").content.decode()
        assert WORDS not in text
        assert PASSED["number"] not in text
        assert lists(client, f"/api/v1/hotline/orders?tab={tab}") == []
    assert WORDS not in client.get(f"/hotline?tab=all&content={WORDS[:4]}").content.decode()
    assert lists(client, "/api/v1/hotline/told") == []
    assert ANSWER not in answers_file(client)
    assert [row for row in search.find(actor=actor, text=WORDS) if row.subject_id == secret.pk] == []
    words = json.dumps({"words": "再办"})
    given = client.post(f"/api/v1/hotline/orders/{secret.pk}/commands/redo", data=words, content_type="application/json")
    assert given.status_code == 404
    for reach in (COMMANDS.allowed, queries.row, open_passed_on.allowed):
        with pytest.raises(NotFound):
            reach(actor, secret.pk)
    with pytest.raises(NotFound):
        services.redo(actor=actor, id=secret.pk, words="再办")


def test_who_may_see_secrets_reads_it_everywhere(cast, signed_in, secret):
    client = signed_in(cast.manager)
    for url in pages(secret):
        assert client.get(url).status_code == 200, url
    assert WORDS in client.get(f"/hotline/{secret.pk}").content.decode()
    assert WORDS in client.get("/hotline?tab=all").content.decode()
    assert [one["content"] for one in lists(client, "/api/v1/hotline/orders?tab=reported")] == [WORDS]
    assert client.get(f"/api/v1/hotline/orders/{secret.pk}").json()["told"][0]["text"] == ANSWER
    assert [one["text"] for one in lists(client, "/api/v1/hotline/told")] == [ANSWER]
    assert ANSWER in answers_file(client)


def test_who_has_it_in_hand_reads_it_but_not_who_called(cast, signed_in, secret):
    Subject.objects.filter(pk=secret.pk).update(owner_id=cast.dispatcher.pk)
    page = Browser(signed_in(cast.dispatcher)).open(f"/hotline/{secret.pk}").text
    assert WORDS in page
    assert "诉求人要求保密" in page
    assert "张**" not in page
    assert not queries.visible_to(cast.actor(cast.agent)).exists()


def test_an_ordinary_one_is_read_by_the_whole_desk(cast, secret):
    plain = taken(cast, number="P-1").order
    seen = queries.visible_to(cast.actor(cast.agent)).values_list("pk", flat=True)
    assert list(seen) == [plain.pk]
    assert queries.visible_to(cast.actor(cast.manager)).count() == 2
    assert queries.visible_to(cast.actor(cast.crew_leader)).count() == 0


def test_who_keys_in_a_secret_one_is_told_that_others_work_on_it(cast, signed_in):
    desk = Browser(signed_in(cast.dispatcher)).open("/hotline/new")
    desk.give("/hotline/new", number="S-9", content=WORDS, due_at="2026-03-06T18:00", secret="true")
    assert HotlineOrder.objects.get().secret
    assert desk.url == "/hotline"
    assert "本单保密" in desk.text
    assert WORDS not in desk.text


def test_no_event_of_it_reaches_a_stream_or_another_system(cast, secret, monkeypatch):
    monkeypatch.setattr(feed, "_AFTER", {vendor: sql.replace(feed._SETTLED, "true") for vendor, sql in feed._AFTER.items()})
    entries = [one for one in feed.read(feed.Bookmark.parse("0-0"), 500) if one.subject_id == secret.pk]
    assert entries
    for entry in entries:
        assert not live.may_see(cast.actor(cast.agent), entry, {})
        assert live.may_see(cast.actor(cast.manager), entry, {})
        assert not gathering._may_leave(entry)
