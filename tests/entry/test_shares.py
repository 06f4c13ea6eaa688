"""Who is told which events is judged once for many: it is what each would be told alone."""

from __future__ import annotations

import itertools

from kefu.entry.front.live import Shares, may_see, takes_part
from kefu.people.actor import Actor
from kefu.timeline.choices import Audience, Secrecy
from kefu.timeline.feed import Entry

PATHS, OWNERS = ("A/", "B/"), (None, 1, 2)


def test_each_is_told_what_he_would_be_told_alone():
    kinds = itertools.product(PATHS, OWNERS, (Audience.STAFF, Audience.AUDIT), (Secrecy.ORDINARY, Secrecy.SECRET))
    entries = [
        Entry(0, number, 100 + number, "x", None, audience, "order", path, owner, secrecy)
        for number, (path, owner, audience, secrecy) in enumerate(kinds)
    ]
    watched = {entries[5].subject_id: {3}}
    reaches = ((("A/", "A0"),), (("B/", "B0"),), ())
    rights = (frozenset(), frozenset({"audit.see"}), frozenset({"secrets.see", "audit.see"}))
    people = [Actor(id=pk, rights=may, path_ranges=reach) for pk, may, reach in itertools.product((1, 2, 3, 4, 5), rights, reaches)]
    shares = Shares([(one, b"%d" % one.id) for one in entries], watched)
    told = set()
    for actor in people:
        alone = [b"%d" % one.id for one in entries if may_see(actor, one, watched)]
        assert shares.of(actor) == alone
        assert shares.own(actor) == [b"%d" % one.id for one in entries if takes_part(actor, one, watched) and may_see(actor, one, watched)]
        told.add(tuple(alone))
    assert len(told) > 10
    assert len(shares.common) == len(rights) * len(reaches)
