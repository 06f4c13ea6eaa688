"""Reads about fax numbers and faxes that wait for a person. Who sets up fax numbers sees no faxes; who leads the inbox does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.health import Ill, Way
from kefu.people.actor import SYSTEM, Actor
from kefu.touch.channels.fax.choices import State, Why
from kefu.touch.channels.fax.models import Machine, Sheet
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account

KIND = "fax_sheet"
MANAGE, OPEN = "fax.manage", "conversations.lead"
MOST = 100


def machines(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The fax numbers; none for who neither sets them up nor leads the inbox."""
    if actor.id is not None and not (actor.can(MANAGE) or actor.can(OPEN)):
        return []
    names = (
        "account_id", "account__name", "account__address", "account__unit_id", "account__unit__name", "account__active", "account__health",
        "account__trouble", "folder", "mailbox_id", "mailbox__address", "looked_at",
    )  # fmt: skip
    rows = [dict(row) for row in Machine.objects.filter(**which).order_by("account__name", "pk").values(*names)]
    for row in rows:
        row |= {name: row[f"account__{name}"] for name in ("name", "address", "unit_id", "active", "health", "trouble")}
        row["id"], row["held"] = row["account_id"], how_many_held(row["account_id"])
    return rows


def how_many_held(account_id: int) -> int:
    """Counted to ``MOST``."""
    return len(Sheet.objects.filter(machine_id=account_id, state=State.HELD).order_by().values_list("pk")[:MOST])


def machine(actor: Actor, account_id: int) -> dict[str, Any]:
    """One fax number for its form; raises ``NotAllowed``, ``NotFound``."""
    if not actor.can(MANAGE):
        raise NotAllowed()
    found = machines(actor, pk=account_id)
    if not found:
        raise NotFound()
    return found[0]


def mailboxes(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    """Source of choices: the mailboxes in use."""
    rows = Account.objects.filter(channel=Channel.EMAIL, active=True).order_by("name").values_list("pk", "name", "address")
    return [(pk, f"{name} {address}") for pk, name, address in rows]


def held(actor: Actor, state: State = State.HELD, size: int = 50) -> list[dict[str, Any]]:
    """What waits for a person, or was laid aside; the newest ``size``, newest first."""
    if not actor.can(OPEN):
        return []
    names = ("id", "machine__account__name", "name", "why", "detail", "at", "file__size")
    rows = Sheet.objects.filter(state=state).order_by("-id").values(*names)[:size]
    return [{**row, "why_name": Why(row["why"]).label} for row in rows]


def sheet(actor: Actor, sheet_id: int) -> Sheet:
    """One fax; raises ``NotFound`` for who does not lead the inbox."""
    rows = Sheet.objects.select_related("machine__account", "file")
    found = rows.filter(pk=sheet_id).first() if actor.can(OPEN) else None
    if found is None:
        raise NotFound()
    return found


def health() -> list[Way]:
    """How each fax number fares; what waits is what a person must look at."""
    last, found = conversations.last_of_accounts(), []
    for row in machines(SYSTEM):
        ills = tuple(_ills(row)) if row["active"] else ()
        came, tried = last.get(row["id"], (None, None))[0], not row["folder"] or row["looked_at"] is not None
        found.append(Way(_("Fax"), row["address"], "/settings/fax", row["active"], tried, came, failing=row["held"], ills=ills))
    return found


def _ills(row: dict[str, Any]) -> Iterator[Ill]:
    if row["health"] == Health.FAILING:
        remedy = _("Give the folder to the user that runs Kefu, or name another under Settings, Fax.")
        yield Ill(_("The folder cannot be read: %(trouble)s") % row, remedy)
    if row["held"]:
        yield Ill(_("%(held)s faxes wait for a person") % row, _("Look at them under Settings, Fax."))
