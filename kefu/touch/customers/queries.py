"""Reads about customers."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import fields_of
from kefu.engines.privacy.masking import mask
from kefu.kit import moment, phone
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.timeline.queries import takes_part
from kefu.touch.customers.models import ContactPoint, Customer

KIND = "customer"


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """All customers for holders of ``customers.see``; otherwise those whose file a person follows."""
    if actor.can("customers.see"):
        return Customer.objects.all()
    return Customer.objects.filter(takes_part(actor, "subject__"))


def get(actor: Actor, customer_id: int) -> Customer:
    """One customer with its subject; raises ``NotFound`` for a hidden one."""
    found = visible_to(actor).select_related("subject").filter(pk=customer_id).first()
    if found is None:
        raise NotFound()
    return found


def by_phone(actor: Actor, number: str, limit: int = 5) -> list[dict[str, Any]]:
    """The customers behind a phone number, newest file first; one look-up in the index of contact points."""
    value = phone.normalise(number)
    if not value or not actor.can("customers.see"):
        return []
    rows = (
        ContactPoint.objects.filter(kind="phone", value=value)
        .order_by("-customer_id")
        .values(
            "customer_id",
            "customer__name",
            "customer__address",
            "customer__area",
            "customer__tier",
            "customer__code",
            "customer__needs_assistance",
            "customer__wishes",
            "customer__do_not_call",
            "customer__subject__number",
            "confirmed_at",
        )[:limit]
    )
    return [dict(row) for row in rows]


def by_email(address: str, limit: int = 5) -> list[dict[str, Any]]:
    """The customers behind a mail address, newest file first. For what arrives by itself: says nothing about who may see them."""
    rows = ContactPoint.objects.filter(kind="email", value=address.strip().lower()).order_by("-customer_id")
    return [dict(row) for row in rows.values("customer_id", "customer__name", "customer__address")[:limit]] if address.strip() else []


def of_phone(number: str, limit: int = 5) -> list[dict[str, Any]]:
    """The customers behind a phone number, newest file first. For what arrives by itself: says nothing about who may see them."""
    rows = ContactPoint.objects.filter(kind="phone", value=phone.normalise(number)).order_by("-customer_id")
    return [dict(row) for row in rows.values("customer_id", "customer__name", "customer__address")[:limit]] if number.strip() else []


def points(customer_id: int) -> list[dict[str, Any]]:
    rows = ContactPoint.objects.filter(customer_id=customer_id).order_by("-main", "id")
    return [dict(row) for row in rows.values("id", "kind", "value", "main", "confirmed_at")]


def shown(point: dict[str, Any]) -> str:
    """The value of a point, masked by what it is."""
    return mask("email", point["value"]) if point["kind"] == "email" else mask("phone", phone.shown(point["value"]))


def main_phone(customer_id: int) -> str:
    """The first phone number of a customer, or ""."""
    row = ContactPoint.objects.filter(customer_id=customer_id, kind="phone").order_by("-main", "id").values_list("value").first()
    return row[0] if row else ""


LISTED = ("subject_id", "subject__number", "name", "area", "address", "code", "tier", "verified_at", "phone")
MORE = ("kind", "needs_assistance", "wishes", "do_not_call", "source")


def _with_phone(query: QuerySet[Customer]) -> QuerySet[Customer]:
    main = ContactPoint.objects.filter(customer_id=OuterRef("pk"), kind="phone").order_by("-main", "id").values("value")[:1]
    return query.annotate(phone=Subquery(main))


def row(actor: Actor, customer_id: int) -> dict[str, Any]:
    """One file as a row; raises ``NotFound`` for a hidden one."""
    found = _with_phone(visible_to(actor).filter(pk=customer_id)).values(*LISTED, *MORE).first()
    if found is None:
        raise NotFound()
    return dict(found)


def rows(
    actor: Actor, *, ids: list[int] | None = None, area: str = "", code: str = "", tree: Any = None, cursor: str | None = None,
    size: int = 50,
) -> Page[dict[str, Any]]:  # fmt: skip
    """One page of the list, newest first; ``ids`` narrows it to what a search found, ``tree`` by a condition."""
    query = visible_to(actor)
    if code:
        query = query.filter(code=code)
    if ids is not None:
        query = query.filter(pk__in=ids)
    if area:
        query = query.filter(area__startswith=area)
    if tree:
        query = query.filter(to_q(tree, fields_of(KIND), actor=actor, at=moment.now()))
    listed = _with_phone(after(query, keys=("-subject_id",), cursor=cursor)).values(*LISTED)[: size + 1]
    return cut([dict(row) for row in listed], size=size, key=lambda row: [row["subject_id"]])
