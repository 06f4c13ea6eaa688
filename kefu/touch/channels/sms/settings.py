"""What an administrator changes: lines. Each change stands in the audit trail."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from kefu.engines.clock import queries as clock
from kefu.engines.texting.recipes import Recipe
from kefu.kit.errors import Invalid, NotFound
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.sms import policies
from kefu.touch.channels.sms.choices import Carrier
from kefu.touch.channels.sms.models import Line
from kefu.touch.channels.sms.queries import KEPT
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

LINE = "setting.sms"
_LABELS = {
    "name": _("Name"),
    "address": _("Number that people see"),
    "unit": _("Unit"),
    "active": _("In use"),
    "carrier": _("Carrier"),
    "signature": _("SMS signature"),
    "secrets": _("Secrets"),
}
EVENT_KINDS = (EventKind(LINE, _("set the SMS line"), "message", audit.describes(_("set the SMS line “%(name)s”: %(what)s"), _LABELS)),)


def recipe_of(text: str) -> dict[str, Any]:
    """The description as data. Raises ``Invalid`` naming what is wrong in it."""
    if not text.strip():
        return {}
    try:
        data: Any = json.loads(text)
        Recipe.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        told = {"place": ".".join(str(one) for one in first["loc"]) or "--", "why": first["msg"].removeprefix("Value error, ")}
        raise Invalid(fields={"recipe": _("The description does not hold at “%(place)s”: %(why)s") % told}) from error
    except (ValueError, RecursionError) as error:
        raise Invalid(fields={"recipe": _("This is no JSON: %(why)s") % {"why": str(error)[:200]}}) from error
    return dict(data)


@transaction.atomic
def keep_line(
    *, actor: Actor, id: int | None = None, name: str, address: str, unit_id: int, active: bool = True, recipe: str = "",  # noqa: A002
    secret: str = "", **more: Any,
) -> Account:  # fmt: skip
    """Write a line (``more``: columns of ``Line``; an empty secret stays as it is).

    Raises ``Invalid`` for a number that another line has or a description that cannot be read, ``NotFound``, ``NotAllowed``.
    """
    policies.judge(actor)
    row = Account.objects.filter(pk=id, channel=Channel.SMS).select_related("unit").first() if id else Account(channel=Channel.SMS)
    if row is None:
        raise NotFound()
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise Invalid(fields={"unit_id": _("There is no such unit.")})
    address = address.strip()
    if Account.objects.filter(channel=Channel.SMS, address=address).exclude(pk=row.pk).exists():
        raise Invalid(fields={"address": _("Another line has this number.")})
    described = recipe_of(recipe)
    if more.get("carrier") == Carrier.GATEWAY and not described:
        raise Invalid(fields={"recipe": _("Please fill this in.")})
    if more.get("carrier") == Carrier.SMPP and not str(more.get("host", "")).strip():
        raise Invalid(fields={"host": _("Please fill this in.")})
    if more.get("workdays") and more["workdays"] not in dict(clock.calendar_choices()):
        raise Invalid(fields={"workdays": _("There is no such calendar.")})
    before = _said(row) if row.pk else {}
    row.name, row.address, row.unit, row.active = name.strip(), address, unit, active
    row.save()
    line = Line.objects.filter(pk=row.pk).first() or Line(account=row, hook=secrets.token_urlsafe(24))
    for key in KEPT:
        if key in more:
            setattr(line, key, more[key].strip() if isinstance(more[key], str) else more[key])
    line.recipe, line.watched_by = described, ""
    line.secret = secret or line.secret
    line.save()
    if changed := audit.differences(before, _said(row)) | ({"secrets": ["", "***"]} if secret else {}):
        audit.of_house(actor_id=actor.id, kind=LINE, data={"code": str(row.pk), "name": row.name, "changed": changed})
    return row


def _said(row: Account) -> dict[str, Any]:
    shown = Line.objects.filter(pk=row.pk).values(*(name for name in KEPT if name != "recipe")).first() or {}
    return {"name": row.name, "address": row.address, "unit": row.unit.name, "active": row.active, **shown}
