"""What a person does with the quarantine, and a person who is forgotten in letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Lower, Replace
from django.utils.translation import gettext_lazy as _

from kefu.engines.files import services as files
from kefu.kit import moment, sentences
from kefu.kit.errors import Conflict, Invalid
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.touch.channels.email import policies, queries, services
from kefu.touch.channels.email.choices import Settled, Why
from kefu.touch.channels.email.models import Outgoing, Quarantined, Recipients
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.services import Account, Message

FIELDS = ("to", "cc", "bcc")
NOBODY = ["", ""]  # whoever stood behind keeps his place, by which a page that is open chooses him


def _held(actor: Actor, entry_id: int, command: str) -> Quarantined:
    row = queries.entry(actor, entry_id)
    Quarantined.objects.select_for_update(of=("self",)).filter(pk=entry_id).first()
    row.refresh_from_db(fields=["settled"])
    if command not in policies.allowed(actor, row):
        raise Conflict()
    return row


@transaction.atomic
def take_in(*, actor: Actor, id: int, account_id: int | None = None) -> int:  # noqa: A002
    """Take the letter in once more, as one to ``account_id`` if that is given; the answer is the conversation.

    Raises ``Invalid`` with the reason if it still cannot be taken in; then it stays where it is.
    """
    row = _held(actor, id, "take_in")
    account = row.account
    if account_id is not None:
        account = Account.objects.filter(pk=account_id, channel=Channel.EMAIL).select_related("unit").first()
        if account is None:
            raise Invalid(fields={"account_id": _("There is no such mailbox.")})
    done = services.ingest(files.read(row.file_id), account=account)
    if done.result == "quarantined":
        row.refresh_from_db()
        raise Invalid(
            _("It still cannot be taken in: %(why)s. %(detail)s"),
            code="still_quarantined",
            why=Why(row.why).label,
            detail=sentences.shown(row.detail),
        )
    _settle(actor, row, Settled.TAKEN_IN)
    return done.id


@transaction.atomic
def lay_aside(*, actor: Actor, id: int, reason: str) -> None:  # noqa: A002
    """It is nothing for us, and why; it is kept, and listed with what else was laid aside. Raises ``Invalid`` without a reason."""
    words = talks.clean(reason, 500).strip()
    if not words:
        raise Invalid(fields={"reason": _("Please fill this in.")})
    _settle(actor, _held(actor, id, "lay_aside"), Settled.ASIDE, words)


def _settle(actor: Actor, row: Quarantined, how: Settled, reason: str = "") -> None:
    Quarantined.objects.filter(pk=row.pk).update(settled=how, settled_at=moment.now(), settled_by_id=actor.id, reason=reason)
    audit.of_house(actor_id=actor.id, kind="mailbox.quarantine", data={"id": row.pk, "how": str(how)})


def forget(addresses: Collection[str]) -> int:
    """A person is forgotten in the letters of others, too: as who wrote, who was to read, and who got a copy, with the names beside these
    addresses; gives how many rows were touched. In the transaction of the caller."""
    rows = 0
    for address in {one.strip().lower() for one in addresses if "@" in one}:
        rows += sum(_left_out(row, address) for row in _naming(address))
        rows += written_by(address).update(sender="")
        rows += _of_replies(address)
    return rows


def written_by(address: str) -> QuerySet[Message]:
    """The letters of this writer, by their own index: ``address`` in small letters."""
    return Message.objects.alias(writer=Lower("sender")).filter(writer=address, sender__contains="@", account__channel=Channel.EMAIL)


def _naming(address: str) -> QuerySet[Recipients]:
    found = {f"{name}_words": Lower(Cast(name, TextField())) for name in (*FIELDS, "refused")}
    wanted = Q()
    for name in found:
        wanted |= Q(**{f"{name}__contains": address})
    return Recipients.objects.annotate(**found).filter(wanted)


def _left_out(row: Recipients, address: str) -> bool:
    """Take the address out of one letter; another may contain it."""
    before = [getattr(row, name) for name in (*FIELDS, "refused")]
    for name in FIELDS:
        setattr(row, name, [_without(pair, address) for pair in getattr(row, name)])
    row.refused = {one: said for one, said in row.refused.items() if one.lower() != address}
    changed = before != [getattr(row, name) for name in (*FIELDS, "refused")]
    if changed:
        row.save(update_fields=[*FIELDS, "refused"])
    return changed


def _without(pair: Sequence[str], address: str) -> Sequence[str]:
    return NOBODY if pair[1].lower() == address else pair


def _of_replies(address: str) -> int:
    """Replies that went to him, or that say above what they quote that he wrote it."""
    rows = Outgoing.objects.filter(recipient__iexact=address).update(recipient="")
    waiting = Outgoing.objects.annotate(words=Lower(Cast("left", TextField()))).filter(words__contains=address)
    for held in waiting:
        held.left = ["" if one.lower() == address else one for one in held.left]  # an empty list would mean everybody
        held.save(update_fields=["left"])
        rows += 1
    quoting = list(Outgoing.objects.filter(head__icontains=address).values_list("pk", "head"))
    for pk, head in quoting:
        Message.objects.filter(pk=pk).update(text=Replace(F("text"), Value(head), Value("")))
    return rows + Outgoing.objects.filter(pk__in=[pk for pk, _head in quoting]).update(head="")
