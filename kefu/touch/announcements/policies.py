"""The judge of announcements."""

from __future__ import annotations

from kefu.kit.moves import given
from kefu.people.actor import Actor
from kefu.touch.announcements import queries
from kefu.touch.announcements.choices import MOVES, Kind, Who
from kefu.touch.announcements.models import Announcement


def allowed(actor: Actor, announcement: Announcement) -> set[str]:
    """The commands a person may give to an announcement now."""
    who = set()
    if actor.can(queries.PUBLISH):
        who.add(Who.PUBLISHER)
    if actor.id is not None and actor.id in (announcement.subject.owner_id, queries.head_of(announcement)):
        who.add(Who.OWNER)
    if queries.must_read(actor, announcement.pk):
        who.add(Who.ADDRESSED)
    may = given(MOVES, announcement.state, who)
    if announcement.read_hours is None:
        may -= {"remind"}
    if announcement.kind != Kind.INFORMATION:
        may -= {"demand", "hand_in"} if Who.PUBLISHER in who else {"demand"}
    # Information is judged by when the centre received it.
    return may - {"publish"} if announcement.kind == Kind.INFORMATION and announcement.received_at is None else may
