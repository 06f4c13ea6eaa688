"""Writes to customer files."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.numbering.services import take
from kefu.engines.search import services as search
from kefu.kit import moment, phone
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
from kefu.touch.customers import asking, queries
from kefu.touch.customers.models import ContactPoint, Customer

_EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]{1,55}")
COMPARED = {"name", "address", "phones", "emails"}
EDITABLE = ("kind", "name", "code", "area", "address", "region", "tier", "needs_assistance", "wishes", "do_not_call")


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


def verify(*, actor: Actor, id: int) -> Customer:
    """State that the data were checked with the customer (R-03-5.1.2)."""
    if not actor.can("customers.edit"):
        raise NotAllowed()
    with transaction.atomic():
        customer = queries.get(actor, id)
        Customer.objects.filter(pk=id).update(verified_at=moment.now())
        record_one(actor_id=actor.id, subject_id=id, kind="customer.verified", clauses=("R-03-5.1.2",))
    return customer


def reindex(customer: Customer) -> None:
    """Put what a file is found by into the search index."""
    values = " ".join(phone.shown(value) for value in customer.points.values_list("value", flat=True))
    parts = customer.absorbed.values_list("name", "code", "address", "subject__number")
    merged = " ".join(word for row in parts for word in row if word)
    hidden = " ".join((customer.name, customer.code or "", customer.address, values, merged))
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
