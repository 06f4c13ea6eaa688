"""Statements that ask the driver straight: what goes together stands together, and a lost connection is noticed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from kefu.kit import driven, moment, prepared
from kefu.timeline.models import Event, Subject

postgresql = pytest.mark.skipif("driven.vendor() != 'postgresql'", reason="SQLite writes at once and has no connection to lose")


def opened() -> Subject:
    made = Subject(kind="order", number="N1", title="漏水", opened_at=moment.now())
    prepared.insert([made])
    return made


def event_of(subject: Subject, kind: str) -> Event:
    return prepared.made(Event, subject_id=subject.pk, kind=kind, at=subject.opened_at)


def broken_off(subject: Subject) -> None:
    with transaction.atomic(), driven.together():
        prepared.insert([event_of(subject, "b")])
        raise ZeroDivisionError


def changed_in_vain(subject: Subject) -> None:
    with transaction.atomic(), driven.together():
        prepared.insert([event_of(subject, "a")])
        prepared.update(Subject, 2**40, title="x")


@pytest.mark.django_db
def test_writes_made_together_are_all_there_at_the_end():
    subject = opened()
    with transaction.atomic(), driven.together():
        prepared.insert([event_of(subject, "a"), event_of(subject, "b")])
        prepared.update(Subject, subject.pk, title="50% 水")
        prepared.insert([event_of(subject, "c")])
    kinds = list(Event.objects.filter(subject=subject).order_by("id").values_list("kind", flat=True))
    assert sorted(kinds) == ["a", "b", "c"]
    assert kinds.index("a") < kinds.index("b")
    assert Subject.objects.get(pk=subject.pk).title == "50% 水"


@pytest.mark.django_db
@postgresql
def test_nothing_goes_before_the_end_and_nothing_at_all_after_a_fault():
    subject = opened()
    with transaction.atomic(), driven.together():
        prepared.insert([event_of(subject, "a")])
        assert not Event.objects.filter(subject=subject).exists()
    assert Event.objects.filter(subject=subject).count() == 1
    with pytest.raises(ZeroDivisionError):
        broken_off(subject)
    prepared.insert([event_of(subject, "c")])
    assert set(Event.objects.filter(subject=subject).values_list("kind", flat=True)) == {"a", "c"}


@pytest.mark.django_db
def test_who_asks_for_the_keys_has_them_at_the_end():
    subject = opened()
    told = [event_of(subject, "a"), event_of(subject, "b")]
    with transaction.atomic(), driven.together():
        prepared.insert([event_of(subject, "c")])
        prepared.insert(told, keyed=True)
    assert [one.pk for one in told] == [Event.objects.get(kind=kind).pk for kind in "ab"]


@pytest.mark.django_db
@postgresql
def test_a_row_that_is_not_there_is_not_passed_over():
    subject = opened()
    with pytest.raises(RuntimeError):
        changed_in_vain(subject)
    assert not Event.objects.filter(subject=subject).exists()


@pytest.mark.django_db(transaction=True)
@postgresql
def test_a_connection_that_the_server_ended_is_not_usable():
    connection.ensure_connection()
    assert connection.is_usable()
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        for _try in range(100):
            other.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [connection.connection.info.backend_pid])
            if other.fetchone()[0] == 0:
                break
    other.connection.close()
    assert not connection.is_usable()
    connection.close()
    assert Subject.objects.count() == 0


@pytest.mark.django_db
def test_what_flows_is_there_in_its_order_and_keys_come_to_who_waits_for_them():
    with transaction.atomic(), driven.flowing():
        subject = Subject(kind="order", number="N1", title="漏水", opened_at=moment.now())
        prepared.insert([subject], keyed=True)
        prepared.insert([event_of(subject, "a"), event_of(subject, "b")], keyed=False)
        told = [event_of(subject, f"c{number}") for number in range(130)]
        prepared.insert(told, keyed=True)
        assert prepared.update(Subject, subject.pk, title="50% 水")
        assert not prepared.update(Subject, 2**40, title="x")
        assert Event.objects.filter(subject=subject).count() == 132  # a question in between sees what was sent before it
        prepared.insert([event_of(subject, "z")], keyed=False)
    kinds = list(Event.objects.filter(subject=subject).order_by("id").values_list("kind", flat=True))
    assert kinds == ["a", "b", *(one.kind for one in told), "z"]
    assert [one.pk for one in told] == [Event.objects.get(kind=one.kind).pk for one in told]
    assert Subject.objects.get(pk=subject.pk).title == "50% 水"


@pytest.mark.django_db
@pytest.mark.parametrize("last", [False, True])
def test_a_fault_in_what_flows_undoes_all_of_it_and_the_connection_goes_on(last):
    subject = opened()
    with pytest.raises(IntegrityError):
        twice_in_a_flow(subject, last=last)
    assert not Event.objects.filter(subject=subject).exists()
    with transaction.atomic(), driven.flowing():
        prepared.insert([event_of(subject, "c")], keyed=False)
    assert Event.objects.filter(subject=subject).count() == 1


def twice_in_a_flow(subject: Subject, *, last: bool) -> None:
    with transaction.atomic(), driven.flowing():
        prepared.insert([event_of(subject, "a")], keyed=False)
        same = prepared.made(Subject, kind="order", number=subject.number, title="again", opened_at=moment.now())
        prepared.insert([same], keyed=False)
        if not last:
            prepared.insert([event_of(subject, "b")], keyed=True)


@pytest.mark.django_db
def test_a_fault_of_the_program_in_a_flow_undoes_what_was_sent():
    subject = opened()
    with pytest.raises(ZeroDivisionError):
        broken_off_in_a_flow(subject)
    prepared.insert([event_of(subject, "c")])
    assert Event.objects.filter(subject=subject).count() == 1


def broken_off_in_a_flow(subject: Subject) -> None:
    with transaction.atomic(), driven.flowing():
        prepared.insert([event_of(subject, "a")], keyed=False)
        raise ZeroDivisionError
