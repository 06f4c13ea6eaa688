"""What a person does with the quarantine."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.files import services as files
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.touch.channels.email import policies, queries, services
from kefu.touch.channels.email.choices import Settled, Why
from kefu.touch.channels.email.models import Quarantined
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account


def _held(actor: Actor, entry_id: int) -> Quarantined:
    row = queries.entry(actor, entry_id)
    Quarantined.objects.select_for_update(of=("self",)).filter(pk=entry_id).first()
    row.refresh_from_db(fields=["settled"])
    if not policies.allowed(actor, row):
        raise Conflict()
    return row


@transaction.atomic
def take_in(*, actor: Actor, id: int, account_id: int | None = None) -> int:  # noqa: A002
    """Take the letter in once more, as one to ``account_id`` if that is given; the answer is the conversation.

    Raises ``Invalid`` with the reason if it still cannot be taken in; then it stays where it is.
    """
    row = _held(actor, id)
    account = row.account
    if account_id is not None:
        account = Account.objects.filter(pk=account_id, channel=Channel.EMAIL).select_related("unit").first()
        if account is None:
            raise Invalid(fields={"account_id": _("There is no such mailbox.")})
    done = services.ingest(files.read(row.file_id), account=account)
    if done.result == "quarantined":
        row.refresh_from_db()
        raise Invalid(
            _("It still cannot be taken in: %(why)s. %(detail)s"), code="still_quarantined", why=Why(row.why).label, detail=row.detail
        )
    _settle(actor, row, Settled.TAKEN_IN)
    return done.id


@transaction.atomic
def lay_aside(*, actor: Actor, id: int) -> None:  # noqa: A002
    """It is nothing for us; it is kept and no longer listed."""
    _settle(actor, _held(actor, id), Settled.ASIDE)


def _settle(actor: Actor, row: Quarantined, how: Settled) -> None:
    Quarantined.objects.filter(pk=row.pk).update(settled=how, settled_at=moment.now(), settled_by_id=actor.id)
    audit.of_house(actor_id=actor.id, kind="mailbox.quarantine", data={"id": row.pk, "how": str(how)})
