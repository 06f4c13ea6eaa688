"""Retention, erasure with a proof, and blanking inside the history."""

import hashlib
from datetime import UTC, datetime

import pytest

from kefu.engines.privacy import retention, services
from kefu.engines.privacy.models import ErasureProof, RetentionRule
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotAllowed, NotFound
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event, Subject
from kefu.timeline.services import add_note, record_one

NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)


def ended(number, at):
    return Subject.objects.create(kind="test.person", number=number, title=f"person {number}", closed_at=at)


@pytest.mark.parametrize(
    ("months", "day"), [(1, "2026-02-28"), (12, "2025-03-31"), (25, "2024-02-29"), (3, "2025-12-31"), (2, "2026-01-31")]
)
def test_months_back_end_on_the_last_day(months, day):
    assert retention.months_before(NOW, months).date().isoformat() == day


def test_what_outlived_its_rule_goes_with_a_proof(db):
    old = [ended(n, datetime(2024, 3, 30, tzinfo=UTC)) for n in "ab"]
    young = ended("c", datetime(2024, 4, 1, tzinfo=UTC))
    running = ended("d", None)
    with moment.frozen(NOW):
        assert retention.due_for_erasure("test.people") == []
        retention.set_rule(actor=SYSTEM, data_kind="test.people", months=24, basis="PIPL art. 19", clauses=["R-00-1a"])
        assert sorted(retention.due_for_erasure("test.people")) == [one.pk for one in old]
        proof = retention.erase_due(actor=SYSTEM, data_kind="test.people")
        assert retention.erase_due(actor=SYSTEM, data_kind="test.people") is None
    assert proof is not None
    assert (proof.count, proof.rows, proof.months, proof.basis, proof.clauses) == (2, 2, 24, "PIPL art. 19", ["R-00-1a"])
    assert proof.digest == hashlib.sha256(f"{old[0].pk}\n{old[1].pk}".encode()).hexdigest()
    titles = dict(Subject.objects.values_list("pk", "title"))
    assert titles == {old[0].pk: "", old[1].pk: "", young.pk: "person c", running.pk: "person d"}


def test_a_batch_at_a_time(db):
    for n in "abc":
        ended(n, datetime(2020, 1, 1, tzinfo=UTC))
    retention.set_rule(actor=SYSTEM, data_kind="test.people", months=1, basis="law")
    while retention.erase_due(actor=SYSTEM, data_kind="test.people", limit=2):
        pass
    assert list(ErasureProof.objects.order_by("id").values_list("count", flat=True)) == [2, 1]


def test_a_rule_names_its_kind_its_time_and_its_basis(cast):
    with pytest.raises(Invalid) as refused:
        retention.set_rule(actor=SYSTEM, data_kind="nothing", months=0, basis="")
    assert set(refused.value.fields) == {"data_kind", "months", "basis"}
    with pytest.raises(NotAllowed):
        retention.set_rule(actor=cast.actor(cast.manager), data_kind="test.people", months=1, basis="law")
    with pytest.raises(NotAllowed):
        retention.erase_due(actor=cast.actor(cast.manager), data_kind="test.people")
    with pytest.raises(NotFound):
        retention.due_for_erasure("nothing")


def test_history_is_blanked_but_stays(cast, person):
    first = record_one(actor_id=None, subject_id=person.pk, kind="note.added", data={"caller": "张三", "limit": 48})
    second = record_one(actor_id=None, subject_id=person.pk, kind="note.added", data={"limit": 24})
    assert services.blank_events(person.pk, keys={"caller"}) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.data, second.data) == ({"limit": 48}, {"limit": 24})
    assert first.blanked_at is not None
    assert second.blanked_at is None
    note = add_note(actor_id=cast.agent.pk, subject_id=person.pk, text="张三 13812341234")
    assert services.blank_events(person.pk) == 2
    assert services.blank_notes(person.pk) == 1
    note.refresh_from_db()
    assert note.text == ""
    assert set(Event.objects.filter(subject=person).values_list("kind", flat=True)) == {"note.added"}
    assert "138" not in str(list(Event.objects.filter(subject=person).values_list("data", flat=True)))


def test_every_night_the_active_rules_are_carried_out(db):
    for n in "abc":
        ended(n, datetime(2020, 1, 1, tzinfo=UTC))
    rule = retention.set_rule(actor=SYSTEM, data_kind="test.people", months=1, basis="law", active=False)
    RetentionRule.objects.create(data_kind="no longer declared", months=1, basis="law")
    assert retention.erase_all() == 0
    RetentionRule.objects.filter(pk=rule.pk).update(active=True)
    assert retention.erase_all() == 1
    assert ErasureProof.objects.get().count == 3
    assert retention.erase_all() == 0
