"""How a matter stands, in words for the customer: polite, and naming nobody but the unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks.choices import Verdict
from kefu.cases.complaints.choices import State as Complaint
from kefu.cases.workorders.choices import State as Order
from kefu.kit.errors import Text
from kefu.kit.language import worded
from kefu.timeline.registry import event_kinds
from kefu.touch.contacts.choices import Outcome

CONTACT: Mapping[str, Text] = {
    Outcome.OPEN: _("Received. An agent will look at it soon."),
    Outcome.SETTLED: _("Answered and settled."),
    Outcome.REFERRED: _("Answered; another office is in charge."),
    Outcome.VOID: _("Withdrawn."),
    Outcome.ORDER: _("In hand."),
    Outcome.URGE: _("Recorded as an urge on your open matter."),
    Outcome.COMPLAINT: _("In hand."),
}
ORDER: Mapping[str, Text] = {
    Order.NEW: _("Registered; the unit in charge is being chosen."),
    Order.DISPATCHED: _("Passed to %(unit)s."),
    Order.WORKING: _("%(unit)s is working on it."),
    Order.SUSPENDED: _("Paused for the moment; %(unit)s will go on as agreed with you."),
    Order.COMPLETED: _("The work is done. Please tell us whether you are satisfied."),
    Order.CLOSED: _("Settled. Thank you."),
    Order.ARCHIVED: _("Settled. Thank you."),
    Order.VOID: _("Withdrawn."),
}
COMPLAINT: Mapping[str, Text] = {
    Complaint.RECEIVED: _("Your complaint is registered."),
    Complaint.CLASSED: _("We are looking into your complaint."),
    Complaint.JUDGED: _("We are working on your complaint."),
    Complaint.DECIDED: _("There is a result; we will tell you."),
    Complaint.CLOSED: _("Settled. Thank you."),
    Complaint.ARCHIVED: _("Settled. Thank you."),
    Complaint.WITHDRAWN: _("Withdrawn."),
}
# Events that a customer reads; others are left out even if their audience allowed them.
COURSE: Mapping[str, Text] = {
    "portal.submitted": _("You sent it to us."),
    "contact.answered": _("We answered: %(answer)s"),
    "order.opened": _("It was registered as a work order."),
    "order.accepted": _("The unit in charge has taken it on."),
    "order.on_site": _("Our people have arrived."),
    "order.completed": _("The work is done: %(result)s"),
    "order.closed": _("It was settled."),
    "complaint.received": _("Your complaint was registered."),
    "complaint.interim": _("We told you how it stands."),
    "complaint.explained": _("We explained the matter to you."),
    "complaint.told": _("We told you the result."),
    "complaint.closed": _("It was settled."),
    "case.urged": _("You urged."),
    "callback.done": _("You told us: %(verdict)s"),
    "portal.rated": _("You rated it: %(grade)s"),
}
GRADES: Mapping[str, Text] = {Verdict.SATISFIED: _("Satisfied"), Verdict.NOT_SATISFIED: _("Not satisfied")}


def state(words: Mapping[str, Text], code: str, unit: str = "") -> str:
    """The state in words; a unit that is not known yet is "the unit in charge"."""
    text = str(words.get(code, _("In hand.")))
    return text % {"unit": unit or _("the unit in charge")} if "%(" in text else text


def course(event: Mapping[str, Any]) -> str:
    """One event in words, or "" if customers do not read its kind."""
    text = str(COURSE.get(event["kind"], ""))
    kind = event_kinds.get(event["kind"])
    stored = event.get("data") or {}
    data = defaultdict(str, worded(stored, kind.names if kind else {}))
    data["grade"] = str(GRADES.get(stored.get("verdict", ""), ""))
    return text % data if "%(" in text else text
