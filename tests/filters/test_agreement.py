"""Memory and database mean the same by a condition: asked of the same rows, both give the same ones."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import FieldSpec
from kefu.engines.filters.memory import matches
from kefu.engines.filters.tree import NAMED_SPANS, UNITS, BadTree
from kefu.kit import moment
from kefu.people import paths
from kefu.people.actor import Actor
from kefu.people.models import Staff, Unit
from kefu.timeline.models import Subject

AT = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
FIELDS = {
    spec.code: spec
    for spec in (
        FieldSpec("title", "title", "text", "title"),
        FieldSpec("kind", "kind", "choice", "kind"),
        FieldSpec("secrecy", "secrecy", "number", "secrecy", integer=True),
        FieldSpec("unit", "unit", "unit", "unit_path"),
        FieldSpec("owner", "owner", "staff", "owner_id"),
        FieldSpec("opened", "opened", "datetime", "opened_at"),
        FieldSpec("closed", "closed", "datetime", "closed_at"),
        FieldSpec("closed_day", "closed on", "date", "closed_at__date"),
        FieldSpec("tree", "tree", "path", "number"),
        FieldSpec("home_takes", "home takes orders", "bool", "owner__unit__takes_orders"),
        FieldSpec("mine", "mine", "text", lambda op, value, at: to_q({"field": "title", "op": op, "value": value}, FIELDS, at=at)),
    )
}
TITLES = ["", "Pump", "pump 50%_off", "水泵", "停水\\n", "ÄRGER", "ärger", "😀 ok", "a'b\"c", "000005"]
TIMES = [AT + timedelta(hours=hours) for hours in (-24 * 40, -24 * 8, -36, -12, -4, -1, 0, 1, 12, 30, 24 * 20)]
DAYS = ["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12", "2026-02-28"]
STAMPS = ["2026-03-11T12:00:00", "2026-03-11T04:00:00+00:00", "2026-03-10T00:00:00+08:00"]
_times = st.sampled_from(DAYS + STAMPS)
_text = st.one_of(
    st.sampled_from(TITLES),
    st.sampled_from(["p", "PUMP", "水", "%", "_", "\\", "50%", "är", "A"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=3),
)
_numbers = st.one_of(st.integers(-2, 3), st.sampled_from([0.5, -0.5, 1.0, 1.5, "1", 10**14]))
_spans = st.one_of(
    st.sampled_from(NAMED_SPANS),
    st.builds(lambda way, n, unit: {way: n, "unit": unit}, st.sampled_from(["last", "next"]), st.integers(1, 40), st.sampled_from(UNITS)),
)
VALUES = {
    "text": _text,
    "choice": st.sampled_from(["order", "complaint", "", "other"]),
    "number": _numbers,
    "unit": st.one_of(st.integers(1, 6), st.sampled_from(["000001", "000001000002"])),
    "staff": st.one_of(st.integers(0, 4), st.just("me")),
    "datetime": _times,
    "date": _times,
    "path": st.sampled_from(["", "a", "a/", "a/b/", "A/", "000001", "999999", "%"]),
    "bool": st.booleans(),
}


@st.composite
def leaves(draw):
    spec = FIELDS[draw(st.sampled_from(list(FIELDS)))]
    op = draw(st.sampled_from(spec.allowed_ops))
    value = VALUES[spec.kind]
    given_value = {
        "in": st.lists(value, max_size=3),
        "not_in": st.lists(value, max_size=3),
        "between": st.lists(value, min_size=2, max_size=2),
        "within": _spans,
        "empty": st.none(),
        "not_empty": st.none(),
    }.get(op, value)
    return {"field": spec.code, "op": op, "value": draw(given_value)}


TREES = st.recursive(
    st.one_of(leaves(), leaves(), st.just({})),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)


class Agreement(TestCase):
    @classmethod
    def setUpTestData(cls):
        company = Unit.objects.create(pk=1, code="company", name="公司", path="000001")
        team = Unit.objects.create(pk=2, code="team", name="班组", path=paths.child("000001", 2), parent=company, takes_orders=False)
        for number, home in ((1, company), (2, team)):
            Staff.objects.create(pk=number, username=f"u{number}", number=f"{number}", name="王", unit=home, password="!")
        numbers = ["a/", "a/b/", "A/b/", "000001000002", "999999000001", "b", "a", "x%", "0", "1", "2", "3", "4", "5", "6"]
        for index, number in enumerate(numbers):
            Subject.objects.create(
                kind=["order", "complaint", ""][index % 3],
                number=number,
                title=TITLES[index % len(TITLES)],
                unit_path=["", "000001", "000001000002"][index % 3],
                owner_id=[None, 1, 2][index % 3 if index % 5 else 0],
                secrecy=index % 2,
                opened_at=TIMES[index % len(TIMES)],
                closed_at=None if index % 4 == 0 else TIMES[-(index % len(TIMES)) - 1],
            )
        cls.facts = {}
        for one in Subject.objects.select_related("owner__unit"):
            cls.facts[one.pk] = {
                "title": one.title,
                "mine": one.title,
                "kind": one.kind,
                "secrecy": one.secrecy,
                "unit": one.unit_path,
                "owner": one.owner_id,
                "opened": one.opened_at,
                "closed": one.closed_at,
                "closed_day": one.closed_at and timezone.localtime(one.closed_at).date(),
                "tree": one.number,
                "home_takes": one.owner and one.owner.unit.takes_orders,
            }

    @settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(TREES)
    def test_same_rows(self, tree):
        actor = Actor(id=2)
        with moment.frozen(AT):
            from_rows = set(Subject.objects.filter(to_q(tree, FIELDS, actor=actor, at=AT)).values_list("pk", flat=True))
            from_facts = {pk for pk, facts in self.facts.items() if matches(tree, facts, at=AT, actor_id=2)}
        assert from_rows == from_facts


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"all": [{"field": "colour", "op": "eq", "value": "red"}]}, "all.0.field"),
        ({"field": "owner", "op": "contains", "value": "x"}, "op"),
        ({"field": "secrecy", "op": "eq", "value": "many"}, "value"),
        ({"field": "opened", "op": "lt", "value": "soon"}, "value"),
        ({"not": {"field": "owner", "op": "in", "value": [1, "you"]}}, "not.value"),
        ({"field": "unit", "op": "under", "value": "12"}, "value"),
    ],
)
def test_what_does_not_fit_the_fields_is_refused(tree, place):
    with pytest.raises(BadTree) as caught:
        to_q(tree, FIELDS, at=AT)
    assert list(caught.value.fields) == [place]
