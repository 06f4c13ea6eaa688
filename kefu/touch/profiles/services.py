"""Writes: who belongs to which household and company, and what was contracted."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.timeline.services import Happened, record, record_one
from kefu.touch.customers import queries as customers
from kefu.touch.customers import services as files
from kefu.touch.customers.choices import CustomerKind, Life
from kefu.touch.profiles import queries
from kefu.touch.profiles.choices import LinkKind
from kefu.touch.profiles.models import Contract, Customer, Link


def held(actor: Actor, *ids: int) -> list[Customer]:
    """The locked files in the order of ``ids``. Raises ``NotAllowed``, ``NotFound``, ``Conflict`` for one that became part of another."""
    if not actor.can("customers.edit"):
        raise NotAllowed()
    for one in ids:
        customers.get(actor, one)
    rows = customers.visible_to(actor).select_for_update(of=("self",)).select_related("subject").filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows}
    if any(row.merged_into_id for row in found.values()):
        raise Conflict(_("This file is part of another one already."))
    return [found[one] for one in ids]


def _other(actor: Actor, customer_id: int, word: str) -> int:
    """The file that a number names. Raises ``Invalid`` for none, for several, and for the file itself."""
    found = customers.named(actor, word)
    if not found:
        raise Invalid(
            fields={"number": _("There is no customer with this number. Give the KH number, customer number or phone of the file.")}
        )
    if len(found) > 1:
        raise Invalid(fields={"number": _("Several customers have this number. Give the KH number of the file.")})
    if found[0] == customer_id:
        raise Invalid(fields={"number": _("Choose another customer.")})
    return found[0]


def _sides(kind: LinkKind, one: Customer, other: Customer) -> tuple[Customer, Customer]:
    """Who is the part and who the whole, whichever file the command was given on. Raises ``Invalid`` where neither can be the whole."""
    if kind == LinkKind.COMPANY:
        firms = [file for file in (one, other) if file.kind == CustomerKind.FIRM]
        if len(firms) != 1:
            raise Invalid(fields={"number": _("One of the two files must be an organisation, and the other not.")})
        return (other, one) if firms == [one] else (one, other)
    if CustomerKind.FIRM in (one.kind, other.kind):
        raise Invalid(fields={"number": _("An organisation is no household.")})
    homes = [file for file in (one, other) if file.kind == CustomerKind.HOME]
    return (other, one) if homes == [one] else (one, other)


@transaction.atomic
def link(*, actor: Actor, id: int, kind: LinkKind, number: str, role: str = "", since: date | None = None) -> Link:  # noqa: A002
    """Say that a customer lives in a household or works for a company; either file may be ``id``. It is told on both.

    Raises ``Invalid`` for a number that names no other file, ``Conflict`` where it is said already.
    """
    if not actor.can("customers.edit"):
        raise NotAllowed()
    customers.get(actor, id)
    one, other = held(actor, id, _other(actor, id, number))
    part, whole = _sides(kind, one, other)
    if Link.objects.filter(customer=part, whole=whole, kind=kind, until=None).exists():
        raise Conflict(_("This stands in the file already."))
    made = Link.objects.create(customer=part, whole=whole, kind=kind, role=role.strip(), since=since)
    _live(made, whole)
    _tell(actor, "customer.linked", made, one, other)
    return made


def _live(tied: Link, whole: Customer, *, gone: bool = False) -> None:
    """Moving in and out, joining and leaving, as far as the days are known."""
    began, ended = (Life.MOVED_IN, Life.MOVED_OUT) if tied.kind == LinkKind.HOUSEHOLD else (Life.JOINED, Life.LEFT)
    for kind, day in ((began, tied.since), (ended, tied.until)):
        files.note_life(tied.customer_id, kind, None if gone else day, number=whole.subject.number, cause=f"link {tied.pk}")


def _tell(actor: Actor, event: str, tied: Link, one: Customer, other: Customer) -> None:
    told = {"link": tied.kind, "since": str(tied.since or ""), "until": str(tied.until or "")}
    pairs = ((one, other), (other, one))
    record(
        actor_id=actor.id, happened=[Happened(a.pk, event, {**told, "other": b.subject.number}, clauses=("R-03-5.1.2",)) for a, b in pairs]
    )


@transaction.atomic
def unlink(*, actor: Actor, id: int, link: int, until: date | None = None) -> None:  # noqa: A002
    """A link ends with the day ``until`` and stays to be read; without a day it was a mistake and goes."""
    if not actor.can("customers.edit"):
        raise NotAllowed()
    tied = queries.links_visible_to(actor).filter(pk=link, until=None).first()
    if tied is None or id not in (tied.customer_id, tied.whole_id):
        customers.get(actor, id)
        raise Invalid(fields={"link": _("Choose one of the given values.")})
    one, other = held(actor, tied.customer_id, tied.whole_id)
    _check_span(tied.since, until, "until")
    tied.until = until
    _live(tied, other, gone=until is None)
    if until is None:
        Link.objects.filter(pk=tied.pk).delete()
    else:
        tied.save(update_fields=["until"])
    _tell(actor, "customer.unlinked", tied, one, other)


def _check_span(first: date | None, last: date | None, field: str) -> None:
    if first is not None and last is not None and last < first:
        raise Invalid(fields={field: _("The last day is before the first, %(day)s.") % {"day": first.isoformat()}})


@transaction.atomic
def add_contract(
    *, actor: Actor, id: int, number: str, matter: str, place: str = "", began: date | None = None, ended: date | None = None
) -> Contract:  # fmt: skip
    """Enter a contract of a customer. Raises ``Conflict`` for a number that stands in the file already."""
    (customer,) = held(actor, id)
    _check_span(began, ended, "ended")
    number = number.strip()
    if customer.contracts.filter(number=number).exists():
        raise Conflict(_("This stands in the file already."))
    made = Contract.objects.create(customer=customer, number=number, matter=matter.strip(), place=place.strip(), began=began, ended=ended)
    _contract_lives(made)
    record_one(actor_id=actor.id, subject_id=id, kind="customer.contract_added", data={"number": number}, clauses=("R-02H-5.3",))
    files.reindex(customer)
    return made


def _contract_lives(made: Contract, *, gone: bool = False) -> None:
    for kind, day in ((Life.CONTRACT_BEGAN, made.began), (Life.CONTRACT_ENDED, made.ended)):
        files.note_life(made.customer_id, kind, None if gone else day, number=made.number, cause=f"contract {made.pk}")


@transaction.atomic
def end_contract(*, actor: Actor, id: int, contract: int, ended: date | None = None) -> None:
    """A contract ends with a day and stays to be read; without a day it was a mistake and goes."""
    (customer,) = held(actor, id)
    found = customer.contracts.filter(pk=contract, ended=None).first()
    if found is None:
        raise Invalid(fields={"contract": _("Choose one of the given values.")})
    _check_span(found.began, ended, "ended")
    found.ended = ended
    _contract_lives(found, gone=ended is None)
    if ended is None:
        Contract.objects.filter(pk=found.pk).delete()
    else:
        found.save(update_fields=["ended"])
    event = "customer.contract_ended" if ended else "customer.contract_removed"
    record_one(actor_id=actor.id, subject_id=id, kind=event, data={"number": found.number}, clauses=("R-02H-5.3",))
    files.reindex(customer)
