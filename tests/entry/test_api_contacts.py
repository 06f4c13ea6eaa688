"""The way in for other systems: reported once, whatever is repeated; then an order from it."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections
from django.test import Client

from kefu.engines.intake import services as intake
from kefu.engines.intake.models import Answered, Knock
from kefu.kit import moment
from kefu.kit.errors import TooOften
from kefu.people.services import make_token
from kefu.touch.contacts.models import Contact
from kefu.touch.contacts.queries import open_contacts

BODY = {"name": "张三", "phone": "138 0000 1234", "address": "3-2-501", "content": "厨房水管漏水", "foreign_id": "APP-1"}


def token_of(cast, staff):
    actor = cast.actor(staff)
    return make_token(actor=actor, name="t", rights=sorted(actor.rights))[1]


@pytest.fixture
def api(cast):
    """``api(cast.agent)`` posts and gets with that person's token."""

    def of(staff):
        client = Client(headers={"Authorization": f"Bearer {token_of(cast, staff)}"})
        client.say = lambda path, body, **headers: client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)
        client.ask = lambda path, **query: client.get(f"/api/v1{path}", query)
        return client

    return of


def test_a_contact_is_reported_and_waits_for_everybody(api, cast):
    answer = api(cast.agent).say("/contacts", {**BODY, "appointment_at": "2026-11-23T10:00"})
    assert answer.status_code == 201
    told = answer.json()
    contact = Contact.objects.get(pk=told["id"])
    assert (told["created"], told["channel"], told["outcome"], told["number"]) == (True, "api", "open", contact.subject.number)
    assert (contact.phone, contact.agent_id, contact.tracking_code) == ("+8613800001234", None, told["tracking_code"])
    assert contact.appointment_at.isoformat() == "2026-11-23T02:00:00+00:00"
    assert [row["subject_id"] for row in open_contacts(cast.actor(cast.receptionist))] == [contact.pk]


def test_the_same_foreign_number_is_one_contact(api, cast):
    client = api(cast.agent)
    first, second = client.say("/contacts", BODY), client.say("/contacts", {**BODY, "content": "again"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["created"] is False
    assert second.json()["id"] == first.json()["id"]
    assert Contact.objects.count() == 1


def test_the_same_key_gives_the_first_answer_and_another_body_is_refused(api, cast):
    client, body = api(cast.agent), {"content": "停水"}
    first = client.say("/contacts", body, **{"Idempotency-Key": "k-1"})
    again = client.say("/contacts", body, **{"Idempotency-Key": "k-1"})
    other = client.say("/contacts", {"content": "停电"}, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert again.json() == {**first.json(), "created": False}
    assert other.json()["code"] == "idempotency_mismatch"
    assert other.headers["Content-Type"] == "application/problem+json"
    assert client.say("/contacts", body).json()["id"] != first.json()["id"]
    assert api(cast.receptionist).say("/contacts", body, **{"Idempotency-Key": "k-1"}).status_code == 201
    assert Contact.objects.count() == 3


def test_a_refused_request_leaves_its_key_free(api, cast):
    client = api(cast.agent)
    late = {"content": "停水", "received_at": "2999-01-01T00:00:00Z"}
    assert client.say("/contacts", late, **{"Idempotency-Key": "k"}).status_code == 422
    assert not Answered.objects.exists()
    assert client.say("/contacts", {"content": "停水"}, **{"Idempotency-Key": "k"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_instant_is_one_contact(cast):
    token, answers, start = token_of(cast, cast.agent), [], threading.Barrier(4)

    def send():
        client = Client(headers={"Authorization": f"Bearer {token}"})
        start.wait(10)
        answer = client.post("/api/v1/contacts", {"content": "停水"}, content_type="application/json", headers={"Idempotency-Key": "one"})
        answers.append((answer.status_code, answer.json()["id"]))
        connections.close_all()

    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("threads share one connection to a database in memory")
    threads = [threading.Thread(target=send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(status for status, _id in answers) == [200, 200, 200, 201]
    assert len({found for _status, found in answers}) == 1
    assert Contact.objects.count() == 1


def test_who_may_not_take_contacts_may_not_report_them(api, cast):
    answer = api(cast.auditor).say("/contacts", BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Client().post("/api/v1/contacts", BODY, content_type="application/json").status_code == 401


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"received_at": "1900-01-01T00:00:00Z"}, "received_at"),
        ({"received_at": "0001-01-01T00:00:00"}, "received_at"),
        ({"channel": "pigeon"}, "channel"),
        ({"name": "x" * 81}, "name"),
    ],
)
def test_what_does_not_fit_is_named(api, cast, wrong, field):
    answer = api(cast.agent).say("/contacts", {**BODY, **wrong})
    assert answer.status_code == 422
    assert [error["field"].split(".")[-1] for error in answer.json()["errors"]] == [field]


def test_the_list_pages_and_masks(api, cast):
    client = api(cast.agent)
    ids = [client.say("/contacts", {**BODY, "foreign_id": f"A{number}"}).json()["id"] for number in range(5)]
    first = client.ask("/contacts", limit=2).json()
    second = client.ask("/contacts", limit=2, after=first["next"]).json()
    third = client.ask("/contacts", limit=2, after=second["next"]).json()
    assert [row["id"] for page in (first, second, third) for row in page["items"]] == ids[::-1]
    assert third["next"] is None
    assert (first["items"][0]["name"], first["items"][0]["phone"]) == ("张**", "138****1234")
    assert client.ask("/contacts", foreign_id="A3").json()["items"][0]["id"] == ids[3]
    assert client.ask("/contacts", after="nonsense").json()["code"] == "bad_cursor"
    read = client.ask(f"/contacts/{ids[0]}").json()
    assert read["events"][0]["kind"] == "contact.received"
    assert "13800001234" not in str(read)
    assert client.ask(f"/contacts/{10**25}").status_code == 422


def test_knocks_are_counted_by_door_and_address(db):
    from datetime import timedelta

    def knock(who, door="portal"):
        intake.knock(door=door, who=who, most=2, within=timedelta(minutes=10))

    knock("10.0.0.1")
    knock("10.0.0.1")
    with pytest.raises(TooOften):
        knock("10.0.0.1")
    knock("10.0.0.2")
    knock("10.0.0.1", "other")
    assert not Knock.objects.filter(who__contains="10.0").exists()
    with moment.frozen(moment.now() + timedelta(minutes=11)):
        knock("10.0.0.1")
    with moment.frozen(moment.now() + timedelta(days=8)):
        assert intake.forget_old() == Knock.objects.count() + 5
