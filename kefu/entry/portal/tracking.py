"""Who may see which matter, and what is told of it."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import queries as callbacks
from kefu.cases.callbacks.choices import Verdict
from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders.models import WorkOrder
from kefu.entry.portal import words
from kefu.flows.open_from_contact import urge_instead
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.kit.language import named
from kefu.people.actor import Actor
from kefu.timeline import queries as timeline
from kefu.timeline.choices import Audience
from kefu.timeline.models import Event
from kefu.timeline.services import record_one
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact

# The portal acts for the customer: it sees what it is led to, and may urge.
PORTAL = Actor(id=None, name="Portal", sees_all=True, rights=frozenset({"orders.urge"}))
COOKIE, COOKIE_SECONDS = "kefu-track", 3600


def find(code: str, digits: str) -> Contact:
    """The contact with this tracking code (or that of its order), if the phone ends with ``digits``. Raises ``NotFound`` for either."""
    code = re.sub(r"[\s-]", "", code)[:40]
    found = Contact.objects.filter(tracking_code=code.upper()).first() if code else None
    if found is None and code:
        order = WorkOrder.objects.filter(tracking_code=code.lower()).select_related("contact").first()
        found = order.contact if order else None
    ending = re.sub(r"\D", "", found.phone)[-4:] if found else ""
    if found is None or len(ending) < 4 or not hmac.compare_digest(ending, re.sub(r"\D", "", digits)[-4:]):
        raise NotFound(_("No matter was found for this code and number. Please check both."))
    return found


def remember(response: HttpResponse, contact_id: int) -> HttpResponse:
    """Let this browser see the matter for an hour."""
    response.set_signed_cookie(COOKIE, str(contact_id), salt=COOKIE, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", path="/portal")
    return response


def remembered(request: HttpRequest) -> Contact | None:
    """The matter that this browser has proven to know."""
    held = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=COOKIE_SECONDS)
    return Contact.objects.select_related("subject", "led_to").filter(pk=int(held)).first() if held else None


def told(contact: Contact) -> dict[str, Any]:
    """What the page shows: state, course, and what the customer may do now."""
    subject_id = contact.led_to_id or contact.pk
    kind, unit = contact.led_to.kind if contact.led_to else "contact", ""
    text = words.state(words.CONTACT, contact.outcome)
    appointment, is_open = contact.appointment_at, False
    order = WorkOrder.objects.select_related("unit").filter(pk=subject_id).first() if kind == "workorder" else None
    complaint = Complaint.objects.filter(pk=subject_id).first() if kind == "complaint" else None
    if order is not None:
        unit = named(order.unit) if order.unit else ""
        text, appointment = words.state(words.ORDER, order.state, unit), order.appointment_at
    elif complaint is not None:
        text = words.state(words.COMPLAINT, complaint.state)
    if contact.led_to is not None:
        is_open = contact.led_to.closed_at is None
    asked = callbacks.open_of(subject_id) is not None
    return {
        "number": (contact.led_to or contact.subject).number,
        "state": text,
        "content": contact.content,
        "appointment": appointment,
        "received_at": contact.received_at,
        "course": _course({contact.pk, subject_id}),
        "may_urge": is_open and not asked and not _urged_today(subject_id),
        "urged_today": is_open and _urged_today(subject_id),
        "may_rate": asked and not _rated(subject_id),
    }


def _course(subject_ids: set[int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for subject_id in subject_ids:
        for event in timeline.history(subject_id, audiences=(Audience.CUSTOMER,), limit=100):
            text = words.course(event)
            if text:
                found.append({"id": event["id"], "at": event["at"], "text": text.rstrip(":： ")})
    return sorted(found, key=lambda one: one["id"], reverse=True)


def _day(at: datetime) -> str:
    return timezone.localtime(at).date().isoformat()


def _foreign(subject_id: int) -> str:
    """One urge a day: the second one of a day is the same contact."""
    return f"urge-{subject_id}-{_day(moment.now())}"


def _urged_today(subject_id: int) -> bool:
    return Contact.objects.filter(channel=Channel.PORTAL, foreign_id=_foreign(subject_id)).exists()


def urge(contact: Contact, text: str) -> None:
    """The customer asks again, once a day. Raises ``Conflict``."""
    subject_id = contact.led_to_id
    if subject_id is None or not told(contact)["may_urge"]:
        raise Conflict(_("You have urged today already; we have passed it on."), code="urged_today")
    content = text.strip()[:500] or str(_("The customer asks how the matter stands."))
    with transaction.atomic():
        made, new = contacts.receive(
            actor=PORTAL, channel=Channel.PORTAL, foreign_id=_foreign(subject_id), name=contact.name, phone=contact.phone,
            address=contact.address, content=content, customer_id=contact.customer_id,
        )  # fmt: skip
        if new:
            urge_instead(actor=PORTAL, contact_id=made.pk, order_id=subject_id, text=content)


def _rated(subject_id: int) -> bool:
    """Whether the customer rated since the callback was queued."""
    task = callbacks.open_of(subject_id)
    since = task.created_at if task else moment.now()
    return Event.objects.filter(subject_id=subject_id, kind="portal.rated", at__gte=since).exists()


def rate(contact: Contact, grade: str, text: str) -> None:
    """The customer's own word after the work: the callback desk reads it. Raises ``Conflict``, ``Invalid``."""
    subject_id = contact.led_to_id
    if subject_id is None or not told(contact)["may_rate"]:
        raise Conflict(_("You have rated this already. Thank you."), code="rated")
    if grade not in words.GRADES:
        raise Invalid(fields={"grade": _("Please choose.")})
    if grade == Verdict.NOT_SATISFIED and not text.strip():
        raise Invalid(fields={"text": _("Please tell us what is not settled.")})
    data = {"verdict": str(grade), "words": text.strip()[:500]}
    record_one(actor_id=None, subject_id=subject_id, kind="portal.rated", data=data, audience=Audience.CUSTOMER)
