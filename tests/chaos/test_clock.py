"""The machine's clock jumps ahead and back: every step of a limit comes once, and no row breaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kefu.cases.workorders import services as orders
from kefu.engines.clock.models import Obligation
from kefu.engines.clock.ticker import tick
from kefu.engines.rulebook import loader
from kefu.entry import demo
from kefu.entry.demo import house
from kefu.flows import open_from_contact
from kefu.kit import moment
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from tests.chaos.house import RECORD

NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)


@pytest.fixture
def people(db):
    with moment.frozen(NOON - timedelta(days=9)):
        units = house.build_units()
        loader.load("property", actor=SYSTEM)
        demo.forget()
        return house.hire(units)


def take(people, at):
    with moment.frozen(at):
        contact, _new = contacts.receive(actor=people["021"], channel=Channel.API)
        return contact.pk


def open_order(people, contact, at):
    with moment.frozen(at):
        return open_from_contact.open_order(actor=people["021"], contact_id=contact, order_type="repair.public.light", record=RECORD)


def ticks(*moments):
    for at in moments:
        with moment.frozen(at):
            tick()


def test_a_clock_that_jumps_ahead_and_back_warns_and_escalates_once(people):
    order = open_order(people, take(people, NOON), NOON)
    ticks(
        NOON + timedelta(days=4), NOON - timedelta(days=1), NOON + timedelta(minutes=1), NOON + timedelta(days=4), NOON + timedelta(days=5)
    )
    told = [
        (event.kind, event.data["code"], event.data.get("to", ""))
        for event in Event.objects.filter(subject_id=order.pk, kind__in=["clock.overdue", "clock.escalated"])
    ]
    assert len(told) == len(set(told))
    running = Obligation.objects.filter(subject_id=order.pk, state="running")
    assert {("clock.overdue", row.code, "") for row in running} <= set(told)
    assert not running.filter(overdue_at=None).exists()


def test_work_goes_on_when_the_clock_was_set_back(people):
    contact = take(people, NOON)
    order = open_order(people, contact, NOON - timedelta(hours=2))
    earlier = NOON - timedelta(hours=5)
    with moment.frozen(earlier):
        orders.accept(actor=people["101"], id=order.pk)
        orders.contact(actor=people["101"], id=order.pk, remark="已联系")
    for row in Obligation.objects.filter(subject_id=order.pk):
        assert row.due_at >= row.started_at
        assert row.met_at is None or row.met_at >= row.started_at
    another = open_order(people, take(people, earlier), earlier)
    assert another.subject.number != order.subject.number
