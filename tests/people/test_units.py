"""The tree of units: made, changed, moved with everything below, closed."""

import pytest

from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people import units
from kefu.people.models import Staff, Unit
from kefu.people.queries import superior_of
from kefu.timeline.models import Event, Subject
from kefu.timeline.queries import visible_to


@pytest.fixture
def admin(cast):
    return cast.actor(cast.admin)


def test_a_new_unit_hangs_below_its_parent(cast, admin):
    made = units.create_unit(actor=admin, code="team2", name="维修二班", parent=cast.repair.pk)
    assert made.path == f"{cast.repair.path}{made.pk:06d}"
    with pytest.raises(Invalid):
        units.create_unit(actor=admin, code="team2", name="again")


def test_only_who_manages_may(cast):
    manager = cast.actor(cast.manager)
    with pytest.raises(NotAllowed):
        units.create_unit(actor=manager, code="x", name="x")
    with pytest.raises(NotFound):
        units.move_unit(actor=manager, id=cast.team.pk, parent=cast.centre.pk)


def test_a_moved_unit_takes_what_is_below_and_its_cases_along(cast, admin):
    below = units.create_unit(actor=admin, code="night", name="夜班", parent=cast.team.pk)
    own = Subject.objects.create(kind="test", number="A", unit_path=cast.team.path)
    deep = Subject.objects.create(kind="test", number="B", unit_path=below.path)
    other = Subject.objects.create(kind="test", number="C", unit_path=cast.repair.path)
    units.move_unit(actor=admin, id=cast.team.pk, parent=cast.centre.pk)
    cast.team.refresh_from_db()
    below.refresh_from_db()
    assert cast.team.path == f"{cast.centre.path}{cast.team.pk:06d}"
    assert below.path == f"{cast.team.path}{below.pk:06d}"
    assert cast.team.parent_id == cast.centre.pk
    paths = dict(Subject.objects.filter(kind="test").values_list("number", "unit_path"))
    assert paths == {"A": cast.team.path, "B": below.path, "C": cast.repair.path}
    assert set(visible_to(cast.actor(cast.crew_leader)).values_list("pk", flat=True)) == {own.pk}
    assert set(visible_to(cast.actor(cast.repair_head)).values_list("pk", flat=True)) == {other.pk}
    assert deep.pk
    assert superior_of(cast.crew_leader.pk) == cast.manager.pk
    event = Event.objects.get(kind="account.unit_moved")
    assert event.actor_id == cast.admin.pk


def test_a_unit_moves_to_the_top_and_back(cast, admin):
    before = cast.team.path
    units.move_unit(actor=admin, id=cast.team.pk, parent=None)
    assert Unit.objects.get(pk=cast.team.pk).path == f"{cast.team.pk:06d}"
    units.move_unit(actor=admin, id=cast.team.pk, parent=cast.repair.pk)
    assert Unit.objects.get(pk=cast.team.pk).path == before


def test_no_unit_stands_below_itself(cast, admin):
    for parent in (cast.repair.pk, cast.team.pk):
        with pytest.raises(Invalid):
            units.move_unit(actor=admin, id=cast.repair.pk, parent=parent)


def test_the_tree_ends_at_twenty_levels(cast, admin):
    parent = cast.company.pk
    for level in range(2, 21):
        parent = units.create_unit(actor=admin, code=f"l{level}", name="x", parent=parent).pk
    with pytest.raises(Invalid):
        units.create_unit(actor=admin, code="l21", name="x", parent=parent)
    with pytest.raises(Invalid):
        units.move_unit(actor=admin, id=cast.team.pk, parent=parent)


def test_a_unit_in_use_is_not_closed(cast, admin):
    for unit in (cast.repair, cast.cleaning):
        with pytest.raises(Conflict):
            units.close_unit(actor=admin, id=unit.pk)
    empty = units.create_unit(actor=admin, code="empty", name="空", parent=cast.repair.pk)
    units.close_unit(actor=admin, id=empty.pk)
    with pytest.raises(NotAllowed):
        units.change_unit(actor=admin, id=empty.pk, name="x")
    units.reopen_unit(actor=admin, id=empty.pk)
    assert Unit.objects.get(pk=empty.pk).active


def test_the_head_is_a_person_with_an_open_account(cast, admin):
    Staff.objects.filter(pk=cast.crew.pk).update(is_active=False)
    with pytest.raises(Invalid):
        units.change_unit(actor=admin, id=cast.team.pk, head=cast.crew.pk)
    units.change_unit(actor=admin, id=cast.team.pk, head=cast.repair_head.pk)
    assert Unit.objects.get(pk=cast.team.pk).head_id == cast.repair_head.pk
