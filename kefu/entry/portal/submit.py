"""What a resident sends: checked, stored once, with its photos, and with the privacy notice that was read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kefu.engines.privacy.models import RetentionRule
from kefu.engines.rulebook.queries import text_cards
from kefu.entry.portal.tracking import PHOTOS, PORTAL, keep_photo
from kefu.flows import complaint_steps
from kefu.kit import moment, phone
from kefu.kit.errors import Invalid, Text
from kefu.kit.language import pick
from kefu.timeline.choices import Audience
from kefu.timeline.services import record_one, settle
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.services import Incoming

LONGEST = {"name": 40, "phone": 20, "address": 120, "content": 2000}
NEEDED = ("phone", "content")


def notice() -> tuple[str, str]:
    """The privacy notice and its version: the hash of what was shown. A text card of the centre (moment "privacy") comes before ours."""
    cards = text_cards("privacy", "portal")
    if cards:
        text = "\n".join(pick(card["text"], card["text_en"]) for card in cards)
    else:
        text = _(
            "We use your name, phone, address, words and photos only to handle this matter, to call you back and to count our work. "
            "Only those who handle it see them. You may ask us at any time to see, correct or erase them."
        )
        months = RetentionRule.objects.filter(data_kind="contact", active=True).values_list("months", flat=True).first()
        if months:
            text += " " + _("They are erased after %(months)d months.") % {"months": months}
        else:
            text += " " + _("They are kept no longer than the law and the service contract ask, and then erased.")
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


def checked(given: Mapping[str, str], *, version: str) -> dict[str, Any]:
    """The fields as a contact keeps them. Raises ``Invalid`` with a sentence for each field that does not fit."""
    values: dict[str, Any] = {name: given.get(name, "").strip() for name in LONGEST}
    wrong: dict[str, Text] = {}
    for name, longest in LONGEST.items():
        if len(values[name]) > longest:
            wrong[name] = _("At most %(most)d characters fit here.") % {"most": longest}
    if not phone.is_possible(values["phone"]):
        wrong["phone"] = _("Please enter a phone number that reaches you.")
    if len(values["content"]) < 2:
        wrong["content"] = _("Please tell us what it is about.")
    if given.get("agree") != version:
        wrong["agree"] = _("Please read the notice and agree.")
    values["appointment_at"] = _wish(given.get("appointment_at", ""), wrong)
    if wrong:
        raise Invalid(fields=wrong)
    return values


def _wish(text: str, wrong: dict[str, Text]) -> datetime | None:
    if not text.strip():
        return None
    try:
        found = parse_datetime(text.strip())
        at = found if found is None or found.tzinfo else timezone.make_aware(found)
        soon = at is not None and moment.now() < at and at.year < moment.now().year + 2
    except (ValueError, OverflowError):
        at, soon = None, False
    if not soon:
        wrong["appointment_at"] = _("Please choose a time to come.")
    return at if soon else None


def submit(*, number: str, values: dict[str, Any], photos: list[UploadedFile], complaint: bool, version: str) -> Contact:
    """Store the form: one contact for one form, however often it is sent; a complaint is opened at once (R-04-3.1)."""
    if len(photos) > PHOTOS:
        raise Invalid(fields={"photos": _("At most %(most)d photos.") % {"most": PHOTOS}})
    with transaction.atomic():
        contact, new = contacts.receive(actor=PORTAL, channel=Channel.PORTAL, foreign_id=number, waits=True, **values)
        if not new:
            return contact
        kept = [keep_photo(photo, contact.pk) for photo in photos]
        data = {"privacy_version": version, "photos": len(photos)}
        record_one(actor_id=None, subject_id=contact.pk, kind="portal.submitted", data=data, audience=Audience.CUSTOMER)
        if complaint:
            complaint_steps.open_from_contact(actor=PORTAL, contact_id=contact.pk, record={})
        else:
            _talk(contact, kept)
    return contact


def _talk(contact: Contact, photos: list[int]) -> None:
    """The form lies in the inbox, with what was sent as its first turn (decision 0030)."""
    account = talks.way_in(Channel.PORTAL, "portal", Channel.PORTAL.label)
    if account is None:
        return
    settle(subject=contact.subject, unit_path=account.unit.path)
    told = Incoming(
        foreign_id=f"form:{contact.foreign_id}", sender=contact.phone, name=contact.name, title=" ".join(contact.content.split())[:60],
        text=contact.content,
    )  # fmt: skip
    talks.begin_on(contact=contact, account=account, incoming=told, file_ids=photos)
