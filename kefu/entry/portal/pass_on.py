"""Employees without an account pass on what they heard, with the code of the day (R-04-3.1)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.cases.complaints.models import Complaint
from kefu.engines.rulebook.queries import setting
from kefu.flows import complaint_steps
from kefu.kit import moment, phone, secrecy
from kefu.kit.errors import Invalid, Text
from kefu.people.actor import Actor, actor_of
from kefu.people.models import Staff

SETTING = "complaint.pass_on_code"


def is_open() -> bool:
    """Whether the centre lets employees in this way (setting ``complaint.pass_on_code``: "daily" or "off")."""
    return str(setting(SETTING, default="daily")) != "off"


def today() -> date:
    return timezone.localtime(moment.now()).date()


def code_of(day: date) -> str:
    """Six digits that hold for one day; nobody can reckon those of tomorrow."""
    return f"{int(secrecy.blind(day.isoformat(), SETTING), 16) % 1_000_000:06d}"


def pass_on(given: Mapping[str, str]) -> Complaint:
    """Take the complaint in the name of the employee, who follows it from now on (R-04-3.4). Raises ``Invalid``."""
    typed = {name: given.get(name, "").strip() for name in ("code", "number", "content", "name", "phone", "address")}
    if not hmac.compare_digest(typed["code"].encode(), code_of(today()).encode()):
        raise Invalid(fields={"code": _("This is not the code of today. Ask the service centre.")})
    wrong: dict[str, Text] = {}
    employee = _employee(typed["number"])
    if employee is None:
        wrong["number"] = _("Nobody has this agent number.")
    if not 2 <= len(typed["content"]) <= 5000:
        wrong["content"] = _("Please write down what you heard (at most 5000 characters).")
    if typed["phone"] and not phone.is_possible(typed["phone"]):
        wrong["phone"] = _("This is not a phone number.")
    for name, most in (("name", 80), ("phone", 40), ("address", 200)):
        if len(typed[name]) > most:
            wrong[name] = _("At most %(most)d characters fit here.") % {"most": most}
    if wrong or employee is None:
        raise Invalid(fields=wrong)
    told = {name: typed[name].replace("\x00", "") for name in ("content", "name", "phone", "address")}
    return complaint_steps.pass_on(actor=employee, **told)


def _employee(number: str) -> Actor | None:
    found = Staff.objects.filter(number=number[:40].replace("\x00", ""), is_active=True).values_list("pk", flat=True).first()
    return actor_of(found) if found else None
