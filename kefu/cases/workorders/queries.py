"""Reads about orders. ``visible_to`` is the only door to their rows."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from kefu.cases.callbacks import queries as callbacks
from kefu.cases.supervision import queries as supervision
from kefu.cases.workorders.choices import OPEN, State, Verdict
from kefu.cases.workorders.models import OPEN_HELP, OrderHelp, OrderRequest, OrderType, Price, WorkOrder
from kefu.cases.workorders.policies import OrderFacts
from kefu.engines.clock import queries as clock
from kefu.engines.files import queries as files
from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import fields_of
from kefu.kit import hot, moment
from kefu.kit.errors import NotFound
from kefu.kit.language import named, pick, spoken
from kefu.kit.paging import MAX_SIZE, Page, after, cut, decode
from kefu.kit.waiting import MOST
from kefu.people.actor import Actor
from kefu.timeline import queries as timeline
from kefu.timeline.queries import visible

KIND = "workorder"

ROW = (
    "subject_id", "subject__number", "type__name", "type__name_en", "type__kind", "state", "urgency", "channel", "name", "phone", "address",
    "content", "unit__name", "unit__name_en", "handler__name", "handler__number", "accepted_at", "completed_at", "redo_round",
    "satisfaction", "appointment_at", "subject__secrecy",
)  # fmt: skip

NAMED = ("unit__name",)
MORE = (
    "type__code", "wishes", "result", "customer_id", "contact_id", "unit_id", "handler_id", "outside_number", "tracking_code",
    "dispatched_at", "signed_at", "arrived_at", "closed_at", "archived_at",
)  # fmt: skip
SHOWN = ("type__paid", "quote", "seal", "receiver__name", "receiver__number")
JUDGED = ("returned", "ruled", "extended", "contacted_at", "subject__unit_path", "subject__owner_id", "subject__closed_at")


def visible_to(actor: Actor) -> QuerySet[WorkOrder]:
    """The orders a person may see: by data scope, as owner, follower, or as a unit that helps."""
    condition = visible(actor, "subject__", kind=KIND)
    if not actor.sees_all:
        helping = OrderHelp.objects.filter(OPEN_HELP)
        reach = Q(pk__in=[])
        for low, high in actor.path_ranges:
            reach |= Q(unit__path__gte=low, unit__path__lt=high)
        condition |= Q(subject__secrecy=0) & Q(pk__in=helping.filter(reach).values("order_id"))
    return WorkOrder.objects.filter(condition)


def in_scope(actor: Actor) -> QuerySet[WorkOrder]:
    """The orders of the units in a person's scope: what a list shows. Leaner than ``visible_to``, never wider."""
    if actor.sees_all:
        return visible_to(actor)
    scope = Q(pk__in=[])
    for low, high in actor.path_ranges:
        scope |= Q(subject__unit_path__gte=low, subject__unit_path__lt=high)
    if not actor.can("secrets.see"):
        scope &= Q(subject__secrecy=0)
    return WorkOrder.objects.filter(scope) if actor.path_ranges else mine(actor)


def how_many_wait(actor: Actor, state: State) -> int:
    """How many orders of a person's units stand in a state; counting stops at ``MOST``."""
    return in_scope(actor).filter(state=state).order_by()[:MOST].count()


def mine(actor: Actor) -> QuerySet[WorkOrder]:
    """The orders a person handles."""
    return WorkOrder.objects.filter(handler_id=actor.id or 0)


def get(actor: Actor, order_id: int) -> WorkOrder:
    """One order with all that its page names; raises ``NotFound`` for a hidden one."""
    found: list[WorkOrder] = _whole(actor, id=order_id)
    if not found:
        raise NotFound()
    return found[0]


ALONG = ("subject", "type", "unit", "handler", "receiver", "customer", "contact")
_whole = hot.Rows(lambda actor: visible_to(actor).select_related(*ALONG).filter(pk=hot.Slot("id")))
_known = hot.Read(lambda actor: visible_to(actor).filter(pk=hot.Slot("id")).values("subject_id"))
_locked = hot.Rows(lambda: WorkOrder.objects.select_for_update(of=("self",)).select_related(*ALONG).filter(pk=hot.Slot("id")))


def lock(actor: Actor, order_id: int) -> WorkOrder:
    """``get``, held until the transaction ends."""
    found: list[WorkOrder] = _locked(id=order_id) if _known(actor, id=order_id) else []
    if not found:
        raise NotFound()
    return found[0]


def facts(order: WorkOrder) -> OrderFacts:
    """What the judge needs of an order (two look-ups beside the row)."""
    asked_by = next((one["by_id"] for one in _asked(id=order.pk)), None)
    helping = [one["unit__path"] for one in _helping(id=order.pk)]
    return OrderFacts(
        state=State(order.state),
        unit_path=order.subject.unit_path,
        handler_id=order.handler_id,
        returned=order.returned,
        ruled=order.ruled,
        extended=order.extended,
        contacted=order.contacted_at is not None,
        arrived=order.arrived_at is not None,
        asked_by=asked_by,
        helping_paths=tuple(helping),
    )


def row(actor: Actor, order_id: int) -> dict[str, Any]:
    """One order as a row, with what the judge needs; raises ``NotFound`` for a hidden one."""
    found = _row(actor, id=order_id)
    if not found:
        raise NotFound()
    return spoken(found, *NAMED)[0]


def of_new(order: WorkOrder) -> dict[str, Any]:
    """What ``row`` would give the judge and the answer of an order that was opened just now: none of its lists holds anything."""
    unit, subject = order.unit, order.subject
    told = {name: getattr(order, name) for name in ("state", "tracking_code", "handler_id", *JUDGED[:4])}
    return told | {
        "subject_id": order.pk, "subject__number": subject.number, "subject__unit_path": subject.unit_path,
        "subject__owner_id": subject.owner_id, "subject__closed_at": subject.closed_at, "arrived_at": order.arrived_at,
        "unit__name": named(unit) if unit else None, "any_press": False, "any_request": False, "any_help": False,
    }  # fmt: skip


def _lists_judged() -> dict[str, Any]:
    """Whether the lists hold anything that the judge would have to read."""
    asked = OrderRequest.objects.filter(order_id=OuterRef("pk"))
    helped = OrderHelp.objects.filter(order_id=OuterRef("pk"))
    return {"any_press": supervision.any_press(), "any_request": Exists(asked), "any_help": Exists(helped)}


def _for_judge(actor: Actor) -> QuerySet[WorkOrder, Any]:
    lists = _lists_judged()
    found: QuerySet[WorkOrder, Any] = visible_to(actor).filter(pk=hot.Slot("id")).annotate(**lists)
    judged: QuerySet[WorkOrder, Any] = found.values(*ROW, *MORE, *JUDGED, *lists)
    return judged


_row = hot.Read(_for_judge)
_asked = hot.Read(lambda: OrderRequest.objects.filter(order_id=hot.Slot("id"), verdict=Verdict.PENDING).values("by_id")[:1])
_helping = hot.Read(lambda: OrderHelp.objects.filter(OPEN_HELP, order_id=hot.Slot("id")).values("unit__path"))


def whole(actor: Actor, order_id: int) -> dict[str, Any]:
    """``row`` with all that the page of an order shows of the order itself, and the ``any_...`` names that say which of its lists hold
    anything: what holds nothing need not be asked. Raises ``NotFound`` for a hidden one."""
    found = _shown(actor, id=order_id)
    if not found:
        raise NotFound()
    return spoken(found, *NAMED)[0]


def _for_page(actor: Actor) -> QuerySet[WorkOrder, Any]:
    lists = _lists_judged() | {
        "any_callback": callbacks.any_callback(),
        "any_file": files.any_file(),
        "any_note": timeline.any_note(),
        "any_pause": clock.any_pause(),
    }
    found: QuerySet[WorkOrder, Any] = visible_to(actor).filter(pk=hot.Slot("id")).annotate(**lists)
    shown: QuerySet[WorkOrder, Any] = found.values(*ROW, *MORE, *JUDGED, *SHOWN, *lists)
    return shown


_shown = hot.Read(_for_page)


def facts_of_row(row: dict[str, Any]) -> OrderFacts:
    """``facts`` of what ``row`` or ``whole`` gave; whether a callback is owed is the caller's to add."""
    order_id = row["subject_id"]
    asked = _asked(id=order_id) if row.get("any_request", True) else []
    helping = _helping(id=order_id) if row.get("any_help", True) else []
    return _facts(row, next((one["by_id"] for one in asked), None), [one["unit__path"] for one in helping])


def facts_among(row: dict[str, Any], asked: list[dict[str, Any]], helping: list[dict[str, Any]]) -> OrderFacts:
    """The same from what ``row``, ``requests`` and ``helps`` gave, without asking again."""
    asked_by = next((one["by_id"] for one in asked if one["verdict"] == Verdict.PENDING), None)
    owed = [one["unit__path"] for one in helping if one["replied_at"] is None and one["withdrawn_at"] is None]
    return _facts(row, asked_by, owed)


def _facts(row: dict[str, Any], asked_by: int | None, helping: list[str]) -> OrderFacts:
    return OrderFacts(
        state=State(row["state"]),
        unit_path=row["subject__unit_path"],
        handler_id=row["handler_id"],
        returned=row["returned"],
        ruled=row["ruled"],
        extended=row["extended"],
        contacted=row["contacted_at"] is not None,
        arrived=row["arrived_at"] is not None,
        asked_by=asked_by,
        helping_paths=tuple(helping),
    )


def rows(
    actor: Actor,
    *,
    tree: dict[str, Any] | None = None,
    states: tuple[str, ...] = (),
    whose: str = "scope",
    cursor: str | None = None,
    size: int = 50,
) -> Page[dict[str, Any]]:
    """One page of the order list, newest first. ``whose``: "scope" or "mine". ``tree`` is a condition of the filter engine."""
    size = max(1, min(size, MAX_SIZE))
    last = decode(cursor, 1)[0] if cursor else 0
    if not tree and last.__class__ is int:
        found = _plain_page(actor, whose, states, size, bool(cursor), last=last)
    else:
        query = _whose(actor, whose)
        if states:
            query = query.filter(state__in=states)
        if tree:
            query = query.filter(to_q(tree, fields_of(KIND), actor=actor, at=moment.now()))
        found = [dict(row) for row in after(query, keys=("-subject_id",), cursor=cursor).values(*ROW)[: size + 1]]
    return cut(spoken(found, *NAMED), size=size, key=lambda row: [row["subject_id"]])


def _whose(actor: Actor, whose: str) -> QuerySet[WorkOrder]:
    return mine(actor) if whose == "mine" else in_scope(actor)


def _page(actor: Actor, whose: str, states: tuple[str, ...], size: int, further: bool) -> QuerySet[WorkOrder, Any]:
    query: QuerySet[WorkOrder, Any] = _whose(actor, whose).order_by("-subject_id")
    if states:
        query = query.filter(state__in=states)
    if further:
        query = query.filter(subject_id__lt=hot.Slot("last"))
    page: QuerySet[WorkOrder, Any] = query.values(*ROW)[: size + 1]
    return page


_plain_page = hot.Read(_page)


def open_of_customer(actor: Actor, customer_id: int | None, phone: str = "", limit: int = 10) -> list[dict[str, Any]]:
    """Orders still open of a caller, so that the same matter becomes an urge and not a second order."""
    who = Q(pk__in=[])
    if customer_id:
        who |= Q(customer_id=customer_id)
    if phone:
        who |= Q(phone=phone)
    query = visible_to(actor).filter(who, state__in=[*OPEN, State.COMPLETED]).order_by("-subject_id")
    return spoken([dict(row) for row in query.values(*ROW)[:limit]], *NAMED)


def of_customer(actor: Actor, customer_id: int, limit: int = 20) -> list[dict[str, Any]]:
    query = visible_to(actor).filter(customer_id=customer_id).order_by("-accepted_at", "-subject_id")
    return spoken([dict(row) for row in query.values(*ROW)[:limit]], *NAMED)


def line_of(actor: Actor, customer_id: int, channel: str) -> QuerySet[WorkOrder]:
    """The orders of a customer that a person sees, for the line of the customer."""
    query = visible_to(actor).filter(customer_id=customer_id)
    return query.filter(channel=channel) if channel else query


def order_types(*, active: bool = True) -> list[OrderType]:
    """The tree of types in the order of a select."""
    found = OrderType.objects.all()
    if active:
        found = found.filter(active=True)
    return list(found.order_by("path"))


def prices(order_type: str = "") -> list[Price]:
    """Base prices in force, those of the type (or of a type above it) first."""
    at = moment.now()
    found = list(Price.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at).order_by("code"))
    if not order_type:
        return found
    path = OrderType.objects.filter(code=order_type).values_list("path", flat=True).first() or order_type
    near = set(path.split("/"))
    return sorted(found, key=lambda price: (price.order_type not in near, price.code))


def requests(order_id: int) -> list[dict[str, Any]]:
    return _requests(id=order_id)


def helps(order_id: int) -> list[dict[str, Any]]:
    return spoken(_helps(id=order_id), *NAMED)


_REQUEST = (
    "id", "kind", "by_id", "by__name", "by__number", "reason", "text", "until", "evidence", "at", "verdict", "decided_by__name",
    "decided_at", "remark",
)  # fmt: skip
_HELP = (
    "id", "unit__name", "unit__name_en", "unit__path", "asked_by__name", "demand", "at", "reply", "replied_by__name", "replied_at",
    "withdrawn_at", "withdrawn_reason",
)  # fmt: skip
_requests = hot.Read(lambda: OrderRequest.objects.filter(order_id=hot.Slot("id")).order_by("id").values(*_REQUEST))
_helps = hot.Read(lambda: OrderHelp.objects.filter(order_id=hot.Slot("id")).order_by("id").values(*_HELP))


def open_helps(order_id: int) -> list[tuple[int, str]]:
    """Units that still owe their part, for a select."""
    owing = OrderHelp.objects.filter(OPEN_HELP, order_id=order_id).order_by("id").values_list("id", "unit__name", "unit__name_en")
    return [(pk, pick(name, name_en)) for pk, name, name_en in owing]
