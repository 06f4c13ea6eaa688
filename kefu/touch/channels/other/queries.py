"""Reads about attached channels, and the replies that wait to be fetched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from kefu.kit import moment
from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.health import Ill, Way
from kefu.people.actor import Actor
from kefu.touch.channels.other.models import Attached
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations.choices import Delivery, Direction
from kefu.touch.conversations.queries import Message

KIND = "channel"
MANAGE, USE = "other.manage", "other.use"
MOST, SILENT = 100, timedelta(minutes=15)
_ROW = (
    "account_id",
    "account__name",
    "account__address",
    "account__unit_id",
    "account__unit__name",
    "account__active",
    "known_by",
    "asked_at",
)


def channels(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The channels with what waits to be fetched. Raises ``NotAllowed``."""
    actor.require(MANAGE)
    return _rows(**which)


def _rows(**which: Any) -> list[dict[str, Any]]:
    rows = []
    for found in Attached.objects.filter(**which).order_by("account__name", "pk").values(*_ROW):
        row = {name.removeprefix("account__"): value for name, value in found.items()}
        row |= {"id": row["account_id"], "code": row["address"]}
        row["waits"], row["failed"] = (conversations.how_many_are(row["id"], one, MOST) for one in (Delivery.QUEUED, Delivery.FAILED))
        rows.append(row)
    return rows


def channel(actor: Actor, account_id: int) -> dict[str, Any]:
    """One channel for its form. Raises ``NotAllowed``, ``NotFound``."""
    found = channels(actor, pk=account_id)
    if not found:
        raise NotFound()
    return found[0]


def by_code(actor: Actor, code: str) -> Attached:
    """The channel in use that a system speaks for. Raises ``NotAllowed``, ``NotFound``."""
    if not actor.can(USE):
        raise NotAllowed()
    rows = Attached.objects.select_related("account__unit")
    found = rows.filter(account__address=code[:40], account__channel="api", account__active=True).first()
    if found is None:
        raise NotFound()
    return found


def replies(channel: Attached, limit: int) -> list[dict[str, Any]]:
    """The oldest replies that nobody has confirmed yet."""
    names = ("id", "conversation_id", "conversation__contact__subject__number", "conversation__address", "at", "reply")
    rows = Message.objects.filter(account_id=channel.pk, direction=Direction.OUT, delivery=Delivery.QUEUED).order_by("id").values(*names)
    code, found = channel.account.address, list(rows[:limit])
    files = conversations.attachments(row["id"] for row in found)
    return [
        {
            "id": row["id"], "conversation": row["conversation_id"], "number": row["conversation__contact__subject__number"],
            "to": row["conversation__address"], "at": row["at"], "text": row["reply"],
            "files": [_file(code, row["id"], one) for one in files.get(row["id"], ())],
        }
        for row in found
    ]  # fmt: skip


def _file(code: str, reply_id: int, one: dict[str, Any]) -> dict[str, Any]:
    url = f"/api/v1/channels/{code}/replies/{reply_id}/files/{one['file_id']}"
    return {"id": one["file_id"], "url": url, **{name: one[f"file__{name}"] for name in ("name", "size", "media_type")}}


def file_of_reply(actor: Actor, code: str, reply_id: int, file_id: int) -> int:
    """The file, if it hangs on a reply of this channel and was not withdrawn. Raises ``NotAllowed``, ``NotFound``."""
    channel = by_code(actor, code)
    out = Message.objects.filter(pk=reply_id, account_id=channel.pk, direction=Direction.OUT).exists()
    if not out or file_id not in {one["file_id"] for one in conversations.attachments([reply_id]).get(reply_id, ())}:
        raise NotFound()
    return file_id


def health() -> list[Way]:
    """How each channel fares: its system should fetch what waits."""
    last, found = conversations.last_of_accounts(), []
    for row in _rows():
        came, went = last.get(row["id"], (None, None))
        ills = []
        silent = row["asked_at"] is None or row["asked_at"] < moment.now() - SILENT
        if row["active"] and row["waits"] and silent:
            told = _("%(waits)s replies wait, and the other system has not fetched any for a while") % row
            ills.append(Ill(told, _("Check the other system and its API key; docs/channels.md says what it has to ask for.")))
        if row["active"] and row["failed"]:
            ills.append(Ill(_("%(failed)s replies not delivered") % row, _("Look at them in the inbox.")))
        tried = came is not None or row["asked_at"] is not None
        active, waits, failed = row["active"], row["waits"], row["failed"]
        found.append(Way(_("Other channel"), row["name"], "/settings/other", active, tried, came, went, waits, failed, tuple(ills)))
    return found
