"""What the forms of lines and templates ask."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.engines.clock import queries as clock
from kefu.kit.commands import asked
from kefu.people.queries import unit_choices
from kefu.touch.channels.sms.choices import Carrier, Occasion

GATEWAY, SIGNING_IN = _("Gateway over HTTP"), _("Signing in at the carrier")
KEPT = _("Leave it empty to keep what is stored; it is shown to nobody.")


def _units(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return unit_choices()


def _calendars(_actor: Any, _id: int | None) -> list[tuple[str, str]]:
    return [("", str(_("Every day"))), *clock.calendar_choices()]


class LineIn(Schema):
    """A number by which texts go out and come in."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    address: str = asked(_("Number that people see"), min_length=3, max_length=20, pattern=r"^\s*\+?[0-9]+\s*$", placeholder="1069012345")
    unit_id: int = asked(_("Unit"), choices=_units, help=_("Whose inbox the texts come to."))
    active: bool = asked(_("In use"), True)
    carrier: Carrier = asked(_("Carrier"), Carrier.GATEWAY)
    signature: str = asked(_("SMS signature"), "", max_length=20, help=_("Stands before every text as 【...】."))
    hours: str = asked(
        _("Notices go out between"), "08:00-21:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$", max_length=11,
        help=_("Outside these hours a notice waits; replies to people who wrote go out at once."),
    )  # fmt: skip
    workdays: str = asked(
        _("Notices go out on"), "", choices=_calendars,
        help=_("On days off of the calendar a notice waits for the next working day; a day worked in exchange is one."),
    )  # fmt: skip
    hotline: str = asked(_("Phone that notices name"), "", max_length=20, pattern=r"^[0-9 +-]*$", help=_("Fills {hotline} in templates."))
    per_second: int = asked(_("Texts a second at most"), 10, ge=1, le=1000)
    key: str = asked(_("Key or system_id"), "", max_length=200, group=SIGNING_IN)
    secret: str = asked(_("Secret or password"), "", widget="password", max_length=1000, group=SIGNING_IN, help=KEPT)
    recipe: str = asked(
        _("Description of the gateway (JSON)"), "", widget="textarea", rows=12, max_length=20_000, group=GATEWAY,
        help=_("Made from the manual of the vendor; docs/sms.md has examples."),
    )  # fmt: skip
    host: str = asked(_("SMSC host"), "", max_length=200, pattern=r"^\s*[A-Za-z0-9.:_-]*\s*$", group="SMPP 3.4")
    port: int = asked(_("SMSC port"), 2775, ge=1, le=65535, group="SMPP 3.4")
    tls: bool = asked("TLS", False, group="SMPP 3.4")
    system_type: str = asked("system_type", "", max_length=12, group="SMPP 3.4")
    payload: bool = asked(_("Long texts in one piece (message_payload)"), False, group="SMPP 3.4")


class TemplateIn(Schema):
    """A text that may go out once another person has approved it."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    occasion: Occasion = asked(_("Goes out when"), Occasion.NONE)
    text: str = asked(
        _("Words of the SMS"), widget="textarea", rows=4, min_length=2, max_length=500,
        help=_(
            "Places that are filled: {unit} the centre, {hotline} its phone, {number} the order (where an answer waits: the tracking code)."
            " Nothing of people."
        ),
    )  # fmt: skip
    vendor_code: str = asked(
        _("Template code at the gateway"), "", max_length=60, help=_("Only for gateways that hold the templates, too.")
    )


class Refuse(Schema):
    remark: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=300)
