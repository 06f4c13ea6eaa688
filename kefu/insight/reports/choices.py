"""What stands in the month: its figures and its tables, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Text

MONTH = "month"


@dataclass(frozen=True)
class Split:
    """One table: a measure by dimensions. ``shows`` is what a line counts: the value of the figure, or its denominator."""

    code: str
    title: Text
    measure: str
    by: tuple[str, ...]
    shows: Literal["value", "count"] = "value"
    chart: bool = True


COMPLAINTS = (
    "complaints.accepted", "complaints.valid", "complaints.on_time", "complaints.missed", "complaints.repeated", "complaints.rate",
    "complaints.pass_on_delay", "callbacks.satisfied", "callbacks.reached",
)  # fmt: skip
SERVICE = (
    "contacts.received", "contacts.in_rings", "orders.accepted", "orders.completed", "orders.on_time", "orders.steps_on_time",
    "orders.missed", "orders.returned", "orders.urge_rate", "orders.urges", "orders.redone", "orders.suspended", "orders.gross_time",
    "orders.net_time",
)  # fmt: skip
CARDS = (*COMPLAINTS, *SERVICE)
SPLITS = (
    Split("type", _("Complaints by subject"), "complaints.accepted", ("type",)),
    Split("unit", _("Complaints by unit"), "complaints.accepted", ("unit",)),
    Split("reason", _("Complaints by cause or reason"), "complaints.accepted", ("validity", "reason")),
    Split("severity", _("Complaints by severity and validity"), "complaints.accepted", ("severity", "validity")),
    Split("channel", _("Complaints by channel"), "complaints.accepted", ("channel",)),
    Split("limits", _("Complaint limits kept, by limit"), "complaints.on_time", ("code",)),
    Split("missed", _("Complaint limits missed, by limit"), "complaints.missed", ("code", "outcome"), chart=False),
    Split("verdicts", _("What customers said at callback"), "callbacks.satisfied", ("verdict",), shows="count"),
    Split("contacts", _("Contacts by channel"), "contacts.received", ("channel",)),
    Split("orders", _("Orders completed on time, by unit"), "orders.on_time", ("unit",)),
)
ASKED = (*((code, ()) for code in CARDS), *((split.measure, split.by) for split in SPLITS))
