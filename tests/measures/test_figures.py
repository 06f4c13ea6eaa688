"""Figures from roll-ups and live rows, scope, drill-down and freezing; over real subjects."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import FieldSpec
from kefu.engines.measures import frozen, queries, services
from kefu.engines.measures.models import DailyFigure, FilledDay, FrozenFigure
from kefu.engines.measures.period import Period
from kefu.engines.measures.registry import Dimension, Measure, measures
from kefu.engines.measures.sources import on_time_per_day, per_day
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.choices import Scope
from kefu.people.models import Holding, Post
from kefu.timeline.models import Subject

NOW = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
MARCH = Period.parse("2026-03")
UNIT = Dimension("unit", "部门")
KIND = Dimension("kind", "类型", lambda values: {"a": "报修", "b": "投诉"})
FIELDS = {"kind": FieldSpec("kind", "类型", "choice", "kind")}
asked: list[tuple[date, date]] = []


def opened(first, last, tree):
    asked.append((first, last))
    rows = Subject.objects.filter(to_q(tree, FIELDS, at=moment.now()))
    return per_day(rows, stamp="opened_at", first=first, last=last, dims=("unit_path", "kind"))


def settled(first, last, tree):
    """A step of each subject: due when opened, met when closed."""
    return on_time_per_day(Subject.objects.all(), due="opened_at", met="closed_at", first=first, last=last, dims=("unit_path",))


def behind(period, dims, which):
    found = Subject.objects.filter(opened_at__gte=period.start, opened_at__lt=period.end)
    return found.filter(kind=dims["kind"]) if "kind" in dims else found


OPENED = Measure(
    "test.opened", "受理量", "时段内受理的工单数", "count", opened, combine="sum", dimensions=(UNIT, KIND), rows=behind, settles=2
)
ON_TIME = Measure("test.on_time", "按时率", "按时完成 / 应完成", "share", settled, variant="ON-1", dimensions=(UNIT,))


@pytest.fixture(autouse=True)
def _declared():
    measures.add(OPENED, ON_TIME)
    asked.clear()
    with moment.frozen(NOW):
        yield
    measures._items.pop(OPENED.code)
    measures._items.pop(ON_TIME.code)


def at(day, hour=4):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def reader(cast, staff):
    """The person with the right to reports, in the scope of the own unit and below (or of all, for those who have it)."""
    post = Post.objects.create(code="reader", name="reader", rights=["reports.see"], scope=Scope.BELOW)
    Holding.objects.create(staff=staff, post=post, unit=staff.unit)
    return cast.actor(staff)


def make(number, opened_at, *, kind="a", unit="000001", closed_at=None):
    return Subject.objects.create(kind=kind, number=f"M{number}", unit_path=unit, opened_at=opened_at, closed_at=closed_at)


@pytest.fixture
def rows(db):
    make(1, at(1))
    make(2, at(1, 15))
    make(3, at(1, 16))  # the second of March in the centre
    make(4, at(5), kind="b", unit="000002")
    make(5, at(11, 3), kind="b")
    make(6, at(11, 9))  # later today


def counts(**more):
    return {one.dims: int(one.value) for one in queries.figure("test.opened", MARCH, **more)}


def test_live_and_rolled_up_figures_are_the_same(rows):
    live = [counts(), counts(by=("kind",)), counts(by=("kind", "unit"))]
    assert live[0] == {(): 6}
    assert live[1] == {("a",): 4, ("b",): 2}
    services.fill_all(back=20)
    asked.clear()
    assert [counts(), counts(by=("kind",)), counts(by=("kind", "unit"))] == live
    assert asked == [(date(2026, 3, 11), date(2026, 3, 11))] * 3
    assert [day.value for _day, day in queries.series("test.opened", MARCH)][:5] == [2, 1, 0, 0, 1]
    assert len(queries.series("test.opened", MARCH)) == 11


def test_rolling_up_again_doubles_nothing_and_sees_what_changed(rows):
    services.fill_all(back=20)
    before = DailyFigure.objects.count()
    asked.clear()
    services.fill_all(back=20)
    assert DailyFigure.objects.count() == before
    assert asked == [(date(2026, 3, 9), date(2026, 3, 10))]
    make(7, at(1))
    assert counts() == {(): 6}
    services.forget("test.opened", date(2026, 3, 1), date(2026, 3, 1))
    assert counts() == {(): 7}
    services.fill_all(back=20)
    assert counts() == {(): 7}
    assert not FilledDay.objects.filter(day=date(2026, 3, 11)).exists()


def test_a_report_costs_the_same_however_many_rows(rows):
    services.fill_all(back=20)
    with CaptureQueriesContext(
        connection,
    ) as few:
        counts(by=("kind",))
    Subject.objects.bulk_create([Subject(kind="a", number=f"X{n}", unit_path="000001", opened_at=at(4)) for n in range(200)])
    services.fill(OPENED, date(2026, 3, 4), date(2026, 3, 4))
    with CaptureQueriesContext(connection) as many:
        assert counts(by=("kind",))[("a",)] == 204
    assert len(few) == len(many) == 2


def test_conditions_and_values_narrow(rows):
    assert counts(tree={"field": "kind", "op": "eq", "value": "b"}) == {(): 2}
    assert counts(where={"unit": ["000002"]}) == {(): 1}
    with pytest.raises(NotFound):
        queries.figure("test.opened", MARCH, by=("colour",))
    with pytest.raises(NotFound):
        queries.figure("test.nothing", MARCH)


def test_open_overdue_steps_lower_the_on_time_rate(db):
    make(1, at(2), closed_at=at(1))
    make(2, at(2), closed_at=at(3))
    make(3, at(2))
    make(4, at(11, 9))  # due later today, open: does not count
    make(5, at(11, 9), closed_at=at(11, 3))
    figure = queries.total("test.on_time", MARCH)
    assert (figure.numerator, figure.denominator, figure.value) == (2, 4, Decimal("0.5"))
    services.fill_all(back=20)
    assert queries.total("test.on_time", MARCH) == figure
    assert queries.total("test.on_time", Period.parse("2026-01")).value is None


def test_compared_with_the_period_before(rows):
    make(8, at(1) - timedelta(days=10))
    (one,) = queries.compared("test.opened", MARCH)
    assert (one.now.value, one.previous.value, one.year_before.value, one.change) == (6, 1, 0, 5)


def test_the_reader_sees_the_own_scope(cast):
    make(1, at(1), unit=cast.repair.path)
    make(2, at(1), unit=cast.team.path)
    make(3, at(1), unit=cast.cleaning.path)
    head = reader(cast, cast.repair_head)
    assert counts(actor=head) == {(): 2}
    with pytest.raises(NotAllowed):
        counts(actor=cast.actor(cast.employee))


def test_drill_down(rows):
    found = queries.rows("test.opened", MARCH, {"kind": "b"})
    assert sorted(found.values_list("number", flat=True)) == ["M4", "M5"]
    with pytest.raises(NotFound):
        queries.rows("test.on_time", MARCH)


def test_names_of_dimensions(rows):
    figures = queries.figure("test.opened", MARCH, by=("kind",))
    assert queries.names("test.opened", ("kind",), figures) == {("a",): ["报修"], ("b",): ["投诉"]}


def test_frozen_figures_stay(cast, rows):
    boss = reader(cast, cast.manager)
    asked_for = [("test.opened", ("kind",)), ("test.on_time", ())]
    with pytest.raises(Conflict):
        services.freeze(actor=boss, report="month", period=MARCH, asked=asked_for)
    with moment.frozen(NOW + timedelta(days=30)):
        first = services.freeze(actor=boss, report="month", period=MARCH, asked=asked_for)
        held = frozen.figures(first, "test.opened", ("kind",))
        assert held == queries.figure("test.opened", MARCH, ("kind",))
        make(9, at(20))
        assert frozen.figures(first, "test.opened", ("kind",)) == held
        assert services.untouched(first)
        with pytest.raises(Invalid):
            services.freeze(actor=boss, report="month", period=MARCH, asked=asked_for)
        second = services.freeze(actor=boss, report="month", period=MARCH, asked=asked_for, reason="补录工单")
        assert (second.version, frozen.latest("month", MARCH)) == (2, second)
        assert second.sha256 != first.sha256
        for verb in (
            lambda: FrozenFigure.objects.filter(freeze=first).update(numerator=99),
            FrozenFigure.objects.all().delete,
            first.delete,
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                verb()
        changed = list(first.figures.all())
        changed[0].numerator += 1
        assert services.digest(changed) != first.sha256
        assert services.untouched(second)


def test_the_api(cast, signed_in, rows):
    reader(cast, cast.repair_head)
    client = signed_in(cast.repair_head)
    answer = client.get("/api/v1/measures/test.opened", {"period": "2026-03", "by": "kind"})
    assert answer.status_code == 200
    assert answer.json()["definition"] == "时段内受理的工单数"
    assert "test.opened" in [one["code"] for one in client.get("/api/v1/measures").json()]
    assert client.get("/api/v1/measures/test.opened", {"period": "March"}).status_code == 422
    assert client.get("/api/v1/measures/test.opened", {"by": "x"}).status_code == 404
    assert client.get("/api/v1/measures/nothing").status_code == 404
    assert signed_in(cast.employee).get("/api/v1/measures/test.opened").status_code == 403
