"""The sums of months, and the present day as it stood a moment ago: the same figures as from the rows."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections

from kefu.engines.measures import queries, services, summed
from kefu.engines.measures.models import FilledDay, Summed
from kefu.engines.measures.period import Period
from kefu.engines.measures.registry import measures
from kefu.engines.rulebook import queries as rulebook
from kefu.insight.reports import queries as reports
from kefu.insight.reports.choices import ASKED, CARDS
from kefu.kit import moment
from kefu.kit.paging import after, encode
from tests.reports.makers import NOVEMBER, NOW, at, complaint, made_month, order
from tests.reports.test_pages import read

# The twentieth, six in the evening: a contact and a complaint of this day, a ring target changed five days ago.
THEN = at(20, 10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def few(monkeypatch):
    """A centre in which so much happens that its present day is kept."""
    monkeypatch.setattr(services, "FEW", 1)


@pytest.fixture
def then():
    """Before anybody was employed."""
    with moment.frozen(THEN):
        yield


@pytest.fixture
def twentieth(then, cast, few):
    rulebook.forget()
    made = made_month(cast)
    order(cast.repair, at(20, 3), made.orders.one.type, at(20, 9))
    services.fill_all(back=60)
    yield made
    rulebook.forget()


def figures(period=NOVEMBER):
    reading = queries.Reading(dict.fromkeys([*CARDS, "clauses.due", "clauses.cited"]), period)
    split = {(code, by): reading.figure(code, by) for code, by in ASKED}
    return split, reading.figure("clauses.due", ("code", "outcome", "unit")), reading.series("complaints.accepted")


def as_of(period=NOVEMBER):
    return queries.Reading(CARDS, period).as_of


def without_sums(ask):
    held = list(Summed.objects.all())
    days = list(FilledDay.objects.all())
    Summed.objects.all().delete()
    FilledDay.objects.all().delete()
    found = ask()
    Summed.objects.bulk_create(held)
    FilledDay.objects.bulk_create(days)
    return found


def test_the_present_day_as_it_stands_is_that_of_its_rows(twentieth):
    live = figures()
    assert as_of() is None
    assert services.stand_today() > 1
    assert as_of() == THEN
    assert figures() == live == without_sums(figures)
    day, week = Period.of("day", date(2026, 11, 20)), Period.of("week", date(2026, 11, 20))
    for period in (day, week):
        assert as_of(period) == THEN
        assert figures(period) == without_sums(lambda period=period: figures(period))
    assert as_of(Period.parse("2026-10")) is None


def test_today_is_told_as_it_stood_until_it_is_added_up_again(twentieth, cast):
    services.stand_today()
    complaint(cast.repair, at(20, 10))
    assert queries.total("complaints.accepted", NOVEMBER).numerator == 4
    with moment.frozen(THEN + 2 * MINUTE):
        services.stand_today()
        assert queries.total("complaints.accepted", NOVEMBER).numerator == 5
        assert as_of() == THEN + 2 * MINUTE
        complaint(cast.repair, at(20, 10))
    with moment.frozen(THEN + 13 * MINUTE):  # nobody adds up any more
        assert as_of() is None
        assert queries.total("complaints.accepted", NOVEMBER).numerator == 6


def test_a_condition_over_the_rows_is_counted_now(twentieth):
    services.stand_today()
    reading = queries.Reading(["complaints.accepted"], NOVEMBER, tree={"field": "severity", "op": "eq", "value": "severe"})
    assert reading.as_of is None
    assert reading.total("complaints.accepted").numerator == 2


def test_a_day_that_is_over_is_no_present_day(twentieth, cast):
    services.stand_today()
    complaint(cast.repair, at(20, 11))
    with moment.frozen(at(21, 1)):
        assert as_of() is None
        assert queries.total("complaints.accepted", NOVEMBER).numerator == 5
        services.fill_all(back=60)
        services.stand_today()
        assert figures() == without_sums(figures)
        assert set(Summed.objects.filter(first__gte=date(2026, 11, 2)).values_list("first", flat=True)) == {date(2026, 11, 21)}


def test_a_small_centre_counts_its_day_exactly(twentieth, cast, monkeypatch):
    services.stand_today()
    monkeypatch.setattr(services, "FEW", 1000)
    assert services.stand_today() == 0
    assert as_of() is None
    assert not Summed.objects.filter(first=date(2026, 11, 20)).exists()


def test_a_clock_that_was_set_back_counts_no_day_twice(twentieth):
    with moment.frozen(NOW):
        services.fill_all(back=60)
    assert figures() == without_sums(figures)


def test_sums_that_are_missing_are_made(twentieth):
    before = figures()
    held = set(Summed.objects.values_list("measure", "first", "days", "parts"))
    Summed.objects.all().delete()
    services.fill_all(back=60)
    assert set(Summed.objects.values_list("measure", "first", "days", "parts")) == held
    assert figures() == before


def test_a_forgotten_day_leaves_its_month(twentieth, cast):
    complaint(cast.repair, at(7))
    assert queries.total("complaints.accepted", NOVEMBER).numerator == 4
    services.forget("complaints.accepted", date(2026, 10, 31), date(2026, 11, 8))
    assert queries.total("complaints.accepted", NOVEMBER).numerator == 5
    assert queries.total("complaints.rate", NOVEMBER).numerator == 4


def test_several_months_are_read_in_one_statement(twentieth, django_assert_num_queries):
    quarter = Period.parse("2026-Q4")
    services.stand_today()
    with django_assert_num_queries(1):
        reading = queries.Reading(["complaints.accepted", "orders.accepted"], quarter)
    assert reading.total("complaints.accepted").numerator == 5
    assert reading.figure("complaints.accepted", since=NOVEMBER.first)[0].numerator == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_add_up_days_of_one_month_lose_none(cast):
    """Each day is counted in its own transaction; the month holds all of them. (SQLite writes one after the other by itself.)"""
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time")
    with moment.frozen(NOW):
        made_month(cast)
    faults = []

    def fill(day):
        try:
            with moment.frozen(NOW):
                for _turn in range(3):
                    services.fill_many(list(measures), day, day)
        except Exception as error:
            faults.append(error)
        finally:
            connections.close_all()

    days = [date(2026, 11, 4), date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 7)]
    threads = [threading.Thread(target=fill, args=(day,)) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with moment.frozen(NOW):
        assert set(Summed.objects.filter(first=date(2026, 11, 1)).values_list("days", flat=True)) == {0b1111000}
        assert summed.read(["complaints.accepted"], NOVEMBER).days["complaints.accepted"] == set(days)
        assert figures() == without_sums(figures)


def test_the_pages_say_as_of_when(twentieth, cast, signed_in):
    client = signed_in(cast.manager)
    for address in ("/reports/month", "/reports", "/reports/month?print=1"):
        summed.forget_present()
        assert "截至" not in read(client.get(address)), address
        services.stand_today()
        assert "当天数据截至 18:00" in read(client.get(address)), address
    assert client.get("/api/v1/measures/complaints.accepted").json()["as_of"].startswith("2026-11-20T10:00")


def test_rows_behind_a_figure_come_by_their_instant(twentieth, cast):
    """Newest first by what makes them belong to a day, whole and once, though many share an instant."""
    for number in range(130):
        complaint(cast.repair, at(12 if number % 3 else 3))
    actor = cast.actor(cast.manager)
    seen, cursor = [], None
    while True:
        page = reports.rows(actor, "complaints.accepted", NOVEMBER, {}, cursor=cursor)
        seen += [(row["accepted_at"], row["pk"]) for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 134
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("code", ["clauses.due", "orders.accepted", "orders.completed", "contacts.received", "complaints.accepted"])
def test_a_page_of_rows_sorts_no_period(db, code):
    """The index gives them in order, and begins where the page before ended."""
    if connection.vendor != "sqlite":
        pytest.skip("the plan of SQLite tells the order; PostgreSQL's depends on its figures about the table")
    found, keys = queries.rows(code, NOVEMBER), queries.order_of(code)
    for cursor in (None, encode([at(9).isoformat(), 7])):
        plan = after(found, keys=keys, cursor=cursor).values("pk")[:51].explain()
        assert "TEMP B-TREE FOR ORDER BY" not in plan, plan  # at most those of one instant are sorted
        assert "INDEX" in plan
