"""Who may be the same customer: proposed by number, mail address, or name and address; a person decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.kit.errors import Conflict, NotAllowed
from kefu.people.actor import Actor
from kefu.timeline.services import record_one
from kefu.touch.customers import queries
from kefu.touch.customers.choices import Ground
from kefu.touch.customers.models import ContactPoint, Customer, Likeness

BATCH = 500
# A number that more files share belongs to a switchboard or a counter, not to a person.
MOST_ALIKE = 8
Pair = tuple[int, int]


def compare(ids: Iterable[int]) -> int:
    """Propose what is like these files, in a few statements whatever their number; the answer is how many pairs are new.

    What was kept apart before is not proposed again.
    """
    wanted = set(ids)
    pairs = {**_same_name_and_address(wanted), **_same_point(wanted)}
    with transaction.atomic():
        Customer.objects.filter(pk__in=wanted).update(compared_at=moment.now())
        known = set(Likeness.objects.filter(one_id__in={one for one, _other in pairs}).values_list("one_id", "other_id"))
        fresh = [Likeness(one_id=one, other_id=other, ground=ground) for (one, other), ground in pairs.items() if (one, other) not in known]
        Likeness.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _among(groups: dict[object, set[int]], wanted: set[int], ground: Ground) -> dict[Pair, Ground]:
    return {
        (min(one, other), max(one, other)): ground
        for held in groups.values()
        if 1 < len(held) <= MOST_ALIKE
        for one in held & wanted
        for other in held - {one}
    }


def _same_point(wanted: set[int]) -> dict[Pair, Ground]:
    found: dict[Pair, Ground] = {}
    for kind, ground in (("phone", Ground.PHONE), ("email", Ground.EMAIL)):
        values = ContactPoint.objects.filter(customer_id__in=wanted, kind=kind).values_list("value", flat=True)
        holders: dict[object, set[int]] = defaultdict(set)
        rows = ContactPoint.objects.filter(kind=kind, value__in=list(values), customer__merged_into=None)
        for value, customer_id in rows.values_list("value", "customer_id")[: BATCH * MOST_ALIKE]:
            holders[value].add(customer_id)
        found |= _among(holders, wanted, ground)
    return found


def _same_name_and_address(wanted: set[int]) -> dict[Pair, Ground]:
    own = Customer.objects.filter(pk__in=wanted, merged_into=None).exclude(address="").values_list("name", "address")
    alike = Q(pk__in=[])
    for name, address in set(own):
        alike |= Q(name=name, address=address)
    holders: dict[object, set[int]] = defaultdict(set)
    rows = Customer.objects.filter(alike, merged_into=None).values_list("name", "address", "pk")
    for name, address, customer_id in rows[: BATCH * MOST_ALIKE]:
        holders[name, address].add(customer_id)
    return _among(holders, wanted, Ground.PLACE)


def compare_new() -> int:
    """What came in by itself (imports) is compared in the background, at most ``BATCH`` files at a time; the answer is how many."""
    ids = list(Customer.objects.filter(compared_at=None).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if ids:
        compare(ids)
    return len(ids)


@transaction.atomic
def keep_apart(*, actor: Actor, id: int, other: int) -> None:  # noqa: A002
    """Two files that look alike are two customers; this is not proposed again. Raises ``NotFound``, ``Conflict``, ``NotAllowed``."""
    if not actor.can(queries.MERGE):
        raise NotAllowed()
    queries.get(actor, id)
    pair = Likeness.objects.filter(one_id=min(id, other), other_id=max(id, other), settled_at=None)
    if not pair.update(settled_at=moment.now(), settled_by_id=actor.person_id):
        raise Conflict(_("This is not proposed any more."))
    record_one(actor_id=actor.id, subject_id=id, kind="customer.kept_apart", data={"other": queries.number_of(other)})
