"""What an administrator changes: lines. Each change stands in the audit trail."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from kefu.engines.clock import queries as clock
from kefu.engines.texting.recipes import Recipe, Templates
from kefu.kit import validation
from kefu.kit.errors import Invalid, NotFound
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.sms import policies
from kefu.touch.channels.sms.choices import PLACES, Carrier
from kefu.touch.channels.sms.models import Line
from kefu.touch.channels.sms.queries import KEPT
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

LINE = "setting.sms"
MOST_FAULTS = 3
FILLED = tuple(dict.fromkeys(name for names in PLACES.values() for name in names))
_NOT_SO = _("The description does not hold at “%(place)s”: %(why)s")
_NO_JSON = _("This is no JSON. Look at line %(line)d, column %(column)d: a comma, a quotation mark or a bracket may be missing there.")
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
        _fitting(Recipe.model_validate(data).send.template)
    except ValidationError as error:
        raise Invalid(fields={"recipe": "; ".join(_wrong(one) for one in error.errors()[:MOST_FAULTS])}) from error
    except json.JSONDecodeError as error:
        raise Invalid(fields={"recipe": _NO_JSON % {"line": error.lineno, "column": error.colno}}) from error
    except RecursionError as error:
        raise Invalid(fields={"recipe": _NO_JSON % {"line": 1, "column": 1}}) from error
    return dict(data)


def _wrong(fault: Mapping[str, Any]) -> str:
    """One thing that is wrong in a description: where, why, and what may stand there."""
    place, why = ".".join(str(one) for one in fault["loc"]) or "--", str(validation.message(fault))
    if expected := (fault.get("ctx") or {}).get("expected"):
        why = f"{why} {expected.replace(' or ', ', ')}"
    return str(_NOT_SO) % {"place": place, "why": why}


def _fitting(way: Templates) -> None:
    """Raises ``Invalid`` if the parameters of a template are made of places that no template has."""
    for place, names in (("send.template.names", way.names), ("send.template.order", way.order)):
        if strange := [one for one in names if one not in FILLED]:
            why = _("“%(name)s” is no place of our templates; there are %(known)s.") % {"name": strange[0], "known": ", ".join(FILLED)}
            raise Invalid(fields={"recipe": _NOT_SO % {"place": place, "why": why}})


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
