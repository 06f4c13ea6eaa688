"""What an administrator changes: attached channels. Each change stands in the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid, NotFound
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.other import queries
from kefu.touch.channels.other.choices import Known
from kefu.touch.channels.other.models import Attached
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

CHANGED = "setting.other_channel"
_LABELS = {"name": _("Name"), "address": _("Code in the API"), "unit": _("Unit"), "active": _("In use")}
_TOLD = _("set the other channel “%(name)s”: %(what)s")
EVENT_KINDS = (EventKind(CHANGED, _("set the other channel"), "link", audit.describes(_TOLD, _LABELS)),)


@transaction.atomic
def keep(
    *, actor: Actor, id: int | None = None, name: str, code: str, unit_id: int, active: bool = True, known_by: Known = Known.ID,  # noqa: A002
) -> Attached:  # fmt: skip
    """Write a channel. By what it knows customers stays as it was made. Raises ``Invalid``, ``NotFound``, ``NotAllowed``."""
    actor.require(queries.MANAGE)
    row = Account.objects.filter(pk=id, attached__isnull=False).select_related("unit").first() if id else Account(channel=Channel.API)
    if row is None:
        raise NotFound()
    unit, code = Unit.objects.filter(pk=unit_id, active=True).first(), code.strip()
    if unit is None:
        raise Invalid(fields={"unit_id": _("There is no such unit.")})
    if Account.objects.filter(channel=Channel.API, address=code).exclude(pk=row.pk).exists():
        raise Invalid(fields={"code": _("Another channel has this code.")})
    before = _said(row) if row.pk else {}
    row.name, row.address, row.unit, row.active = name.strip(), code, unit, active
    row.save()
    made, _new = Attached.objects.get_or_create(account=row, defaults={"known_by": known_by})
    if changed := audit.differences(before, _said(row)):
        audit.of_house(actor_id=actor.id, kind=CHANGED, data={"code": str(row.pk), "name": row.name, "changed": changed})
    return made


def _said(row: Account) -> dict[str, Any]:
    return {"name": row.name, "address": row.address, "unit": row.unit.name, "active": row.active}
