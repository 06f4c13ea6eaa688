"""One person is forgotten now: because he asks, or because the firm may keep the file no longer (PIPL art. 47). It is said beforehand what
goes, what stays by which rule and until when; afterwards stands that, when, by whom and why it was done, and nothing of the person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.privacy import retention
from kefu.engines.privacy.models import ErasureProof
from kefu.flows import archive, erase_people
from kefu.kit import moment, phone
from kefu.kit.commands import Command, CommandSet, asked
from kefu.kit.errors import Conflict, Invalid, NotAllowed, Text
from kefu.people.actor import Actor
from kefu.timeline.models import SealedCopy
from kefu.timeline.services import record_one
from kefu.touch.channels.sms.models import Blocked
from kefu.touch.contacts.choices import Outcome
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.models import Conversation
from kefu.touch.customers import queries as customers
from kefu.touch.customers.models import Consent, ContactPoint, Customer
from kefu.touch.profiles.models import Contract

RIGHT = "privacy.manage"
MOST_NAMED = 5
LEAST_SIGNS = 2


class Ground(models.TextChoices):
    """Why a file must go (PIPL art. 47)."""

    ASKED = "asked", gettext_lazy("The person asks for it")
    WITHDRAWN = "withdrawn", gettext_lazy("Consent was withdrawn")
    NO_PURPOSE = "purpose", gettext_lazy("Nothing needs the data any more")
    UNLAWFUL = "unlawful", gettext_lazy("The data should not have been kept")


class Erase(Schema):
    ground: Ground = asked(gettext_lazy("Legal ground"), Ground.ASKED)
    reason: str = asked(
        gettext_lazy("Reason"), widget="textarea", min_length=4, max_length=160,
        help=gettext_lazy("How it was asked and checked, for example the number of the letter. No name, no number: this sentence stays."),
    )  # fmt: skip


def allowed(actor: Actor, customer_id: int) -> set[str]:
    """Whether a file may be erased by hand; raises ``NotFound`` for a hidden one to who may erase."""
    if not actor.can(RIGHT):
        return set()
    held = customers.get(actor, customer_id)
    return {"erase"} if held.merged_into_id is None and held.name else set()


def running(every: list[int]) -> list[str]:
    """The numbers of what still needs the data: open cases and talks, contracts that run."""
    today = timezone.localdate(moment.now())
    talks = Q(outcome=Outcome.OPEN) | Q(conversation__isnull=False) & ~Q(conversation__state=State.CLOSED)
    unlinked = erase_people.talks_unlinked(every)
    open_ones: list[QuerySet[Any]] = [
        WorkOrder.objects.filter(customer_id__in=every, subject__closed_at=None).order_by("pk").values_list("subject__number"),
        Complaint.objects.filter(customer_id__in=every, subject__closed_at=None).order_by("pk").values_list("subject__number"),
        Contact.objects.filter(talks, customer_id__in=every).order_by("pk").values_list("subject__number"),
        unlinked.exclude(state=State.CLOSED).order_by("pk").values_list("contact__subject__number"),
        Contract.objects.filter(Q(ended=None) | Q(ended__gte=today), customer_id__in=every).order_by("pk").values_list("number"),
    ]
    return [number for rows in open_ones for (number,) in rows[: MOST_NAMED + 1]]


def _kept(every: list[int]) -> list[Text]:
    """What stays, each with the day until which it is kept."""
    found: list[Text] = []
    orders = list(WorkOrder.objects.filter(customer_id__in=every).values_list("pk", flat=True))
    if orders:
        counted = {"count": len(orders), "day": _until(orders, "workorder").isoformat()}
        found.append(_("%(count)d orders stay until %(day)s: the record of what was done.") % counted)
    complaints = list(Complaint.objects.filter(customer_id__in=every).values_list("pk", flat=True))
    if complaints:
        counted = {"count": len(complaints), "day": _until(complaints, "complaint").isoformat()}
        found.append(_("%(count)d complaints stay until %(day)s: the record of what was done.") % counted)
    if Consent.objects.filter(customer_id__in=every).exists():
        found.append(_("That the customer agreed or objected stays, without the words."))
    if Blocked.objects.filter(number__in=[value for kind, value in _points(every) if kind == "phone"]).exists():
        found.append(_("The number that wants no texts stays on that list, or it would be written to again."))
    return found


def _until(ids: list[int], kind: str) -> date:
    """The last day of what is sealed; what is not sealed yet begins to count today at the earliest."""
    sealed = SealedCopy.objects.filter(subject_id__in=ids)
    last: date | None = sealed.aggregate(last=Max("keep_until"))["last"]
    whole = sealed.values("subject_id").distinct().count() == len(ids)
    if last is None:
        return archive.keep_until(kind)
    return last if whole else max(last, archive.keep_until(kind))


def _points(every: list[int]) -> list[tuple[str, str]]:
    return list(ContactPoint.objects.filter(customer_id__in=every).values_list("kind", "value"))


def told(_actor: Actor, customer_id: int) -> list[Text]:
    """What the form says before anything is done."""
    every = customers.family(customer_id)
    if numbers := running(every):
        return [_refused(numbers)]
    unlinked = erase_people.talks_unlinked(every).count()
    counts = {
        "points": len(_points(every)),
        "talks": Conversation.objects.filter(contact__customer_id__in=every).count() + unlinked,
        "contacts": Contact.objects.filter(customer_id__in=every).count() + unlinked,
    }
    goes = _(
        "Erased at once: name, address, %(points)d ways to reach the person, tags, links, life events, contracts that ended, and the words "
        "and files of %(contacts)d contacts, %(talks)d of them talks."
    )
    return [goes % counts, *_kept(every)]


def _refused(numbers: Iterable[str]) -> str:
    named = list(numbers)
    return _("Still open: %(numbers)s. Settle or end it first; until then the firm needs the data.") % {
        "numbers": ", ".join(named[:MOST_NAMED]) + (" …" if len(named) > MOST_NAMED else "")
    }


def erase(*, actor: Actor, id: int, ground: Ground, reason: str) -> ErasureProof:  # noqa: A002
    """Erase one file with what became part of it, and prove it. Raises ``Conflict`` while something is open, ``Invalid`` for a reason that
    holds the very data."""
    with transaction.atomic():
        if "erase" not in allowed(actor, id):
            raise NotAllowed()
        held = list(Customer.objects.select_for_update(of=("self",)).filter(pk__in=customers.family(id)).order_by("pk"))
        every = [one.pk for one in held]
        if numbers := running(every):
            raise Conflict(_refused(numbers))
        words = reason.strip()
        if any(part in words for part in _data(held)):
            raise Invalid(fields={"reason": _("Leave out the name, the numbers and the address of the person: this sentence stays.")})
        basis = f"{Ground(ground).label}: {words}"[:200]
        unlinked = list(erase_people.talks_unlinked(every).values_list("pk", flat=True))
        rows = erase_people.erase_customers([id]) + erase_people.erase_talks(unlinked)
        record_one(actor_id=actor.id, subject_id=id, kind="privacy.erased", data={"basis": basis})
        return retention.prove(actor=actor, data_kind="customer", basis=basis, ids=every, rows=rows)


def _data(held: list[Customer]) -> set[str]:
    """What of these files may not stand in a reason."""
    points = [value for _kind, value in _points([one.pk for one in held])]
    words = [word for one in held for word in (one.name, one.address, one.code or "")] + points + [phone.shown(one) for one in points]
    return {word for word in words if len(word) >= LEAST_SIGNS}


COMMANDS = CommandSet(
    customers.KIND,
    allowed,
    (
        Command(
            "erase",
            gettext_lazy("Erase personal data"),
            erase,
            Erase,
            tone="danger",
            told=told,
            confirm=gettext_lazy("The data are gone for good; nobody can bring them back."),
        ),
    ),
)
