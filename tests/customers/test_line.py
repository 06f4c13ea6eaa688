"""What passed between a customer and the firm, on one line."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases.complaints import policies
from kefu.cases.complaints import queries as complaints
from kefu.flows import finish_work
from kefu.kit import moment
from kefu.kit.errors import Invalid
from kefu.timeline.models import Subject
from kefu.touch.contacts.choices import Outcome
from kefu.touch.contacts.models import Contact
from kefu.touch.customers import queries
from tests import cases


def many(customer, count):
    """Contacts of the days before, as an import would have written them."""
    at = moment.now()
    subjects = Subject.objects.bulk_create(
        [Subject(kind="contact", number=f"T{place}", opened_at=at - timedelta(days=place)) for place in range(1, count + 1)]
    )
    Contact.objects.bulk_create(
        [Contact(subject=one, channel="phone", customer=customer, received_at=one.opened_at, outcome=Outcome.SETTLED) for one in subjects]
    )


def whole(actor, customer, **narrowed):
    """All pages, three at a time."""
    found, cursor = [], None
    while True:
        page = queries.line(actor, customer.pk, cursor=cursor, size=3, **narrowed)
        found += page.rows
        cursor = page.next
        if cursor is None:
            return found


def test_all_channels_and_cases_stand_on_one_line_in_time(cast):
    customer = cases.resident(cast)
    actor = cast.actor(cast.manager)
    done = cases.accepted(cast)
    done.contact.customer = done.customer = customer
    done.contact.save()
    done.save()
    finish_work.complete(actor=cast.actor(cast.crew_leader), id=done.pk, result="已更换密封圈。")
    many(customer, 7)
    found = whole(actor, customer)
    assert {"contact", "workorder", "callback"} <= {one["kind"] for one in found}
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)
    assert len({(one["kind"], one["id"]) for one in found}) == len(found) == len(queries.line(actor, customer.pk, size=200).rows)
    assert done.subject.number in {one["number"] for one in whole(actor, customer, kind="workorder")}
    assert {one["kind"] for one in whole(actor, customer, channel="phone")} == {"contact", "workorder", "callback"}
    assert whole(actor, customer, channel="fax") == []
    with pytest.raises(Invalid):
        queries.line(actor, customer.pk, cursor="x")


def test_the_line_costs_the_same_however_long_it_is(cast, signed_in, monkeypatch):
    held = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: held)  # what the process keeps for seconds stays kept
    customer = cases.resident(cast)
    client = signed_in(cast.manager)
    address = f"/customers/{customer.pk}"

    def asked():
        client.get(address), client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    few = asked()
    many(customer, 120)
    assert asked() <= few
    actor = cast.actor(cast.manager)
    page = queries.line(actor, customer.pk)
    assert len(page.rows) == 25
    with CaptureQueriesContext(connection) as seen:
        assert len(queries.line(actor, customer.pk, cursor=page.next).rows) == 25
    assert len(seen) <= len(queries.chapters)


def test_an_index_finds_the_page(cast):
    """On PostgreSQL it stands alone beside what keeps rows single: which of several reads an empty table is chance."""
    for one in queries.chapters:
        wanted = one.rows(cast.actor(cast.manager), 1, "").filter(**{f"{one.at}__lte": moment.now()}).order_by(f"-{one.at}", f"-{one.key}")
        if connection.vendor == "postgresql":
            _alone(wanted.model._meta.db_table, f"(customer_id, {one.at}")
        plan = wanted.values(one.key)[:26].explain()
        if connection.vendor == "sqlite":
            assert f"(customer_id=? AND {one.at}<?)" in plan, plan
        else:
            assert f"Index Cond: ((customer_id = 1) AND ({one.at} <= " in plan, plan


def _alone(table: str, columns: str) -> None:
    """Lay the other indexes of a table aside, as far as this transaction goes, and do not let it be read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
        for name, made in cursor.fetchall():
            if columns not in made and not made.startswith("CREATE UNIQUE"):
                cursor.execute(f'DROP INDEX "{name}"')


def test_who_complained_is_not_learned_from_the_line(cast):
    """The one complained of, and his unit, read neither the complaint nor the call that led to it."""
    complaint = cases.judged(cast)
    customer = cases.resident(cast)
    customer = complaint.customer or customer
    Contact.objects.filter(pk=complaint.contact_id).update(customer=customer)
    type(complaint).objects.filter(pk=complaint.pk).update(customer=customer, against=cast.manager, receiver=cast.receptionist)
    complaint.refresh_from_db()
    seen = {one["kind"] for one in whole(cast.actor(cast.receptionist), customer)}
    assert "complaint" in seen
    assert "complaint" not in {one["kind"] for one in whole(cast.actor(cast.manager), customer)}
    for staff in (cast.manager, cast.receptionist, cast.agent, cast.boss, cast.repair_head, cast.crew, cast.cleaning_head, cast.dispatcher):
        actor = cast.actor(staff)
        rows = complaints.nameless(actor)
        kept = rows is not None and rows.filter(pk=complaint.pk).exists()
        assert kept == (not policies.knows_complainant(actor, complaints.facts(complaint))), staff
