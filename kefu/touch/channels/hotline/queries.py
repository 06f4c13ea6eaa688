"""Reads about orders of the city hotline. ``visible_to`` is the only door to their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import fields_of
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.health import Ill, Way
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.timeline.choices import Secrecy
from kefu.timeline.queries import takes_part
from kefu.touch.channels.hotline.choices import State
from kefu.touch.channels.hotline.models import HotlineOrder, HotlineRound, Told

KIND = "hotline"
TAKE = "hotline.take"
OPEN = (State.OPEN, State.RETURNING)
ROW = (
    "contact_id", "number", "state", "round", "due_at", "return_until", "category", "role", "partners", "secret", "ruled",
    "contact__content", "contact__name", "contact__phone", "contact__address", "contact__received_at", "contact__outcome",
    "contact__led_to_id", "contact__led_to__number", "contact__led_to__kind", "contact__customer_id",
)  # fmt: skip
MOST = 100
TABS: dict[str, Q] = {
    "due": Q(state__in=OPEN),
    "returned": Q(state__in=[State.RETURNING, State.RETURNED]),
    "redo": Q(round__gt=0),
    "reported": Q(state=State.REPORTED),
    "all": Q(),
}


def visible_to(actor: Actor) -> QuerySet[HotlineOrder]:
    """What the units in a person's scope took in, for who deals with the hotline. A secret one is seen as its contact is: by who may see
    secrets or has it in hand."""
    if not actor.can(TAKE):
        return HotlineOrder.objects.none()
    reach = Q() if actor.sees_all else Q(pk__in=[])
    for low, high in () if actor.sees_all else actor.path_ranges:
        reach |= Q(contact__subject__unit_path__gte=low, contact__subject__unit_path__lt=high)
    if not actor.can("secrets.see"):
        reach &= Q(contact__subject__secrecy=Secrecy.ORDINARY) | takes_part(actor, "contact__subject__")
    return HotlineOrder.objects.filter(reach)


def get(actor: Actor, order_id: int) -> HotlineOrder:
    """One order with its contact; raises ``NotFound``."""
    found = visible_to(actor).select_related("contact__subject").filter(pk=order_id).first()
    if found is None:
        raise NotFound()
    return found


def row(actor: Actor, order_id: int) -> dict[str, Any]:
    """One order as the list has it; raises ``NotFound``."""
    found = visible_to(actor).filter(pk=order_id).values(*ROW).first()
    if found is None:
        raise NotFound()
    return dict(found)


def rows(actor: Actor, *, tab: str, tree: Any = None, cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """One page of a tab: what is in hand by its limit, the rest newest first."""
    query = visible_to(actor).filter(TABS[tab])
    if tree:
        query = query.filter(to_q(tree, fields_of(KIND), actor=actor, at=moment.now()))
    keys = ("due_at", "contact_id") if tab == "due" else ("-contact_id",)
    found = [dict(one) for one in after(query, keys=keys, cursor=cursor).values(*ROW)[: size + 1]]
    return cut(found, size=size, key=lambda one: [one[key.lstrip("-")] for key in keys])


def rounds(order_id: int) -> list[dict[str, Any]]:
    """The rounds of an order, the newest first."""
    names = ("number", "passed_on_at", "due_at", "words", "reported_at", "rated", "solved", "rated_at")
    return [dict(one) for one in HotlineRound.objects.filter(order_id=order_id).order_by("-number").values(*names)]


_TOLD = (
    "id", "order_id", "order__number", "round", "kind", "at", "by__name", "by__number", "way", "text", "reason", "until", "solved",
    "spoken", "spoken_at", "unit", "verdict", "decided_at", "remark", "files",
)  # fmt: skip


def told(order_id: int) -> list[dict[str, Any]]:
    """What the hotline was told about an order, the newest first."""
    return [dict(one) for one in Told.objects.filter(order_id=order_id).order_by("-id").values(*_TOLD)]


def told_rows(actor: Actor, *, cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """What the hotline was told about all orders in sight, in the order in which it was told."""
    query = Told.objects.filter(order__in=visible_to(actor))
    found = [dict(one) for one in after(query, keys=("id",), cursor=cursor).values(*_TOLD)[: size + 1]]
    return cut(found, size=size, key=lambda one: [one["id"]])


def answers(actor: Actor, *, since: datetime, until: datetime, limit: int = 5000) -> list[dict[str, Any]]:
    """The answers given in a span, for the file that the hotline reads in."""
    rows = Told.objects.filter(order__in=visible_to(actor), kind="answer", at__gte=since, at__lt=until).order_by("id")
    return [dict(one) for one in rows.values(*_TOLD, "order__category", "order__role")[:limit]]


def of_contact(contact_id: int) -> HotlineOrder | None:
    """The order of the hotline that a contact carries, if it does; for flows that hold the contact."""
    return HotlineOrder.objects.filter(pk=contact_id).first()


def of_case(subject_id: int) -> list[dict[str, Any]]:
    """The orders of the hotline that led to a case, for its page; the caller has judged the case."""
    return [dict(one) for one in HotlineOrder.objects.filter(contact__led_to_id=subject_id).values("contact_id", "number", "secret")]


def health() -> list[Way]:
    """How the city hotline fares, once an order of it has come: what waits is in hand, what failed is past the limit written on it."""
    came = HotlineOrder.objects.order_by("-contact_id").values_list("contact__received_at", flat=True).first()
    if came is None:
        return []
    went = Told.objects.order_by("-id").values_list("at", flat=True).first()
    running = HotlineOrder.objects.filter(state__in=OPEN).order_by("due_at").values_list("pk")
    waits, late = len(running[:MOST]), len(running.filter(due_at__lt=moment.now())[:MOST])
    ill = Ill(
        _("%(count)s orders are past the limit of the hotline") % {"count": late}, _("Look at them under 12345 hotline and answer them.")
    )
    return [Way(_("12345 hotline"), _("City hotline"), "/hotline", True, True, came, went, waits, late, (ill,) if late else ())]
