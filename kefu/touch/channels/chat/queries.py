"""Reads: the widget of a page, what a visitor sees, what an administrator sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.core import signing
from django.db.models import Q, QuerySet

from kefu.engines.clock import calendars
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.kit.errors import NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.touch.assignment.queries import MOST as FAR
from kefu.touch.assignment.queries import places
from kefu.touch.channels.chat.models import Visitor, Widget
from kefu.touch.conversations.choices import Direction, State
from kefu.touch.conversations.queries import Message

MANAGE = "chat.manage"
SALT = "kefu.chat.visitor"
MOST = 200
LOOK = "chat"  # wakes the streams of a conversation for what is no event of its line


def widget(key: str) -> Widget:
    """The widget in use with this key. Raises ``NotFound``."""
    found = Widget.objects.select_related("account__unit").filter(key=key[:24], account__active=True).first()
    if found is None:
        raise NotFound()
    return found


def token_of(visitor: Visitor) -> str:
    """The signed identity that the visitor's browser keeps."""
    return signing.Signer(salt=SALT).sign(visitor.key)


def visitor(token: str) -> Visitor:
    """Whose token this is. Raises ``NotFound`` for one that is not ours or whose widget is out of use."""
    try:
        key = signing.Signer(salt=SALT).unsign(token[:200])
    except signing.BadSignature as error:
        raise NotFound() from error
    found = Visitor.objects.select_related("widget__account").filter(key=key, widget__account__active=True).first()
    if found is None:
        raise NotFound()
    return found


def check_origin(held: Widget, origin: str, host: str) -> None:
    """Raises ``NotAllowed`` unless the page stands on a site of the widget or on our own."""
    if not origin or (origin not in held.sites and urlsplit(origin).netloc != host):
        raise NotAllowed()


def address_of(key: str) -> str:
    """By which the conversations of a visitor are found."""
    return f"visitor:{key}"


def is_open() -> bool:
    """Whether the centre serves right now, by the calendar of the setting ``calendar.service``; without that calendar, always."""
    calendar = calendars.all_calendars().get(str(setting("calendar.service", default="")))
    if calendar is None:
        return True
    at = moment.now()
    today = calendar.local(at).date()
    return any(start <= at < end for day in (today - timedelta(days=1), today) for start, end in calendar.working(day))


class Who(NamedTuple):
    """A visitor, as little as a stream needs to hold of him."""

    id: int
    key: str
    widget: int


def who(held: Visitor) -> Who:
    return Who(held.pk, held.key, held.widget_id)


def seen(held: Who, after: int) -> dict[str, Any]:
    """What the visitor sees: the turns after ``after`` in order (``more`` when some are left), and how the talk stands.

    Turns of one conversation are written under its lock, so their ids are its order: nothing can come before what was told already.
    """
    rows = Message.objects.filter(conversation__address=address_of(held.key), conversation__account_id=held.widget, id__gt=after)
    found = list(_rows(rows)[: MOST + 1])
    return {"turns": [_turn(row) for row in found[:MOST]], "more": len(found) > MOST, **standings([held])[held.id]}


def fresh(after: dict[int, int]) -> dict[int, list[dict[str, Any]]]:
    """The turns of each conversation after the last one that was told, in order, at most ``MOST`` of all: one statement for any number."""
    wanted = Q()
    for talk, last in after.items():
        wanted |= Q(conversation_id=talk, id__gt=last)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _rows(Message.objects.filter(wanted))[:MOST] if after else ():
        found.setdefault(row[0], []).append(_turn(row))
    return found


def _rows(rows: QuerySet[Message]) -> Any:
    names = ("conversation_id", "id", "direction", "text", "at", "author__number", "foreign_id")
    return rows.exclude(direction=Direction.NOTE).order_by("id").values_list(*names)


def _turn(row: tuple[Any, ...]) -> dict[str, Any]:
    _talk, number, direction, text, at, agent, foreign_id = row
    own = direction == Direction.IN
    sent = (foreign_id or "").partition(":")[2] if own else ""
    return {"seq": number, "own": own, "agent": agent or "", "text": text, "at": at, "id": sent}


def standings(held: Sequence[Who]) -> dict[int, dict[str, Any]]:
    """How the talk of each visitor stands: its number, state, place in the queue, the agent's number, whether it was rated."""
    names = ("id", "conversation_id", "conversation__state", "conversation__contact__agent__number", "conversation__rating__stars")
    rows = list(Visitor.objects.filter(pk__in=[one.id for one in held]).values_list(*names))
    waiting = {pk for pk, _talk, state, *_rest in rows if state == State.WAITING}
    queue = places(one.widget for one in held if one.id in waiting)
    return {
        pk: {
            "talk": talk, "state": state or "new", "place": queue.get(talk, FAR) if pk in waiting else 0, "agent": agent or "",
            "rated": stars is not None,
        }
        for pk, talk, state, agent, stars in rows
    }  # fmt: skip


def widgets(actor: Actor) -> list[dict[str, Any]]:
    """All widgets for who sets them up."""
    if not actor.can(MANAGE):
        raise NotAllowed()
    rows = Widget.objects.order_by("account__name").values("account_id", "key", "sites", "account__name", "account__active")
    return [dict(row) for row in rows]


def one(actor: Actor, account_id: int) -> dict[str, Any]:
    """One widget for its form. Raises ``NotFound``."""
    if not actor.can(MANAGE):
        raise NotAllowed()
    names = ("account_id", "key", "sites", "greeting", "consent", "account__name", "account__unit_id", "account__active")
    row = Widget.objects.filter(pk=account_id).values(*names).first()
    if row is None:
        raise NotFound()
    return {**row, "name": row["account__name"], "unit_id": row["account__unit_id"], "active": row["account__active"],
            "sites": "\n".join(row["sites"])}  # fmt: skip
