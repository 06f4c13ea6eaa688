"""A read whose SQL is kept gives what the query set gives, whatever is bound."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import Count, DateTimeField
from django.test.utils import CaptureQueriesContext

from kefu.kit import hot
from kefu.people.choices import UnitKind
from kefu.people.models import Unit
from kefu.timeline.models import Event, Subject

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def events():
    subjects = [Subject.objects.create(kind="order", number=f"N{place}", title="漏水 100%", opened_at=AT) for place in range(3)]
    for subject in subjects[:2]:
        Event.objects.create(subject=subject, kind="x", at=AT, data={"a": [1, None, "水"]}, clauses=["R-1"])
    return subjects


COLUMNS = ("id", "subject_id", "subject__number", "kind", "at", "data", "clauses", "actor__name", "blanked_at")
of_one = hot.Read(lambda: Event.objects.filter(subject_id=hot.Slot("id")).order_by("-id").values(*COLUMNS))


def test_values_come_as_from_the_query_set(events):
    for subject in events:
        plain = list(Event.objects.filter(subject_id=subject.pk).order_by("-id").values(*COLUMNS))
        assert of_one(id=subject.pk) == plain
    assert of_one(id=events[0].pk)[0]["at"] == AT
    assert of_one(id=events[0].pk)[0]["data"] == {"a": [1, None, "水"]}


def test_a_list_of_ids_is_bound_by_its_length(events):
    counted = hot.Read(
        lambda count, kind: Event.objects.filter(subject_id__in=hot.slots(count), kind=kind)
        .values("subject_id").annotate(n=Count("id")).order_by("subject_id")
    )  # fmt: skip
    ids = [subject.pk for subject in events]
    assert counted.of(ids, "x") == [{"subject_id": ids[0], "n": 1}, {"subject_id": ids[1], "n": 1}]
    assert counted.of(ids[2:], "x") == []
    assert counted.of([ids[1], ids[1]], "x") == [{"subject_id": ids[1], "n": 1}]
    assert counted.of([], "x") == []
    assert counted.of(ids, "y") == []


def test_a_time_is_bound_as_its_field_wants_it(events):
    since = hot.Read(lambda: Event.objects.filter(at__gte=hot.Slot("since", DateTimeField())).order_by("id").values("id"))
    assert len(since(since=AT)) == 2
    assert since(since=AT.replace(microsecond=123457)) == []


def test_texts_and_signs_in_a_statement_are_no_places(events):
    """Constants with a quote, a percent sign and a question mark stay what they are, asked straight or watched."""
    Event.objects.create(subject=events[2], kind="it's 100% ?", at=AT)
    odd = hot.Read(lambda kind: Event.objects.filter(kind=kind, subject__title__contains="100%", subject_id=hot.Slot("id")).values("id"))
    for kind, found in (("it's 100% ?", [0, 0, 1]), ("x", [1, 1, 0]), ("x' OR '1'='1", [0, 0, 0])):
        assert [len(odd(kind, id=one.pk)) for one in events] == found
        with CaptureQueriesContext(connection) as watched:
            assert [len(odd(kind, id=one.pk)) for one in events] == found
        assert len(watched) == 3
    assert odd("x", id=-1) == []


def test_what_can_hold_nothing_asks_nothing(events, django_assert_num_queries):
    none = hot.Read(lambda: Event.objects.filter(pk__in=[]).values("id"))
    with django_assert_num_queries(0):
        assert none() == []


def test_columns_must_be_named():
    with pytest.raises(ValueError, match="named columns"):
        hot.Read(lambda: Event.objects.all())()


def test_many_shapes_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(hot, "MOST", 5)
    Unit.objects.create(code="a", name="a", path="000001", kind=UnitKind.TEAM)
    read = hot.Read(lambda code: Unit.objects.filter(code=code).values("name"))
    assert [len(read(code)) for code in "abcdefghij"] == [1] + [0] * 9
    assert len(read._held) <= 5


def test_whole_rows_come_with_what_was_selected_along(events):
    whole = hot.Rows(lambda: Event.objects.select_related("subject", "actor").filter(subject_id=hot.Slot("id")).order_by("id"))
    for subject in events:
        plain = list(Event.objects.select_related("subject", "actor").filter(subject_id=subject.pk).order_by("id"))
        found = whole(id=subject.pk)
        assert [one.__dict__.keys() for one in found] == [one.__dict__.keys() for one in plain]
        assert [(one.pk, one.data, one.at, one.subject.title, one.actor) for one in found] == [
            (one.pk, one.data, one.at, one.subject.title, one.actor) for one in plain
        ]
    (one,) = whole(id=events[0].pk)
    assert not one._state.adding
    one.subject.title = "其他"
    one.subject.save(update_fields=["title"])
    assert Subject.objects.get(pk=events[0].pk).title == "其他"


def test_one_statement_takes_lists_of_any_length(events):
    listed = hot.Read(lambda: Subject.objects.filter(pk__in=hot.listed("ids")).order_by("pk").values("id"))
    ids = [one.pk for one in events]
    for length in range(4):
        assert [row["id"] for row in listed(ids=ids[:length])] == ids[:length]
    assert len(listed._held) == 1
