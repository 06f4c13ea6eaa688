"""What the measures share: their dimensions with names, and which obligations count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock.choices import State
from kefu.engines.clock.models import LimitRule, Obligation, Recurrence
from kefu.engines.measures.counted import Counted
from kefu.engines.measures.registry import Dimension, Measure
from kefu.engines.rulebook.queries import code_name
from kefu.kit import moment
from kefu.kit.language import pick
from kefu.people.models import Unit


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


def due() -> QuerySet[Any, Any]:
    """The obligations that count on the day they are due: met, late, or open and overdue. Paused and void ones do not count."""
    judged = Q(state__in=(State.MET, State.LATE)) | Q(state=State.RUNNING, due_at__lte=moment.now())
    outcome = Case(
        When(state=State.MET, then=Value("met")),
        When(state=State.LATE, then=Value("late")),
        default=Value("open"),
        output_field=CharField(),
    )
    return Obligation.objects.filter(judged).annotate(outcome=outcome)


def owed(kind: str, *, only_by: str = "", kept: bool | None = None) -> Callable[[], Q]:
    """Which of the obligations due count: those on this kind of subject.

    ``only_by`` keeps limits that nothing but this moment meets (the result of an order, not its first answer). ``kept`` False: missed ones.
    """

    def among() -> Q:
        found = Q(subject__kind=kind)
        if only_by:
            found &= Q(code__in=list(LimitRule.objects.filter(met_by=[only_by]).values_list("code", flat=True).distinct()))
        return found & ~KEPT if kept is False else found

    return among


def by_limit(kind: str) -> Callable[[Mapping[str, Any]], QuerySet[Any, Any]]:
    """Where to find the obligations on a rare kind of subject: by the codes of its limits, and among the few that have no limit."""

    def found(span: Mapping[str, Any]) -> QuerySet[Any, Any]:
        codes = list(LimitRule.objects.filter(subject_kind=kind).values_list("code", flat=True).distinct())
        without = Obligation.objects.filter(rule=None).values("pk")
        return Obligation.objects.filter(code__in=codes, **span).values("pk").union(without, all=True)

    return found


def measure(code: str, name: Any, definition: Any, counted: Counted, dimensions: tuple[Dimension, ...], **more: Any) -> Measure:
    """A measure over ``counted``, whose rows are what it counts."""
    more = {"unit": "share", "source": counted, "kind": counted.kind, "rows": counted.behind, "stamp": counted.stamp, **more}
    return Measure(code=code, name=name, definition=definition, dimensions=dimensions, **more)
