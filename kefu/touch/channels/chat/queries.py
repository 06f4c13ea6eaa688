"""Reads: the widget of a page, what a visitor sees, what an administrator sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core import signing

from kefu.engines.clock import calendars
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.kit.errors import NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.touch.assignment.queries import place
from kefu.touch.channels.chat.models import Rating, Visitor, Widget
from kefu.touch.conversations.choices import Direction, State
from kefu.touch.conversations.queries import Message

MANAGE = "chat.manage"
SALT = "kefu.chat.visitor"
MOST = 200


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


def seen(held: Visitor, after: int) -> dict[str, Any]:
    """What the visitor sees: the turns after ``after`` in order (``more`` when some are left), and how the talk stands.

    Turns of one conversation are written under its lock, so their ids are its order: nothing can come before what was told already.
    """
    rows = Message.objects.filter(conversation__address=address_of(held.key), conversation__account_id=held.widget_id, id__gt=after)
    rows = rows.exclude(direction=Direction.NOTE).order_by("id")
    names = ("id", "direction", "text", "at", "author__number", "foreign_id")
    found = [dict(row) for row in rows.values(*names)[: MOST + 1]]
    turns = [_turn(held, row) for row in found[:MOST]]
    return {"turns": turns, "more": len(found) > MOST, **standing(held)}


def _turn(held: Visitor, row: dict[str, Any]) -> dict[str, Any]:
    own = row["direction"] == Direction.IN
    sent = (row["foreign_id"] or "").removeprefix(f"{held.key}:") if own else ""
    return {"seq": row["id"], "own": own, "agent": row["author__number"] or "", "text": row["text"], "at": row["at"], "id": sent}


def standing(held: Visitor) -> dict[str, Any]:
    """How the talk stands: its number, state, place in the queue, the agent's number, whether it was rated."""
    names = ("conversation_id", "conversation__state", "conversation__contact__agent__number")
    row = Visitor.objects.filter(pk=held.pk).values(*names).first() or {}
    talk, state = row.get("conversation_id"), row.get("conversation__state") or "new"
    rated = talk is not None and Rating.objects.filter(pk=talk).exists()
    agent = row.get("conversation__contact__agent__number") or ""
    return {"talk": talk, "state": state, "place": place(talk) if talk and state == State.WAITING else 0, "agent": agent, "rated": rated}


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
