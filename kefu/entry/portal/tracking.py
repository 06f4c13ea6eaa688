"""Who may see which matter, and what is told of it."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import queries as callbacks
from kefu.cases.callbacks.choices import Verdict
from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.files import services as files
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
from kefu.touch.conversations import queries as talks
from kefu.touch.conversations import services
from kefu.touch.conversations.choices import Direction
from kefu.touch.conversations.models import Conversation
from kefu.touch.conversations.registry import Outlet, WayIn
from kefu.touch.conversations.services import Incoming

# The portal acts for the customer: it sees what it is led to, and may urge.
PORTAL = Actor(id=None, name="Portal", sees_all=True, rights=frozenset({"orders.urge"}))
COOKIE, COOKIE_SECONDS = "kefu-track", 3600
PHOTOS, PHOTO_MB, PHOTO_TYPES, LONGEST = 3, 8, ("image/jpeg", "image/png", "image/webp"), 2000
# What is stored has arrived: the customer reads it here.
OUTLET = Outlet(
    Channel.PORTAL, None, most_text=5000, ends=True, looked_up=True, ways_in=lambda: [WayIn("portal", Channel.PORTAL.label, "/portal")]
)


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
    talk = talk_of(contact)
    if talk and talk[-1]["direction"] == Direction.OUT and contact.led_to is None:
        text = str(_("We have answered you below."))
    return {
        "talk": talk[1:] if talk else [],
        "may_write": bool(talk),
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


def talk_of(contact: Contact) -> list[dict[str, Any]]:
    """What passed between the customer and us, oldest first; no note, and nobody of ours is named. Nothing for what is no talk."""
    turns = talks.messages(contact.pk)
    return [one for one in turns if one["direction"] != Direction.NOTE]


def file_of(contact: Contact, file_id: int) -> int:
    """A file of the talk. Raises ``NotFound`` for any other."""
    if not any(file["file_id"] == file_id for turn in talk_of(contact) for file in turn["files"]):
        raise NotFound()
    return file_id


def write(contact: Contact, *, number: str, text: str, photos: Sequence[UploadedFile] = ()) -> int:
    """The customer writes on, once for one form; the answer is the contact that it stands with: a talk closed long ago is followed by a
    new one. Raises ``Invalid``, ``Conflict`` for a matter without a talk."""
    text = text.strip()
    if not 2 <= len(text) <= LONGEST:
        told = _("Please tell us what it is about.") if len(text) < 2 else _("At most %(most)d characters fit here.") % {"most": LONGEST}
        raise Invalid(fields={"words": told})
    if len(photos) > PHOTOS:
        raise Invalid(fields={"photos": _("At most %(most)d photos.") % {"most": PHOTOS}})
    held = Conversation.objects.select_related("account__unit").filter(pk=contact.pk).first()
    if held is None:
        raise Conflict(code="not_now")
    words = Incoming(
        foreign_id=f"write:{number}", sender=contact.phone, phone=contact.phone, name=contact.name, title=" ".join(text.split())[:60],
        text=text, reply=text,
    )  # fmt: skip
    with transaction.atomic():
        message, new = services.receive(account=held.account, incoming=words, conversation_id=contact.pk)
        if new:
            services.hang(message, [keep_photo(photo, message.conversation_id) for photo in photos])
    return int(message.conversation_id)


def keep_photo(photo: UploadedFile, subject_id: int) -> int:
    """Store a picture that a resident sent; its id. Raises ``Invalid`` for what is none."""
    most = PHOTO_MB * 1024 * 1024
    try:
        kept = files.store(actor_id=None, upload=photo, subject_id=subject_id, kind="photo", allow=PHOTO_TYPES, max_bytes=most)
    except Invalid as error:
        raise Invalid(fields={"photos": error.message()}) from error
    return int(kept.pk)


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
