"""What an administrator changes: fax numbers. Each change stands in the audit trail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid, NotFound, Text
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.fax import policies
from kefu.touch.channels.fax.models import Machine
from kefu.touch.channels.fax.queries import mailboxes
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

MACHINE = "setting.fax"
_LABELS = {"name": _("Name"), "address": _("Fax number"), "unit": _("Unit"), "active": _("In use"), "folder": _("Folder")}
EVENT_KINDS = (EventKind(MACHINE, _("set the fax number"), "file", audit.describes(_("set the fax number “%(name)s”: %(what)s"), _LABELS)),)


def _wrong(folder: str, mailbox_id: int | None, own: int | None) -> dict[str, Text]:
    """What cannot be, by field."""
    if not folder and mailbox_id is None:
        return {"folder": _("Name a folder or a mailbox.")}
    if mailbox_id is not None and mailbox_id not in dict(mailboxes(None, None)):
        return {"mailbox_id": _("There is no such mailbox.")}
    if mailbox_id is not None and Machine.objects.filter(mailbox_id=mailbox_id).exclude(pk=own).exists():
        return {"mailbox_id": _("Another fax number has this mailbox.")}
    if not folder:
        return {}
    path = Path(folder)
    if not path.is_absolute() or not path.is_dir():
        return {"folder": _("There is no such folder on this machine.")}
    if path.resolve().is_relative_to(Path(settings.STATE).resolve()):
        return {"folder": _("Choose a folder outside the state folder of Kefu.")}
    if Machine.objects.filter(folder=folder).exclude(pk=own).exists():
        return {"folder": _("Another fax number has this folder.")}
    return {}


@transaction.atomic
def keep_machine(
    *, actor: Actor, id: int | None = None, name: str, address: str, unit_id: int, active: bool = True, folder: str = "",  # noqa: A002
    mailbox_id: int | None = None,
) -> Account:  # fmt: skip
    """Write a fax number. Raises ``Invalid``, ``NotFound``, ``NotAllowed``."""
    policies.judge(actor)
    row = Account.objects.filter(pk=id, channel=Channel.FAX).select_related("unit").first() if id else Account(channel=Channel.FAX)
    if row is None:
        raise NotFound()
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise Invalid(fields={"unit_id": _("There is no such unit.")})
    address, folder = address.strip(), folder.strip().rstrip("/")
    if Account.objects.filter(channel=Channel.FAX, address=address).exclude(pk=row.pk).exists():
        raise Invalid(fields={"address": _("Another line has this number.")})
    if wrong := _wrong(folder, mailbox_id, row.pk):
        raise Invalid(fields=wrong)
    before = _said(row) if row.pk else {}
    row.name, row.address, row.unit, row.active = name.strip(), address, unit, active
    row.save()
    Machine.objects.update_or_create(account=row, defaults={"folder": folder, "mailbox_id": mailbox_id})
    if changed := audit.differences(before, _said(row)):
        audit.of_house(actor_id=actor.id, kind=MACHINE, data={"code": str(row.pk), "name": row.name, "changed": changed})
    return row


def _said(row: Account) -> dict[str, Any]:
    shown = dict(Machine.objects.filter(pk=row.pk).values("folder", "mailbox_id").first() or {})
    return {"name": row.name, "address": row.address, "unit": row.unit.name, "active": row.active, **shown}
