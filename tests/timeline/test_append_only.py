"""What proves obedience cannot be changed or deleted."""

import time

import pytest
from django.db import DatabaseError, transaction

from kefu.kit import moment
from kefu.timeline import feed
from kefu.timeline.models import Event, Subject
from kefu.timeline.services import record_one


@pytest.fixture
def event(db) -> Event:
    subject = Subject.objects.create(kind="test", number="T1")
    return record_one(actor_id=None, subject_id=subject.pk, kind="note.added", data={"text": "张三 13800000000"})


def test_an_event_cannot_be_deleted(event):
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).delete()
    assert Event.objects.filter(pk=event.pk).exists()


@pytest.mark.parametrize("change", [{"kind": "other"}, {"at": moment.now()}, {"clauses": ["R-00"]}, {"data": {}}])
def test_an_event_cannot_be_changed(event, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**change)


def test_personal_data_inside_can_be_blanked(event):
    Event.objects.filter(pk=event.pk).update(data={}, blanked_at=moment.now())
    event.refresh_from_db()
    assert event.data == {}
    assert event.kind == "note.added"


@pytest.mark.django_db(transaction=True)
def test_the_feed_hands_out_in_commit_order():
    subject = Subject.objects.create(kind="test", number="T2")
    start = feed.end()
    first = record_one(actor_id=None, subject_id=subject.pk, kind="note.added")
    second = record_one(actor_id=None, subject_id=subject.pk, kind="note.added")
    # On PostgreSQL an event is handed out once no older transaction of the whole server is open, those of other tests included.
    until = time.monotonic() + 60
    while len(entries := feed.read(start)) < 2 and time.monotonic() < until:
        time.sleep(0.1)
    assert [entry.id for entry in entries] == [first.pk, second.pk]
    assert feed.read(entries[-1].bookmark) == []
    assert feed.end() == entries[-1].bookmark
