"""What an administrator changes: widgets. Each change stands in the audit trail."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid, NotAllowed, NotFound
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.chat import queries, routing
from kefu.touch.channels.chat.choices import WORDS
from kefu.touch.channels.chat.models import Widget
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

WIDGET = "setting.chat_widget"
_LABELS = {
    "name": _("Name"),
    "unit": _("Unit"),
    "sites": _("Web sites"),
    "active": _("In use"),
    "secret": _("Secret"),
    "portal": _("On the centre's own public pages too"),
    "robot": _("The robot answers first"),
    "robot_words": _("It hands over at these words, one a line"),
    "robot_share": _("The robot answers if this share of the question stands in the article (percent)"),
    "robot_tries": _("It hands over after this many answers that did not help"),
    "greeting": _("Greeting"),
    "consent": _("Privacy notice that the visitor agrees to"),
}
EVENT_KINDS = (
    EventKind(WIDGET, _("set the chat widget"), "message", audit.describes(_("set the chat widget “%(name)s”: %(what)s"), _LABELS)),
)


def sites_of(text: str) -> list[str]:
    """Origins, one a line. Raises ``Invalid`` for a line that is none."""
    found = []
    for line in text.split():
        parts = urlsplit(line.strip().rstrip("/").lower())
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query or "@" in parts.netloc:
            raise Invalid(fields={"sites": _("“%(site)s” is no address of a web site (https://www.example.com).") % {"site": line[:60]}})
        found.append(f"{parts.scheme}://{parts.netloc}")
    return list(dict.fromkeys(found))


def words_of(text: str) -> str:
    """One word a line, each once. Raises ``Invalid`` for one of marks alone, or longer than forty characters."""
    found = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))
    if wrong := next((one for one in found if len(one) > 40 or not any(sign.isalnum() for sign in one)), ""):
        raise Invalid(fields={"robot_words": _("“%(word)s” is no word that a visitor writes.") % {"word": wrong[:40]}})
    return "\n".join(found)


@transaction.atomic
def keep_widget(
    *, actor: Actor, id: int | None = None, name: str, unit_id: int, sites: str = "", greeting: str = "", consent: str = "",  # noqa: A002
    active: bool = True, portal: bool = False, robot: bool = False, robot_share: int = 25, robot_tries: int = 2,
    robot_words: str = WORDS,
) -> Widget:  # fmt: skip
    """Write a widget. Raises ``Invalid``, ``NotFound``, ``NotAllowed``."""
    if not actor.can(queries.MANAGE):
        raise NotAllowed()
    origins = sites_of(sites)
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise Invalid(fields={"unit_id": _("There is no such unit.")})
    row = Widget.objects.select_related("account__unit").filter(pk=id).first() if id else None
    if id and row is None:
        raise NotFound()
    if row is None:
        key = secrets.token_hex(10)
        row = Widget(account=Account(channel=Channel.CHAT, address=key), key=key)
    before = _said(row) if row.pk else {}
    account = row.account
    account.name, account.unit, account.active = name.strip(), unit, active
    account.save()
    row.account = account
    row.robot, row.robot_share, row.robot_tries, row.robot_words = robot, robot_share, robot_tries, words_of(robot_words)
    row.sites, row.portal, row.greeting, row.consent = origins, portal, greeting.strip(), consent.strip()
    row.save()
    if changed := audit.differences(before, _said(row)):
        audit.of_house(actor_id=actor.id, kind=WIDGET, data={"code": str(row.pk), "name": account.name, "changed": changed})
    return row


@transaction.atomic
def renew_secret(*, actor: Actor, id: int) -> str:  # noqa: A002
    """A new secret by which web sites sign who is signed in there, told this once. Raises ``NotFound``, ``NotAllowed``."""
    if not actor.can(queries.MANAGE):
        raise NotAllowed()
    row = Widget.objects.select_for_update(of=("self",)).select_related("account").filter(pk=id).first()
    if row is None:
        raise NotFound()
    row.secret = routing.new_secret()
    row.save(update_fields=["secret"])
    audit.of_house(actor_id=actor.id, kind=WIDGET, data={"code": str(id), "name": row.account.name, "changed": {"secret": ["", "***"]}})
    return row.secret


def _said(row: Widget) -> dict[str, Any]:
    account = row.account
    said = {"name": account.name, "unit": account.unit.name, "sites": " ".join(row.sites), "active": account.active, "portal": row.portal}
    said |= {"robot": row.robot, "robot_share": row.robot_share, "robot_tries": row.robot_tries, "robot_words": row.robot_words}
    return {**said, "greeting": row.greeting, "consent": row.consent}
