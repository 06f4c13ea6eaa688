"""Prepared writes write what the ORM writes, under the same constraints, in the same transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from kefu.cases.workorders.choices import TypeKind
from kefu.cases.workorders.models import OrderType, Price
from kefu.kit import prepared
from kefu.people.choices import UnitKind
from kefu.people.models import Unit
from kefu.timeline.choices import Audience
from kefu.timeline.models import Event, Subject

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 16, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


def columns(row):
    return {field.attname: getattr(type(row).objects.get(pk=row.pk), field.attname) for field in row._meta.concrete_fields}


def test_rows_are_the_same_as_those_of_the_orm():
    subject = Subject(kind="order", number="N1", title="漏水 100% ' \\ 😀", opened_at=AT)
    prepared.insert([subject])
    twin = Subject.objects.create(kind="order", number="N2", title="漏水 100% ' \\ 😀", opened_at=AT)
    assert {**columns(subject), "id": 0, "number": ""} == {**columns(twin), "id": 0, "number": ""}
    assert subject.pk is not None
    assert not subject._state.adding
    told = {"subject": subject, "kind": "x", "at": AT, "data": {"a": [1, None, "水"]}, "audience": Audience.CUSTOMER, "clauses": ["R-1"]}
    rows = [Event(**told), Event(**{**told, "kind": "y"})]
    prepared.insert(rows)
    other = Event.objects.create(**told)
    assert {**columns(rows[0]), "id": 0} == {**columns(other), "id": 0}
    assert Event.objects.get(pk=rows[1].pk).kind == "y"
    assert Event.objects.get(pk=rows[0].pk).at == AT.astimezone(UTC)


def test_a_time_in_words_is_read_as_the_field_reads_it():
    subject = Subject(kind="order", number="N1", opened_at="2026-11-22T16:30:00+08:00")
    prepared.insert([subject])
    assert Subject.objects.get(pk=subject.pk).opened_at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def test_every_kind_of_column_is_prepared_by_its_field():
    kind = OrderType(code="c", path="c", name="n", kind=TypeKind.REPAIR, paid=True, clauses=["R-1"])
    prepared.insert([kind])
    assert OrderType.objects.get(pk=kind.pk).kind == "repair"
    assert OrderType.objects.get(pk=kind.pk).paid is True
    price = Price(code="p", name="n", base_price=Decimal("12.50"))
    prepared.insert([price])
    assert Price.objects.get(pk=price.pk).base_price == Decimal("12.50")


def test_a_row_is_changed_and_its_absence_told():
    unit = Unit.objects.create(code="u", name="u", path="000001", kind=UnitKind.TEAM)
    assert prepared.update(Unit, unit.pk, name="维修部", head_id=None, kind=UnitKind.BRANCH)
    unit.refresh_from_db()
    assert (unit.name, unit.kind) == ("维修部", "branch")
    assert not prepared.update(Unit, unit.pk + 1, name="x")
    unit.name, unit.code = "客服", "other"
    prepared.save(unit, "name", "head")
    assert Unit.objects.values_list("name", "code").get(pk=unit.pk) == ("客服", "u")


def test_constraints_and_transactions_hold():
    subject = Subject.objects.create(kind="order", number="N1")
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.insert([Subject(kind="order", number="N2"), Subject(kind="order", number="N1")])
    assert Subject.objects.count() == 1
    with transaction.atomic():
        prepared.update(Subject, subject.pk, title="x")
        prepared.insert([Subject(kind="order", number="N3")])
        transaction.set_rollback(True)
    assert Subject.objects.get().title == ""
    prepared.insert([])


def test_a_row_made_without_its_constructor_is_the_same_row():
    given = {"subject_id": 7, "kind": "x", "actor_id": None, "at": AT, "data": {"a": 1}, "clauses": ["R-1"]}
    made, plain = prepared.made(Event, **given), Event(**given)
    names = [field.attname for field in Event._meta.concrete_fields]
    assert {name: getattr(made, name) for name in names if name != "xid"} == {name: getattr(plain, name) for name in names if name != "xid"}
    assert made.xid.__class__ is plain.xid.__class__
    assert made._state.adding
    assert prepared.made(Event).data is not prepared.made(Event).data
    with pytest.raises(TypeError):
        prepared.made(Event, nothing=1)
