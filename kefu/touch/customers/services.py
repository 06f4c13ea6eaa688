"""Writes to customer files."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.engines.numbering.services import take
from kefu.engines.rulebook.queries import code_items
from kefu.engines.search import services as search
from kefu.kit import moment, phone
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
from kefu.touch.customers import asking, queries
from kefu.touch.customers.choices import KNOWN_BY, ConsentWay, Life, PointKind, PointLabel, Purpose, ReachedBy
from kefu.touch.customers.models import Consent, ContactPoint, Customer, LifeEvent, Tag
from kefu.touch.customers.registry import found_by

_EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]{1,55}")
COMPARED = {"name", "address", "phones", "emails"}
LIFE_FORM = "F-14"
MOST_TAGS = 8
EDITABLE = ("kind", "name", "code", "area", "address", "region", "tier", "needs_assistance", "wishes", "do_not_call")


class Answer(Protocol):
    """What is read of a filled-in form."""

    pk: int
    subject_id: int
    code: str
    data: dict[str, Any]


def create(*, actor: Actor, name: str, phones: list[str] | None = None, emails: str = "", **fields: Any) -> Customer:
    """Open a customer file. Raises ``Invalid`` without a name or with a customer number that another file has."""
    if actor.id is not None and not actor.can("customers.edit"):
        raise NotAllowed()
    values = _checked({"name": name, **fields})
    at = moment.now()
    with transaction.atomic():
        if values.get("code") and Customer.objects.filter(code=values["code"]).exists():
            raise Invalid(fields={"code": _("Another customer has this number.")})
        subject = Subject.objects.create(kind=queries.KIND, number=take("KH", at), title=values["name"], opened_at=at)
        customer = Customer.objects.create(subject=subject, **values)
        _set_phones(customer, phones or [])
        _set_emails(customer, emails)
        record_one(actor_id=actor.id, subject_id=subject.pk, kind="customer.created", data={"source": values.get("source", "")}, at=at)
        reindex(customer)
        asking.compare([customer.pk])
    return customer


def split_phones(text: str) -> list[str]:
    """Numbers written one after another, by comma, semicolon or line."""
    return [part for part in re.split(r"[,;，；、\n]+", text) if part.strip()]


def edit(*, actor: Actor, id: int, phones: str = "", **fields: Any) -> Customer:
    """``change`` as the form sends it."""
    return change(actor=actor, id=id, phones=split_phones(phones), **fields)


def change(*, actor: Actor, id: int, phones: list[str] | None = None, emails: str | None = None, **fields: Any) -> Customer:
    """Change a file; before and after are kept in its history (R-00-3.1e, R-00-3.2c). Nothing changed records nothing."""
    if not actor.can("customers.edit"):
        raise NotAllowed()
    with transaction.atomic():
        customer = queries.visible_to(actor).select_for_update(of=("self",)).select_related("subject").filter(pk=id).first()
        if customer is None:
            queries.get(actor, id)
            raise Conflict()
        if customer.merged_into_id is not None:
            raise Conflict(_("This file is part of another one already."))
        values = _checked({**{name: getattr(customer, name) for name in EDITABLE}, **fields})
        if values.get("code") and Customer.objects.filter(code=values["code"]).exclude(pk=id).exists():
            raise Invalid(fields={"code": _("Another customer has this number.")})
        before = {name: getattr(customer, name) for name in EDITABLE}
        changed = {name: [before[name], values[name]] for name in EDITABLE if name in values and values[name] != before[name]}
        for name in changed:
            setattr(customer, name, values[name])
        old_phones = list(customer.points.filter(kind="phone").order_by("-main", "id").values_list("value", flat=True))
        if phones is not None:
            _set_phones(customer, phones)
            new_phones = list(customer.points.filter(kind="phone").order_by("-main", "id").values_list("value", flat=True))
            if new_phones != old_phones:
                changed["phones"] = [old_phones, new_phones]
        if emails is not None:
            old_emails = _emails(customer)
            _set_emails(customer, emails)
            if _emails(customer) != old_emails:
                changed["emails"] = [old_emails, _emails(customer)]
        if changed:
            customer.save()
            Subject.objects.filter(pk=id).update(title=customer.name)
            record_one(actor_id=actor.id, subject_id=id, kind="customer.changed", data={"changed": changed})
            reindex(customer)
            if changed.keys() & COMPARED:
                asking.compare([customer.pk])
    return customer


def add_point(
    *, actor: Actor, id: int, kind: PointKind, value: str, label: PointLabel | None = None, main: bool = False,
    valid_until: date | None = None,
) -> ContactPoint:  # fmt: skip
    """One more number, address or identity of a customer. Raises ``Invalid`` for what is none, ``Conflict`` for one that is there."""
    with transaction.atomic():
        customer = _held(actor, id)
        norm = _normalised(kind, value)
        if customer.points.filter(kind=kind, value=norm).exists():
            raise Conflict(_("This stands in the file already."))
        main = main or (kind == PointKind.PHONE and not customer.points.filter(kind=kind, main=True).exists())
        if main:
            customer.points.filter(kind=kind, main=True).update(main=False)
        made = ContactPoint.objects.create(customer=customer, kind=kind, value=norm, label=label or "", main=main, valid_until=valid_until)
        record_one(actor_id=actor.id, subject_id=id, kind="customer.point_added", data={"kind": str(kind), "value": norm})
        reindex(customer)
        asking.compare([id])
    return made


def change_point(
    *, actor: Actor, id: int, point: int, label: PointLabel | None = None, main: bool = False, valid_until: date | None = None
) -> ContactPoint:
    """Where a contact point belongs to, whether it is the main one, and how long it holds. Raises ``Invalid`` for one of another file."""
    with transaction.atomic():
        customer = _held(actor, id)
        held = customer.points.filter(pk=point).first()
        if held is None:
            raise Invalid(fields={"point": _("Choose one of the given values.")})
        if main and not held.main:
            customer.points.filter(kind=held.kind, main=True).update(main=False)
        before = [held.label, held.main, str(held.valid_until or "")]
        held.label, held.main, held.valid_until = label or "", main, valid_until
        held.save()
        after = [held.label, held.main, str(valid_until or "")]
        data = {"value": held.value, "before": before, "after": after}
        record_one(actor_id=actor.id, subject_id=id, kind="customer.point_changed", data=data)
    return held


def note_consent(
    *, actor: Actor, id: int, purpose: Purpose, given: bool, way: ConsentWay, evidence: str, channel: ReachedBy | None = None
) -> Consent:
    """The customer agreed or objected; what was said before stays written down. Raises ``Invalid`` for what needs no consent."""
    if purpose == Purpose.SERVICE:
        raise Invalid(fields={"purpose": _("What the service needs asks for no consent.")})
    with transaction.atomic():
        customer = _held(actor, id)
        made = Consent.objects.create(
            customer=customer, purpose=purpose, channel=channel or "", given=given, way=way, evidence=evidence[:300], by_id=actor.person_id
        )
        data = {"purpose": str(purpose), "channel": str(channel or ""), "evidence": made.evidence}
        record_one(actor_id=actor.id, subject_id=id, kind="customer.agreed" if given else "customer.objected", data=data)
    return made


def recognise(*, actor: Actor, id: int, channel: str, address: str) -> None:
    """Who writes on a channel under this address is this customer, now and when he comes back; the caller has judged the talk."""
    kind = KNOWN_BY.get(channel)
    with transaction.atomic():
        customer = queries.get(actor, id)
        if customer.merged_into_id is not None:
            raise Conflict(_("This file is part of another one already."))
        if kind is not None and address:
            ContactPoint.objects.get_or_create(customer=customer, kind=kind, value=address.lower())
        record_one(actor_id=actor.id, subject_id=id, kind="customer.recognised", data={"channel": channel})


def _held(actor: Actor, customer_id: int) -> Customer:
    """A file that is to be changed, held until the transaction ends."""
    if not actor.can("customers.edit"):
        raise NotAllowed()
    held = queries.visible_to(actor).select_for_update(of=("self",)).select_related("subject").filter(pk=customer_id).first()
    if held is None:
        raise NotFound()
    if held.merged_into_id is not None:
        raise Conflict(_("This file is part of another one already."))
    return held


def _normalised(kind: PointKind, value: str) -> str:
    value = value.strip()
    if kind == PointKind.PHONE:
        if not phone.is_possible(value):
            raise Invalid(fields={"value": _("This is not a phone number: %(text)s") % {"text": value[:40]}})
        return phone.normalise(value)
    if kind == PointKind.EMAIL and not _EMAIL.fullmatch(value):
        raise Invalid(fields={"value": _("This is not a mail address: %(text)s") % {"text": value[:40]}})
    return value if kind == PointKind.POST else value.lower()


def verify(*, actor: Actor, id: int) -> Customer:
    """State that the data were checked with the customer (R-03-5.1.2)."""
    if not actor.can("customers.edit"):
        raise NotAllowed()
    with transaction.atomic():
        customer = queries.get(actor, id)
        Customer.objects.filter(pk=id).update(verified_at=moment.now())
        record_one(actor_id=actor.id, subject_id=id, kind="customer.verified", clauses=("R-03-5.1.2",))
    return customer


def note_life(customer_id: int, kind: Life, on: date | None, *, number: str, cause: str) -> None:
    """Write down what Kefu knows by itself of a customer's life: on the day ``on``, or at an instant; None: it is taken away again."""
    found = LifeEvent.objects.filter(customer_id=customer_id, kind=kind, cause=cause)
    if on is None:
        found.delete()
        return
    at = on if isinstance(on, datetime) else timezone.make_aware(datetime.combine(on, time.min))
    LifeEvent.objects.update_or_create(customer_id=customer_id, kind=kind, cause=cause, defaults={"at": at, "number": number})


def note_answer(answer: Answer) -> None:
    """An answer of form F-14 stands on the line of the customer as soon as it says what happened and when."""
    kind, day = answer.data.get("event"), answer.data.get("on")
    if answer.code != LIFE_FORM or not kind or not day:
        return
    at = timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))
    holder = Customer.objects.filter(pk=answer.subject_id).values_list("merged_into_id", flat=True).first() or answer.subject_id
    values = {"kind": kind, "at": at, "number": answer.data.get("number") or ""}
    LifeEvent.objects.update_or_create(answer_id=answer.pk, defaults=values, create_defaults={**values, "customer_id": holder})


@transaction.atomic
def tag(*, actor: Actor, id: int, tags: list[str]) -> None:
    """The customer has these tags and no others. Raises ``Invalid`` for one that the list does not have or for more than ``MOST_TAGS``."""
    customer = _held(actor, id)
    had = set(customer.tags.values_list("code", flat=True))
    wanted = set(tags)
    if not wanted <= had | {item["code"] for item in code_items(queries.TAGS)}:
        raise Invalid(fields={"tags": _("Choose one of the given values.")})
    if len(wanted) > MOST_TAGS:
        raise Invalid(fields={"tags": _("At most %(most)d tags say something; take others away first.") % {"most": MOST_TAGS}})
    if had == wanted:
        return
    customer.tags.filter(code__in=had - wanted).delete()
    Tag.objects.bulk_create([Tag(customer=customer, code=code) for code in sorted(wanted - had)])
    data = {"added": sorted(wanted - had), "removed": sorted(had - wanted)}
    record_one(actor_id=actor.id, subject_id=id, kind="customer.tagged", data=data, clauses=("R-03-5.1.3",))


def reindex(customer: Customer) -> None:
    """Put what a file is found by into the search index."""
    values = " ".join(phone.shown(value) for value in customer.points.values_list("value", flat=True))
    parts = customer.absorbed.values_list("name", "code", "address", "subject__number")
    merged = " ".join(word for row in parts for word in row if word)
    more = " ".join(word for one in found_by for word in one.words(customer.pk))
    hidden = " ".join((customer.name, customer.code or "", customer.address, values, more, merged))
    search.index(subject_id=customer.pk, kind=queries.KIND, title=customer.subject.number, body=customer.area, hidden=hidden)


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    name = str(values.get("name") or "").strip()
    if not name:
        raise Invalid(fields={"name": _("Please enter a name.")})
    values["name"] = name[:80]
    values["code"] = (values.get("code") or "").strip() or None
    return values


def _set_phones(customer: Customer, phones: list[str]) -> None:
    wanted: list[str] = []
    for text in phones:
        value = phone.normalise(text)
        if text.strip() and not phone.is_possible(text):
            raise Invalid(fields={"phones": _("This is not a phone number: %(text)s") % {"text": text[:40]}})
        if value and value not in wanted:
            wanted.append(value)
    customer.points.filter(kind="phone").exclude(value__in=wanted).delete()
    customer.points.filter(kind="phone", main=True).update(main=False)
    for place, value in enumerate(wanted):
        ContactPoint.objects.update_or_create(customer=customer, kind="phone", value=value, defaults={"main": place == 0})


def _emails(customer: Customer) -> list[str]:
    return list(customer.points.filter(kind="email").order_by("-main", "id").values_list("value", flat=True))


def _set_emails(customer: Customer, text: str) -> None:
    wanted = list(dict.fromkeys(part.strip().lower() for part in split_phones(text)))
    for one in wanted:
        if not _EMAIL.fullmatch(one):
            raise Invalid(fields={"emails": _("This is not a mail address: %(text)s") % {"text": one[:40]}})
    customer.points.filter(kind="email").exclude(value__in=wanted).delete()
    customer.points.filter(kind="email", main=True).update(main=False)
    for place, value in enumerate(wanted):
        ContactPoint.objects.update_or_create(customer=customer, kind="email", value=value, defaults={"main": place == 0})
