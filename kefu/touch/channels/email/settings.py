"""What an administrator changes: mailboxes. Each change stands in the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid, NotFound
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.email import policies
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

MAILBOX = "setting.mailbox"
_LABELS = {"name": _("Name"), "address": _("Mail address"), "unit": _("Unit"), "active": _("In use")}
EVENT_KINDS = (EventKind(MAILBOX, _("set the mailbox"), "mail", audit.describes(_("set the mailbox “%(name)s”: %(what)s"), _LABELS)),)


@transaction.atomic
def keep_mailbox(*, actor: Actor, id: int | None = None, name: str, address: str, unit_id: int, active: bool = True) -> Account:  # noqa: A002
    """Write a mailbox. Raises ``Invalid`` for an address that another one has, ``NotFound``, ``NotAllowed``."""
    policies.judge(actor)
    row = Account.objects.filter(pk=id, channel=Channel.EMAIL).select_related("unit").first() if id else Account(channel=Channel.EMAIL)
    if row is None:
        raise NotFound()
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise Invalid(fields={"unit_id": _("There is no such unit.")})
    address = address.strip().lower()
    if Account.objects.filter(channel=Channel.EMAIL, address__iexact=address).exclude(pk=row.pk).exists():
        raise Invalid(fields={"address": _("Another mailbox has this address.")})
    before = _said(row) if row.pk else {}
    row.name, row.address, row.unit, row.active = name.strip(), address, unit, active
    row.save()
    if changed := audit.differences(before, _said(row)):
        audit.of_house(actor_id=actor.id, kind=MAILBOX, data={"code": str(row.pk), "name": row.name, "changed": changed})
    return row


def _said(row: Account) -> dict[str, Any]:
    return {"name": row.name, "address": row.address, "unit": row.unit.name, "active": row.active}
