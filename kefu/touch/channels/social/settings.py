"""What an administrator changes: accounts at WeChat. Each change stands in the audit trail."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.social import calls
from kefu.kit.errors import Invalid, NotFound, Text
from kefu.kit.language import label_of
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.social import policies
from kefu.touch.channels.social.choices import BASES, Platform
from kefu.touch.channels.social.models import Link
from kefu.touch.channels.social.queries import KEPT
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

LINK = "setting.social"
SECRETS = ("secret", "token", "key")
_LABELS = {
    "name": _("Name"),
    "unit": _("Unit"),
    "active": _("In use"),
    "platform": _("Platform"),
    "secrets": _("Secrets"),
    "base": _("Address of the API"),
    "address": _("Customer service account (open_kfid)"),
    "app_id": _("AppID or CorpID"),
    "welcome": _("Greeting"),
}
_SET = audit.describes(_("set the WeChat account “%(name)s”: %(what)s"), _LABELS, {"platform": label_of(Platform)})
EVENT_KINDS = (EventKind(LINK, _("set the WeChat account"), "brand-wechat", _SET),)


def _wrong(link: Link, account: Account, active: bool) -> dict[str, Text]:
    """What is missing or cannot be, by field."""
    need = _("Please fill this in.")
    wrong: dict[str, Text] = {}
    if link.platform == Platform.SERVICE and account.address == link.app_id:
        wrong["open_kfid"] = need
    if active:
        wanted = [name for name in SECRETS if name != "key" or link.platform == Platform.SERVICE]
        wrong |= {name: need for name in wanted if not getattr(link, name)}
    try:
        calls.base_of(link.base)
    except ValueError:
        wrong["base"] = _("Name a host, or an address that begins with https://")
    return wrong


@transaction.atomic
def keep_link(
    *, actor: Actor, id: int | None = None, name: str, unit_id: int, active: bool = False, platform: str = Platform.OFFICIAL,  # noqa: A002
    app_id: str, open_kfid: str = "", base: str = "", welcome: str = "", **given: Any,
) -> Account:  # fmt: skip
    """Write an account (``given``: secret, token, key; an empty one stays as it is). Raises ``Invalid``, ``NotFound``, ``NotAllowed``."""
    policies.judge(actor)
    row = Account.objects.filter(pk=id, channel=Channel.SOCIAL).select_related("unit").first() if id else Account(channel=Channel.SOCIAL)
    if row is None:
        raise NotFound()
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise Invalid(fields={"unit_id": _("There is no such unit.")})
    before = _said(row) if row.pk else {}
    link = Link.objects.filter(pk=row.pk).first() if row.pk else Link(hook=secrets.token_urlsafe(24))
    if link is None:
        raise NotFound()
    reached = (link.platform, link.app_id, link.base, link.secret)
    link.platform, link.app_id, link.welcome = platform, app_id.strip(), welcome.strip()
    link.base = base.strip().rstrip("/") or BASES[Platform(platform)]
    for one in SECRETS:
        setattr(link, one, str(given.get(one) or "").strip() or getattr(link, one))
    address = (open_kfid.strip() if platform == Platform.SERVICE else "") or link.app_id
    row.name, row.unit, row.active, row.address = name.strip(), unit, active, address
    if wrong := _wrong(link, row, active):
        raise Invalid(fields=wrong)
    if Account.objects.filter(channel=Channel.SOCIAL, address=address).exclude(pk=row.pk).exists():
        raise Invalid(fields={"app_id": _("This account has been added already.")})
    if reached != (link.platform, link.app_id, link.base, link.secret):
        link.access, link.access_until = "", None
    row.save()
    link.account = row
    link.save()
    new = any(given.get(one) for one in SECRETS)
    if changed := audit.differences(before, _said(row)) | ({"secrets": ["", "***"]} if new else {}):
        audit.of_house(actor_id=actor.id, kind=LINK, data={"code": str(row.pk), "name": row.name, "changed": changed})
    return row


def _said(row: Account) -> dict[str, Any]:
    shown = Link.objects.filter(pk=row.pk).values(*KEPT).first() or {}
    own = {"address": row.address} if row.address != shown.get("app_id") else {}
    return {"name": row.name, **own, "unit": row.unit.name, "active": row.active, **shown}
