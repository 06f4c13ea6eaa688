"""How a measure is made of rows: counted on the day of one stamp, split by columns, the same rows behind every figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock.choices import State
from kefu.engines.clock.models import LimitRule, Obligation, Recurrence
from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import fields_of
from kefu.engines.filters.spans import start_of
from kefu.engines.measures.period import Period, today
from kefu.engines.measures.registry import Dimension, Measure, Part, Which
from kefu.engines.measures.registry import Value as Dim
from kefu.engines.measures.sources import per_day
from kefu.engines.rulebook.queries import code_name
from kefu.kit import moment
from kefu.kit.language import pick
from kefu.people.models import Unit

Source = Callable[[date, date, Any], Iterable[Part]]


@dataclass(frozen=True)
class Counted:
    """Rows counted on the day of ``stamp``. ``columns`` are the dimensions in their order: code to column.

    ``good`` are the rows of the numerator (None: all). ``over`` and ``under`` are other aggregates in place of counts.
    """

    rows: Callable[[], QuerySet[Any, Any]]
    stamp: str
    columns: Mapping[str, str] = field(default_factory=dict)
    good: Q | None = None
    over: Any = None
    under: Any = None
    kind: str = ""

    def parts(self, first: date, last: date, tree: Any) -> Iterator[Part]:
        """The source of a measure."""
        chosen = self.rows()
        if tree:
            chosen = chosen.filter(to_q(tree, fields_of(self.kind), at=moment.now()))
        over = Count("pk", filter=self.good) if self.good is not None else self.over
        made = per_day(
            chosen, stamp=self.stamp, first=first, last=last, dims=tuple(self.columns.values()), numerator=over, denominator=self.under
        )
        for part in made:
            yield part._replace(numerator=seconds(part.numerator), denominator=seconds(part.denominator))

    def behind(self, period: Period, dims: Mapping[str, Dim], which: Which) -> QuerySet[Any, Any]:
        """The rows behind a figure, up to today."""
        end = min(period.end, start_of(today() + timedelta(days=1)))
        found = self.rows().filter(**{f"{self.stamp}__gte": period.start, f"{self.stamp}__lt": end})
        for code, value in dims.items():
            column = self.columns.get(code)
            if column is not None:
                test: dict[str, Any] = {f"{column}__isnull": True} if value is None else {column: value}
                found = found.filter(**test)
        if which == "all" or self.good is None:
            return found
        return found.filter(self.good if which == "good" else ~self.good)


def seconds(value: Any) -> Any:
    """Lengths of time as seconds; other numbers as they are."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def joined(*sources: Source) -> Source:
    """The parts of several sources: a denominator that comes from elsewhere, a time that is taken off."""

    def read(first: date, last: date, tree: Any) -> Iterator[Part]:
        for one in sources:
            yield from one(first, last, tree)

    return read


def only(source: Source, *, numerator: int = 0, denominator: int = 0) -> Source:
    """What ``source`` counts, as numerator, as denominator, or taken off (-1)."""

    def read(first: date, last: date, tree: Any) -> Iterator[Part]:
        for part in source(first, last, tree):
            yield part._replace(numerator=part.numerator * numerator, denominator=part.numerator * denominator)

    return read


def unit_names(paths: list[Any]) -> dict[Any, str]:
    rows = Unit.objects.filter(path__in=[path for path in paths if path]).values_list("path", "name", "name_en")
    return {path: pick(name, name_en) for path, name, name_en in rows} | {"": str(_("No unit"))}


def limit_names(codes: list[Any]) -> dict[Any, str]:
    """Names of limits and recurring duties, those of the newest version."""
    known = {
        code: pick(name, name_en)
        for code, name, name_en in Recurrence.objects.filter(code__in=codes).values_list("code", "name", "name_en")
    }
    rows = LimitRule.objects.filter(code__in=codes).order_by("valid_from")
    return known | {code: pick(name, name_en) for code, name, name_en in rows.values_list("code", "name", "name_en")}


def listed(*lists: str, empty: Any = "--") -> Callable[[list[Any]], dict[Any, str]]:
    """Names from code lists; a code that stands in several has the name of the first that knows it."""

    def names(codes: list[Any]) -> dict[Any, str]:
        found: dict[Any, str] = {"": str(empty)}
        for code in filter(None, codes):
            told = (code_name(one, code) for one in lists)
            found[code] = next((name for name in told if name != code), code)
        return found

    return names


def chosen(choices: Any, empty: Any = "--") -> Callable[[list[Any]], dict[Any, str]]:
    """Names of choices; ``empty`` is what a missing one is called."""
    return lambda codes: {
        code: str(choices(code).label) if code in choices.values else str(empty if code == "" else code) for code in codes
    }


OUTCOMES = {"met": _("In time"), "late": _("Late"), "open": _("Open and overdue")}
UNIT = Dimension("unit", _("Unit"), unit_names)
LIMIT = Dimension("code", _("Limit"), limit_names)
OUTCOME = Dimension("outcome", _("Outcome"), lambda codes: {code: str(OUTCOMES.get(code, code)) for code in codes})
KEPT = Q(state=State.MET)


def due(*, of_kind: str = "", only_by: str = "") -> QuerySet[Any, Any]:
    """The obligations that count on the day they are due: met, late, or open and overdue. Paused and void ones do not count.

    ``only_by`` keeps limits that nothing but this moment meets (the result of an order, not its first answer).
    """
    judged = Q(state__in=(State.MET, State.LATE)) | Q(state=State.RUNNING, due_at__lte=moment.now())
    rows = Obligation.objects.filter(judged)
    if of_kind:
        rows = rows.filter(subject__kind=of_kind)
    if only_by:
        rows = rows.filter(code__in=list(LimitRule.objects.filter(met_by=[only_by]).values_list("code", flat=True).distinct()))
    outcome = Case(
        When(state=State.MET, then=Value("met")),
        When(state=State.LATE, then=Value("late")),
        default=Value("open"),
        output_field=CharField(),
    )
    return rows.annotate(outcome=outcome)


def measure(code: str, name: Any, definition: Any, counted: Counted, dimensions: tuple[Dimension, ...], **more: Any) -> Measure:
    """A measure over ``counted``, whose rows are what it counts."""
    more = {"unit": "share", "source": counted.parts, "kind": counted.kind, "rows": counted.behind, **more}
    return Measure(code=code, name=name, definition=definition, dimensions=dimensions, **more)
