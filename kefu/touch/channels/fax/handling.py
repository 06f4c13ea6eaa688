"""What a person does with a fax that waits."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Conflict, Invalid
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.touch.channels.fax import asking, policies, queries, tasks
from kefu.touch.channels.fax.choices import State, Why
from kefu.touch.channels.fax.models import Sheet
from kefu.touch.conversations import services as talks


def _held(actor: Actor, sheet_id: int, command: str) -> Sheet:
    row = queries.sheet(actor, sheet_id)
    held = Sheet.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if command not in policies.allowed(actor, held):
        raise Conflict()
    return held


@transaction.atomic
def take_in(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Draw it once more."""
    held = _held(actor, id, "take_in")
    Sheet.objects.filter(pk=held.pk).update(state=State.WAITING, why=Why.NONE, reason="")
    tasks.again(held.pk)
    audit.of_house(actor_id=actor.id, kind="fax.settled", data={"id": held.pk, "how": "take_in"})


@transaction.atomic
def lay_aside(*, actor: Actor, id: int, reason: str) -> None:  # noqa: A002
    """It is nothing for us, and why; it is kept, and listed with what else was laid aside. Raises ``Invalid`` without a reason."""
    words = talks.clean(reason, 500).strip()
    if not words:
        raise Invalid(fields={"reason": _("Please fill this in.")})
    held = _held(actor, id, "lay_aside")
    Sheet.objects.filter(pk=held.pk).update(state=State.ASIDE, reason=words)
    audit.of_house(actor_id=actor.id, kind="fax.settled", data={"id": held.pk, "how": "lay_aside"})
    transaction.on_commit(lambda: asking.laid_aside(held))
