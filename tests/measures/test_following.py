"""Stored figures of past days follow what happens to their cases later, and are those of the rows."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.engines.measures import following, queries, services
from kefu.engines.measures.models import DailyFigure, FilledDay, Followed, Summed
from kefu.engines.measures.registry import measures
from kefu.engines.rulebook import queries as rulebook
from kefu.insight.reports.choices import ASKED, CARDS
from kefu.kit import moment
from kefu.timeline import feed
from kefu.timeline.models import Event, Subject
from kefu.timeline.services import record_one
from tests.reports.makers import NOVEMBER, NOW, at, made_month, order

FIRST, LAST = NOVEMBER.first, NOVEMBER.last


def settled():
    """On PostgreSQL an event is handed out once no older transaction of the whole server is open, those of other tests included: a long
    one on a busy machine took 120 s."""
    newest, until = Event.objects.order_by("pk").values_list("pk", flat=True).last(), time.monotonic() + 400
    while newest and feed.end().id != newest and time.monotonic() < until:
        time.sleep(0.1)


def follow():
    settled()
    return following.follow()


@pytest.fixture
def month(transactional_db, cast):
    rulebook.forget()
    with moment.frozen(NOW):
        made = made_month(cast)
        services.fill_all(back=60)
        settled()
        following.skip()
        yield made
    rulebook.forget()


def figures():
    reading = queries.Reading(dict.fromkeys([*CARDS, "clauses.due"]), NOVEMBER)
    split = {(code, by): reading.figure(code, by) for code, by in ASKED}
    return split, reading.figure("clauses.due", ("code", "outcome", "unit")), queries.series("complaints.accepted", NOVEMBER)


def from_rows():
    """The same figures, counted from the rows."""
    days, sums = list(FilledDay.objects.all()), list(Summed.objects.all())
    FilledDay.objects.all().delete()
    Summed.objects.all().delete()
    found = figures()
    FilledDay.objects.bulk_create(days)
    Summed.objects.bulk_create(sums)
    return found


def close_late(month):
    """The complaint that was open since the ninth is decided today."""
    case = month.complaints.c.subject
    Obligation.objects.filter(subject=case).update(state="late", met_at=NOW)
    record_one(actor_id=None, subject_id=case.pk, kind="clock.late", data={"name": "x"})


def correct(month, cast):
    """Another kind of complaint, another unit, and an order of the fourth that is void after all."""
    case = month.complaints.b
    Complaint.objects.filter(pk=case.pk).update(severity="severe", reason="upkeep")
    Subject.objects.filter(pk=case.pk).update(unit_path=cast.cleaning.path)
    Obligation.objects.filter(subject_id=case.pk).update(unit_path=cast.cleaning.path)
    WorkOrder.objects.filter(pk=month.orders.two.pk).update(state="void")
    for pk in (case.pk, month.orders.two.pk):
        record_one(actor_id=None, subject_id=pk, kind="note.added", data={"note": 0, "text": "更正"})


def test_stored_figures_are_those_of_the_rows(month):
    assert figures() == from_rows()


def test_late_closings_and_corrections_reach_the_days_they_belong_to(month, cast):
    before = figures()
    close_late(month)
    correct(month, cast)
    assert figures() == before != from_rows()
    assert follow() > 0
    assert figures() == from_rows() != before
    assert follow() == 0


def test_a_limit_that_was_moved_leaves_its_old_day(month):
    case = month.complaints.c.subject
    record_one(actor_id=None, subject_id=case.pk, kind="clock.overdue", data={"name": "x"}, at=at(9))
    Obligation.objects.filter(subject=case).update(due_at=at(25))
    record_one(actor_id=None, subject_id=case.pk, kind="clock.extended", data={"name": "x", "reason": "等鉴定"})
    follow()
    assert figures() == from_rows()
    assert queries.total("complaints.missed", NOVEMBER).numerator == 2


def test_days_that_are_not_rolled_up_are_left_to_the_rows(month):
    services.forget("complaints.missed", FIRST, LAST)
    close_late(month)
    follow()
    assert not FilledDay.objects.filter(measure="complaints.missed", day__gte=FIRST, day__lte=LAST).exists()
    assert figures() == from_rows()


def test_what_was_interrupted_is_done_again(month, monkeypatch):
    close_late(month)
    stood = Followed.objects.get().bookmark
    with monkeypatch.context() as patched:
        patched.setattr(services, "fill_many", lambda *_all: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            follow()
    assert Followed.objects.get().bookmark == stood
    assert follow() > 0
    assert figures() == from_rows()


def test_the_first_time_it_only_takes_its_stand(month):
    Followed.objects.all().delete()
    close_late(month)
    assert follow() == 0
    assert Followed.objects.count() == 1


def test_measures_over_the_same_rows_are_read_together(month):
    """The whole month from the rows, and one day of it, in a few statements; each measure alone gives the same."""
    FilledDay.objects.all().delete()
    Summed.objects.all().delete()
    with CaptureQueriesContext(connection) as asked:
        together = queries.Reading(CARDS, NOVEMBER)
    assert len(asked) <= 16
    for code in CARDS:
        found = measures[code]
        alone = {(part.day, part.dims): (part.numerator, part.denominator) for part in _sums(found.source(FIRST, LAST, None))}
        assert {(part.day, part.dims): (part.numerator, part.denominator) for part in _sums(together.live[code])} == alone, code
        days = [FIRST + timedelta(days=number) for number in range(30)]
        singly = {(part.day, part.dims): (part.numerator, part.denominator) for day in days for part in _sums(found.source(day, day, None))}
        assert singly == alone, code


def _sums(parts):
    held = {}
    for part in parts:
        assert isinstance(part.day, date)
        one = held.setdefault((part.day, part.dims), [0, 0])
        one[0] += part.numerator
        one[1] += part.denominator
    return [type(part)(day, dims, *sums) for (day, dims), sums in held.items()]


def test_the_rows_of_a_full_day_cost_one_day_figure_a_combination(month, cast):
    kind = WorkOrder.objects.first().type
    day = date(2026, 11, 27)
    for _number in range(20):
        order(cast.repair, at(27), kind)
    services.fill_many(list(measures), day, day)
    assert DailyFigure.objects.filter(measure="orders.accepted", day=day).count() == 1
    assert figures() == from_rows()
