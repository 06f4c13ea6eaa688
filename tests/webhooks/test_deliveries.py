"""From an event to a receiver that answers, refuses, hangs or is gone: real HTTP on loopback."""

import json
import time
from datetime import timedelta

import pytest
from django.urls import resolve

from kefu.engines.notify.models import Notice
from kefu.engines.webhooks import gathering, sending, services, signing, tasks
from kefu.engines.webhooks.choices import ADVICE, Off, State, Trouble
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotFound
from kefu.timeline.choices import Audience, Secrecy
from kefu.timeline.services import open_subject, record_one
from tests.measures.test_following import settled


def receiver(cast, url, **words):
    given = {"name": "ERP", "kinds": [], "events": [], **words}
    return services.keep(actor=cast.actor(cast.admin), url=url, **given)


def happened(cast, kind="order.accepted", subject="workorder", number="GD1", **words):
    about = open_subject(kind=subject, number=number, title="张伟 13812345678", unit_path=cast.repair.path, secrecy=words.pop("secrecy", 0))
    return record_one(actor_id=None, subject_id=about.pk, kind=kind, data={"name": "张伟"}, **words)


def told(made, count=1):
    """Deliveries as a reader of the line would have made them."""
    for number in range(count):
        at = moment.now()
        body = gathering.body_of("order.accepted", at, {"event": number})
        Delivery.objects.create(
            receiver=made, word=gathering.new_word(), event=number, kind="order.accepted", body=body, since=at, next_at=at
        )


@pytest.fixture
def wide(db, hearing, cast):
    return receiver(cast, hearing.url)


def test_an_event_reaches_who_wants_it_once_signed_and_without_anything_of_people(transactional_db, hearing, cast):
    orders, secret = receiver(cast, hearing.url, kinds=["workorder"], events=["order.accepted"])
    below = {"all": [{"field": "unit", "op": "under", "value": cast.cleaning.pk}]}
    cleaning, _secret = receiver(cast, hearing.url, name="保洁", condition=below)
    event = happened(cast)
    happened(cast, "order.dispatched", number="GD2")
    happened(cast, "contact.received", "contact", "JC1")
    happened(cast, number="GD3", secrecy=Secrecy.SECRET)
    happened(cast, number="GD4", audience=Audience.AUDIT)
    settled()
    assert gathering.gather() is False
    gathering.gather()
    assert list(Delivery.objects.values_list("receiver", "event")) == [(orders.pk, event.pk)]
    assert tasks.deliver_due(orders.pk) == 1
    headers, body = hearing.got[0]
    stamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signing.signature(secret, headers["webhook-id"], stamp, body)
    data = json.loads(body)
    assert (data["type"], data["data"]["event"], data["data"]["subject"]["number"]) == ("order.accepted", event.pk, "GD1")
    assert data["data"]["units"] == [cast.company.pk, cast.repair.pk]
    assert resolve(data["data"]["url"])
    assert "张伟" not in body
    assert "1381234" not in body
    Receiver.objects.filter(pk=cleaning.pk).update(active=False)
    happened(cast, number="GD5")
    settled()
    services.keep(actor=cast.actor(cast.admin), id=cleaning.pk, name="保洁", url=hearing.url, kinds=[], events=[], condition={})
    gathering.gather()
    assert not Delivery.objects.filter(receiver=cleaning).exists()  # what happened while it was off


def test_https_is_judged_by_the_certificate_and_an_authority_of_ones_own_is_trusted_when_named(db, sealed, cast, settings):
    server, authority = sealed
    made, _secret = receiver(cast, server.url)
    told(made)
    sending.deliver(Delivery.objects.get().pk)
    held = Delivery.objects.get()
    assert (held.state, held.trouble, server.got) == (State.WAITING, Trouble.UNTRUSTED, [])
    assert "KEFU_WEBHOOK_CA_FILE" in str(ADVICE[held.trouble])
    settings.WEBHOOK_CA_FILE = authority
    assert sending.deliver(held.pk)
    assert len(server.got) == 1
    with pytest.raises(Conflict):
        services.remove(actor=cast.actor(cast.admin), id=made.pk)


def test_killed_before_the_answer_is_noted_it_goes_again_under_the_same_name(wide, hearing):
    made, _secret = wide
    told(made)
    assert sending.hand_over(Delivery.objects.select_related("receiver").get()).good
    assert tasks.deliver_due(made.pk) == 1
    assert len({headers["webhook-id"] for headers, _body in hearing.got}) == 1
    assert len(hearing.got) == 2
    assert Delivery.objects.get().state == State.DELIVERED


def test_an_hour_of_500_delays_and_loses_nothing(wide, hearing):
    made, _secret = wide
    hearing.answers, begin = 500, moment.now()
    with moment.frozen(begin):
        told(made, 3)
        tasks.deliver_due(made.pk)
    held = Delivery.objects.first()
    assert (held.tries, held.status, held.trouble, len(held.answer)) == (1, 500, Trouble.STATUS, 1000)
    for minute in range(1, 61):
        with moment.frozen(begin + timedelta(minutes=minute)):
            tasks.deliver_due(made.pk)
    made.refresh_from_db()
    assert (made.streak, made.failing_since) == (12, begin)
    assert len(hearing.got) == 12  # four tries each in an hour
    hearing.answers = 204
    with moment.frozen(begin + timedelta(hours=4)):
        assert tasks.deliver_due(made.pk) == 3
    made.refresh_from_db()
    assert (made.streak, made.failing_since, made.trouble) == (0, None, "")
    assert set(Delivery.objects.values_list("state", "tries")) == {(State.DELIVERED, 5)}
    assert len({headers["webhook-id"] for headers, _body in hearing.got}) == 3


def test_after_three_days_a_dead_letter_that_can_be_sent_again(wide, hearing, cast):
    made, _secret = wide
    hearing.answers, at = 500, moment.now()
    begin = at
    told(made, 2)
    while (found := Delivery.objects.filter(state=State.WAITING).order_by("next_at").first()) is not None:
        at = max(found.next_at, Receiver.objects.get().rests_until or found.next_at)
        with moment.frozen(at):
            tasks.deliver_due(made.pk)
    assert timedelta(days=2.5) < at - begin < timedelta(days=4)
    assert len(hearing.got) == 20
    dead = Delivery.objects.first()
    with pytest.raises(NotFound):
        services.send_all_again(actor=cast.actor(cast.agent), id=made.pk)
    hearing.answers = 200
    with moment.frozen(at + timedelta(minutes=1)):
        services.send_again(actor=cast.actor(cast.admin), id=dead.pk)
        assert tasks.deliver_due(made.pk) == 1
        assert services.send_all_again(actor=cast.actor(cast.admin), id=made.pk) == 1
        assert tasks.deliver_due(made.pk) == 1
        with pytest.raises(Conflict):
            services.send_all_again(actor=cast.actor(cast.admin), id=made.pk)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}
    assert hearing.got[-2][0]["webhook-id"] == dead.word


@pytest.mark.parametrize("way", ["hang", "trickle"])
def test_a_receiver_that_hangs_is_cut_and_then_rests(wide, hearing, way):
    made, _secret = wide
    hearing.answers = way
    told(made, 2 if way == "hang" else 1)
    began = time.monotonic()
    tasks.deliver_due(made.pk)
    assert time.monotonic() - began < 2.5
    assert set(Delivery.objects.values_list("trouble", "status")) == {(Trouble.SLOW, None)}
    Receiver.objects.update(streak=sending.SICK - 1)
    told_later = Delivery.objects.first()
    Delivery.objects.filter(pk=told_later.pk).update(next_at=moment.now())
    tasks.deliver_due(made.pk)
    Delivery.objects.update(next_at=moment.now())
    assert tasks.deliver_due(made.pk) == 0  # it rests, whatever waits


def test_a_body_without_end_is_an_answer_all_the_same(wide, hearing):
    made, _secret = wide
    hearing.answers = "drip"
    told(made)
    assert tasks.deliver_due(made.pk) == 1
    held = Delivery.objects.get()
    assert (held.state, held.status) == (State.DELIVERED, 200)
    assert len(held.answer) <= 1000


def test_redirects_are_not_followed_and_a_wish_to_wait_is_heard(wide, hearing):
    made, _secret = wide
    hearing.answers = (302, {"Location": "http://127.0.0.1:1/other"})
    told(made)
    tasks.deliver_due(made.pk)
    assert Delivery.objects.get().trouble == Trouble.REDIRECT
    assert sending.pause(1, 3600) >= 3600
    assert 5 <= sending.pause(1) <= 6
    hearing.answers = (503, {"Retry-After": "7200"})
    Delivery.objects.update(next_at=moment.now())
    tasks.deliver_due(made.pk)
    assert Delivery.objects.get().next_at - moment.now() > timedelta(minutes=119)


def test_who_is_gone_is_switched_off_and_so_is_who_fails_for_days(wide, hearing, cast):
    made, _secret = wide
    hearing.answers = 410
    told(made, 2)
    tasks.deliver_due(made.pk)
    made.refresh_from_db()
    assert (made.active, made.off, len(hearing.got)) == (False, Off.GONE, 1)
    notice = Notice.objects.get(kind="webhook.off")
    assert (notice.recipient_id, notice.params["why"]) == (cast.admin.pk, "gone")
    services.keep(actor=cast.actor(cast.admin), id=made.pk, name="ERP", url=hearing.url, kinds=[], events=[])
    Receiver.objects.update(failing_since=moment.now() - sending.SWITCHED_OFF - timedelta(minutes=1))
    hearing.answers = 500
    tasks.deliver_due(made.pk)
    made.refresh_from_db()
    assert (made.active, made.off) == (False, Off.FAILING)
    assert Notice.objects.filter(kind="webhook.off").count() == 2
    with moment.frozen(moment.now() + sending.GIVEN_UP + timedelta(days=1)):
        tasks.tidy()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DEAD}
    with moment.frozen(moment.now() + timedelta(days=100)):
        assert tasks.tidy() == 2
    assert not Delivery.objects.exists()


def test_while_a_secret_changes_both_sign(wide, hearing, cast):
    made, old = wide
    new = services.rotate(actor=cast.actor(cast.admin), id=made.pk)
    services.ping(actor=cast.actor(cast.admin), id=made.pk)
    tasks.deliver_due(made.pk)
    headers, body = hearing.got[0]
    expected = [signing.signature(one, headers["webhook-id"], int(headers["webhook-timestamp"]), body) for one in (new, old)]
    assert headers["webhook-signature"].split(" ") == expected
    assert json.loads(body)["type"] == "webhook.ping"
    made.refresh_from_db()
    assert sending.secrets_of(made, moment.now() + services.OVERLAP) == [new]


def test_a_name_that_comes_to_lie_inside_is_not_called(wide, hearing, settings):
    made, _secret = wide
    settings.WEBHOOK_INSIDE = []
    told(made)
    tasks.deliver_due(made.pk)
    assert (hearing.got, Delivery.objects.get().trouble) == ([], Trouble.INSIDE)
