"""Reads about receivers and deliveries, for who sets them up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kefu.engines.webhooks.choices import ADVICE, Off, State, Trouble
from kefu.engines.webhooks.gathering import offered
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.engines.webhooks.policies import judge
from kefu.kit import paging
from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.health import Ill, Way
from kefu.people.actor import SYSTEM, Actor
from kefu.timeline.registry import event_kinds, subject_kinds

KIND, DELIVERY = "webhook", "webhook_delivery"
MOST = 100
_RECEIVER = (
    "id", "name", "url", "kinds", "events", "active", "off", "good_at", "tried_at", "trouble", "detail", "streak", "failing_since",
    "rests_until", "old_until",
)  # fmt: skip
_ROW = (
    "id", "word", "kind", "subject_id", "subject__kind", "subject__number", "state", "tries", "since", "next_at", "ended_at", "status",
    "took", "trouble", "detail",
)  # fmt: skip


def how_many(receiver_id: int, state: State) -> int:
    """Counted to ``MOST``."""
    return len(Delivery.objects.filter(receiver_id=receiver_id, state=state).order_by().values_list("pk")[:MOST])


def receivers(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The receivers with what waits and what was given up. Raises ``NotAllowed``."""
    judge(actor)
    rows = [dict(row) for row in Receiver.objects.filter(**which).order_by("name", "pk").values(*_RECEIVER)]
    for row in rows:
        row["waits"], row["dead"] = how_many(row["id"], State.WAITING), how_many(row["id"], State.DEAD)
        row["off_name"] = str(Off(row["off"]).label) if row["off"] else ""
        row |= said(row)
    return rows


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Why the last try failed, in words, and what to do about it."""
    if not row["trouble"]:
        return {"why": "", "advice": ""}
    label = str(Trouble(row["trouble"]).label)
    return {"why": f"{label} ({row['detail']})" if row["detail"] else label, "advice": ADVICE[row["trouble"]]}


def receiver(actor: Actor, receiver_id: int) -> dict[str, Any]:
    """One receiver for its page. Raises ``NotAllowed``, ``NotFound``."""
    found = receivers(actor, pk=receiver_id)
    if not found:
        raise NotFound()
    return found[0]


def get(actor: Actor, receiver_id: int) -> Receiver:
    """The row; raises ``NotFound`` for who does not set up webhooks."""
    return Receiver.objects.get(pk=_hidden(actor, Receiver.objects.filter(pk=receiver_id).exists(), receiver_id))


def get_delivery(actor: Actor, delivery_id: int) -> Delivery:
    """One delivery with its receiver; raises ``NotFound``."""
    found = Delivery.objects.select_related("receiver", "subject").filter(pk=delivery_id).first()
    _hidden(actor, found is not None, delivery_id)
    assert found is not None
    return found


def _hidden(actor: Actor, there: bool, pk: int) -> int:
    try:
        judge(actor)
    except NotAllowed as error:
        raise NotFound() from error
    if not there:
        raise NotFound()
    return pk


def deliveries(
    actor: Actor, receiver_id: int, *, state: str = "", cursor: str | None = None, size: int = 50
) -> paging.Page[dict[str, Any]]:
    """One page of deliveries to a receiver, newest first. Raises ``NotAllowed``."""
    judge(actor)
    rows = Delivery.objects.filter(receiver_id=receiver_id, **({"state": state} if state in State.values else {}))
    found = list(paging.after(rows, keys=("-id",), cursor=cursor).values(*_ROW)[: size + 1])
    page = paging.cut(found, size=size, key=lambda row: [row["id"]])
    return paging.Page([{**row, **said(dict(row)), "state_name": State(row["state"]).label} for row in page.rows], page.next)


def kind_choices(_actor: Any = None, _id: int | None = None) -> list[tuple[str, str]]:
    """The kinds of records that receivers can hear of."""
    return [(code, str(subject_kinds[code].name)) for code in offered()]


def event_choices(_actor: Any = None, _id: int | None = None) -> list[tuple[str, str]]:
    """The kinds of events by their codes, which is what receivers are sent."""
    return [(one.code, one.code) for one in sorted(event_kinds, key=lambda one: one.code)]


def health() -> list[Way]:
    """How each receiver fares."""
    found = []
    for row in receivers(SYSTEM):
        told = [Ill(row["off_name"], _("Enter the new address and switch it on again, or leave it off."))] if row["off"] else []
        if row["why"] and row["active"]:
            told.append(Ill(row["why"], str(row["advice"])))
        if row["dead"] and row["active"]:
            told.append(Ill(_("%(dead)s deliveries were given up") % row, _("Look at them under Settings, Webhooks, and send them again.")))
        url, tried = f"/settings/webhooks/{row['id']}", row["good_at"] is not None
        found.append(
            Way(_("Webhook"), row["name"], url, row["active"], tried, None, row["good_at"], row["waits"], row["dead"], tuple(told))
        )
    return found
