"""What people do: pass on an offer, set the skill of a colleague."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.kit.errors import Conflict, NotFound
from kefu.people.actor import Actor
from kefu.touch.assignment.choices import Outcome
from kefu.touch.assignment.models import Offer, Skill
from kefu.touch.assignment.policies import may_set_skill
from kefu.touch.presence import queries as presence


def pass_on(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Let somebody else have it: the next person is asked at once. Raises ``Conflict`` when it is no longer offered."""
    mine = Offer.objects.filter(conversation_id=id, staff_id=actor.person_id, ended_at=None)
    if not mine.update(ended_at=moment.now(), outcome=Outcome.DECLINED):
        raise Conflict(_("This is no longer offered to you."))


def set_skill(*, actor: Actor, id: int, account_id: int, level: int) -> None:  # noqa: A002
    """How well a person serves a way in, 1 to 9; 0 takes the skill away. Raises ``NotFound``."""
    if not may_set_skill(actor, presence.unit_path_of(id)):
        raise NotFound()
    if level == 0:
        Skill.objects.filter(staff_id=id, account_id=account_id).delete()
        return
    Skill.objects.update_or_create(staff_id=id, account_id=account_id, defaults={"level": level})
