"""Made-up orders: sound to the database, findable, the same after an interruption."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import pytest_django
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders import queries as orders
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.engines.measures.models import FilledDay
from kefu.engines.measures.period import Period
from kefu.engines.measures.queries import Reading
from kefu.engines.rulebook import loader
from kefu.engines.search import queries as search
from kefu.engines.search import services as search_services
from kefu.engines.search.models import SearchDocument
from kefu.entry import demo
from kefu.entry.demo import bulk, house
from kefu.entry.demo.bulk import aside
from kefu.flows import archive
from kefu.kit import moment
from kefu.people.actor import SYSTEM, load
from kefu.people.models import Staff
from kefu.timeline.models import Event, SealedCopy, Subject
from kefu.timeline.services import is_intact
from tests import tables

NOW = datetime(2026, 11, 18, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def _filled(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[tables.Kept]:
    """A firm with 1200 orders, made once for the file: each test begins with a copy, and what follows with empty tables again."""
    with django_db_blocker.unblock(), tables.kept() as empty:
        with moment.frozen(NOW):
            units = house.build_units()
            loader.load("property", actor=SYSTEM)
            demo.forget()
            house.hire(units)
            bulk.make(1200, months=6, progress=lambda _text: None)
        with tables.kept() as filled:
            yield filled
        tables.bring_back(empty)
        demo.forget()


@pytest.fixture
def many(_filled: tables.Kept, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), moment.frozen(NOW):
        tables.bring_back(_filled)
        demo.forget()
        yield
        demo.forget()
        connection.close()


def make(count: int) -> int:
    with moment.frozen(NOW):
        return bulk.make(count, months=6, progress=lambda _text: None)


def test_the_database_finds_no_fault_and_people_find_the_orders(many: None) -> None:
    connection.check_constraints()
    assert WorkOrder.objects.count() == 1200
    assert WorkOrder.objects.filter(state="archived").count() == 1140
    assert len(dict(WorkOrder.objects.values_list("state").annotate(n=Count("pk")))) >= 6
    assert Complaint.objects.count() == 24
    assert Obligation.objects.filter(subject__kind="workorder").count() > 3 * 1100
    agent = load(Staff.objects.get(number="021").pk)
    assert agent is not None
    page = orders.rows(agent, size=50)
    assert len(page.rows) == 50
    newest = WorkOrder.objects.select_related("subject").order_by("-pk")[0]
    assert search.find(actor=agent, text=newest.subject.number)[0].subject_id == newest.pk
    assert search.find(actor=agent, text=newest.content[:2], kinds=["workorder"])
    assert newest.pk in {hit.subject_id for hit in search.find(actor=agent, text=newest.phone[-8:], limit=100)}


def test_search_holds_what_its_own_service_would_write(many: None) -> None:
    from kefu.kit import phone

    documents = []
    for order in WorkOrder.objects.select_related("subject", "type").order_by("-pk")[:200]:
        hidden = " ".join((order.name, phone.shown(order.phone), order.address))
        documents.append(
            search_services.Document(order.pk, "workorder", order.subject.number, f"{order.type.name} {order.content}", hidden)
        )
    assert search_services.index_many(documents) == 0
    search_services.remove([documents[0].subject_id])
    assert not SearchDocument.objects.filter(pk=documents[0].subject_id).exists()


def test_what_is_sealed_is_sealed_truly(many: None) -> None:
    orders_ = list(WorkOrder.objects.filter(state="archived").select_related("subject", "handler").order_by("pk"))
    copies = {copy.subject_id: copy for copy in SealedCopy.objects.all()}
    sealed = {one.pk: one.seal for one in [*orders_, *Complaint.objects.filter(state="archived")]}
    assert len(orders_) == 1140
    assert sealed == {pk: copy.sha256 for pk, copy in copies.items()}
    assert all(is_intact(copy) for copy in copies.values())
    for order in orders_[::100]:
        body = json.loads(copies[order.pk].body)
        truth = archive.contents(order.subject, {})
        kept = [{**one, "at": str(one["at"])} for one in truth["events"] if one["kind"] != "order.archived"]
        assert body["events"] == kept
        assert {one["code"]: one["due_at"] for one in body["limits"]} == {one["code"]: str(one["due_at"]) for one in truth["limits"]}
        assert body["record"]["content"] == order.content
        assert body["record"]["completed_at"] == str(order.completed_at)
        event = Event.objects.get(subject=order.pk, kind="order.archived")
        assert event.data["seal"] == order.seal[:16]
        assert copies[order.pk].keep_until == archive.keep_until("workorder", on=order.archived_at)


def test_a_large_load_is_the_same_and_leaves_every_index_in_place(many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MANY", 300)
    before = _schema()
    assert make(1600) == 400
    assert not aside.waits()
    assert _schema() == before
    assert WorkOrder.objects.count() == 1600
    connection.check_constraints()
    test_search_holds_what_its_own_service_would_write(None)


def test_a_large_load_that_was_killed_ends_well_the_next_time(many: None) -> None:
    before = _schema()
    aside.put(["timeline_event", "workorders_workorder"])
    assert _schema() != before
    assert make(1200) == 0
    assert _schema() == before


def _schema() -> set[str]:
    """Every index, and on PostgreSQL every constraint, as the database tells it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        else:
            cursor.execute("SELECT indexname FROM pg_indexes UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint")
        return {row[0] for row in cursor.fetchall()}


def test_a_load_leaves_the_figures_of_past_days(many: None) -> None:
    with moment.frozen(NOW):
        month = Period.parse("2026-09")
        codes = ["orders.accepted", "orders.steps_on_time", "complaints.accepted", "clauses.due", "clauses.cited"]
        with CaptureQueriesContext(connection) as asked:
            stored = [Reading(codes, month).total(code) for code in codes]
        assert all(figure.denominator or figure.numerator for figure in stored)
        assert not [one for one in asked if "clock_obligation" in one["sql"] or "workorders_workorder" in one["sql"]]
        FilledDay.objects.all().delete()
        assert [Reading(codes, month).total(code) for code in codes] == stored
        make(1200)
        assert FilledDay.objects.filter(measure="orders.accepted", day__gte=month.first, day__lte=month.last).count() == 30
        make(1500)
        assert (
            Reading(codes, month).total("orders.accepted").numerator
            == WorkOrder.objects.filter(accepted_at__gte=month.start, accepted_at__lt=month.end).exclude(state="void").count()
        )


def test_it_goes_on_where_it_stopped(many: None) -> None:
    assert make(1200) == 0
    assert make(1500) == 300
    assert WorkOrder.objects.count() == 1500
    numbers = Subject.objects.filter(kind="workorder").values_list("number", flat=True)
    assert len({number[-7:] for number in numbers}) == 1500
    connection.check_constraints()
