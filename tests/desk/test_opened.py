"""What is told of an order that was opened just now is what reading it would tell."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import translation

from kefu.cases.workorders import queries
from kefu.cases.workorders.api import allowed_of
from kefu.engines.numbering.services import take, take_with_key
from kefu.flows.open_from_contact import open_or_find
from kefu.kit import driven, moment, prepared
from kefu.timeline.models import Event, Subject
from tests import cases

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order_type", ["repair.public.water", "consult.other"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_new_order_is_known_without_reading_it(cast, order_type, language):
    agent = cast.actor(cast.agent)
    asked = {"actor": agent, "contact_id": cases.call(cast).pk, "order_type": order_type, "record": cases.RECORD}
    with translation.override(language):
        order, new = open_or_find(**asked)
        told, read = queries.of_new(order), queries.row(agent, order.pk)
        assert new
        assert {name: read[name] for name in told} == told
        assert allowed_of(agent, told) == allowed_of(agent, read)
    again, new = open_or_find(**asked)
    assert (again.pk, new) == (order.pk, False)


def test_a_number_and_a_key_come_together():
    number, key = take_with_key(Subject, "QZ", moment.now())
    assert number.startswith("QZ20261118")
    assert (key is not None) == (connection.vendor == "postgresql")
    subject = prepared.made(Subject, id=key, kind="order", number=number, opened_at=moment.now())
    with driven.together():
        prepared.insert([subject])
        if key is not None:
            prepared.insert([Event(subject_id=key, kind="x", at=moment.now())])
    assert Subject.objects.get(number=number).pk == subject.pk
    assert Event.objects.filter(subject=subject).count() == (key is not None)
    assert int(take("QZ", moment.now())[-6:]) == int(number[-6:]) + 1
    later = Subject.objects.create(kind="order", number="later", opened_at=moment.now())
    assert later.pk > subject.pk
