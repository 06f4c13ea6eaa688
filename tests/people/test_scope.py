"""Who sees what: data scope by unit path, secrecy, taking part."""

from kefu.people import paths
from kefu.people.queries import head_above, superior_of
from kefu.timeline.choices import Secrecy
from kefu.timeline.models import Subject
from kefu.timeline.queries import visible_to
from kefu.timeline.services import watch


def numbers(actor):
    return set(visible_to(actor).values_list("number", flat=True))


def test_unit_and_below_is_a_range_of_paths():
    low, high = paths.below("000001000004")
    assert low <= "000001000004" < high
    assert low <= "000001000004000007" < high
    assert not low <= "000001000005" < high
    assert not low <= "000001" < high


def test_scope(cast):
    for number, home in (("A", cast.team), ("B", cast.repair), ("C", cast.cleaning)):
        Subject.objects.create(kind="test", number=number, unit_path=home.path)
    assert numbers(cast.actor(cast.manager)) == {"A", "B", "C"}
    assert numbers(cast.actor(cast.repair_head)) == {"A", "B"}
    assert numbers(cast.actor(cast.crew_leader)) == {"A"}
    assert numbers(cast.actor(cast.employee)) == set()


def test_an_owner_or_watcher_sees_beyond_scope(cast):
    Subject.objects.create(kind="test", number="A", unit_path=cast.cleaning.path, owner=cast.employee)
    watched = Subject.objects.create(kind="test", number="B", unit_path=cast.cleaning.path)
    watch(subject_id=watched.pk, staff_id=cast.employee.pk)
    assert numbers(cast.actor(cast.employee)) == {"A", "B"}


def test_a_secret_shows_only_to_those_who_take_part_or_hold_the_right(cast):
    secret = Subject.objects.create(kind="test", number="S", unit_path=cast.team.path, secrecy=Secrecy.SECRET)
    assert numbers(cast.actor(cast.repair_head)) == set()
    assert numbers(cast.actor(cast.manager)) == {"S"}
    watch(subject_id=secret.pk, staff_id=cast.crew.pk)
    assert numbers(cast.actor(cast.crew)) == {"S"}


def test_superiors(cast):
    assert superior_of(cast.crew.pk) == cast.crew_leader.pk
    assert superior_of(cast.crew.pk, levels=2) == cast.repair_head.pk
    assert superior_of(cast.crew_leader.pk) == cast.repair_head.pk
    assert superior_of(cast.boss.pk) is None
    assert head_above(cast.team.path) == cast.crew_leader.pk
