"""Reads about accounts at WeChat. No secret is among what is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, Sum, When
from django.utils.translation import gettext as _

from kefu.kit import moment, sentences
from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.health import Ill, Way
from kefu.people.actor import SYSTEM, Actor
from kefu.touch.channels.social.choices import HOURS, PIECES, Platform, State
from kefu.touch.channels.social.models import Link, Person, Sending
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account

MANAGE = "social.manage"
MOST = 100
ACCOUNT = ("id", "name", "address", "unit_id", "unit__name", "active", "health", "trouble", "tried_at")
KEPT = ("platform", "app_id", "base", "welcome")
LINK = (*KEPT, "hook", "access_until", "pulled_at", "came_at", "sent_at", "send_trouble")


def links(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The accounts, with what waits and what failed; none for who does not set them up."""
    if actor.id is not None and not actor.can(MANAGE):
        return []
    rows = {row["id"]: dict(row) for row in Account.objects.filter(channel=Channel.SOCIAL, **which).order_by("name", "pk").values(*ACCOUNT)}
    for link in Link.objects.filter(pk__in=list(rows)).values("account_id", *LINK):
        row = rows[link.pop("account_id")]
        row.update(link)
        row["trouble"], row["send_trouble"] = sentences.shown(row["trouble"]), sentences.shown(row["send_trouble"])
        row["platform_name"] = Platform(row["platform"]).label
    for pk, row in rows.items():
        out = Sending.objects.filter(message__account_id=pk).order_by().values_list("pk")
        row["waits"] = len(out.filter(state__in=(State.QUEUED, State.SENDING))[:MOST])
        row["failed"] = len(out.filter(state=State.FAILED)[:MOST])
    return [row for row in rows.values() if "hook" in row]


def link(actor: Actor, account_id: int) -> dict[str, Any]:
    """One account for its form; raises ``NotAllowed``, ``NotFound``."""
    if actor.id is not None and not actor.can(MANAGE):
        raise NotAllowed()
    found = links(actor, pk=account_id)
    if not found:
        raise NotFound()
    return found[0]


def health() -> list[Way]:
    """How each account fares."""
    found = []
    for row in links(SYSTEM):
        remedy = _("Look at it under Settings, WeChat.")
        troubles = [row["trouble"] if row["health"] == Health.FAILING else "", row["send_trouble"]]
        ills = [Ill(one, remedy) for one in dict.fromkeys(troubles) if one]
        if row["failed"]:
            told = {"failed": row["failed"], "name": row["name"]}
            ills.append(Ill(_("%(failed)s replies not sent") % told, _("Look at them in the inbox.")))
        tried = row["came_at"] is not None or row["sent_at"] is not None
        ways = (row["came_at"], row["sent_at"], row["waits"], row["failed"])
        found.append(Way(_("WeChat"), row["name"], "/settings/social", row["active"], tried, *ways, tuple(ills) if row["active"] else ()))
    return found


def by_hook(hook: str) -> Link:
    """The account whose platform posts to this address; raises ``NotFound``."""
    found = Link.objects.select_related("account__unit").filter(hook=hook[:40]).first()
    if found is None:
        raise NotFound()
    return found


def address_of(person: Person) -> str:
    """By which the conversations of a person are found; says nothing of who it is."""
    return f"wechat:{person.pk}"


def closes_at(person: Person) -> datetime | None:
    """Until when the platform takes answers to this person; None for who never wrote."""
    return person.wrote_at + timedelta(hours=HOURS) if person.wrote_at else None


def left(person: Person, apart_from: int = 0) -> int:
    """How many pieces the platform still takes: those since the person wrote last are counted."""
    sent = Case(When(state=State.FAILED, then=F("done")), default=F("pieces"))
    rows = Sending.objects.filter(person=person, since__gte=person.wrote_at or moment.now()).exclude(pk=apart_from)
    return PIECES - (rows.aggregate(n=Sum(sent))["n"] or 0)
