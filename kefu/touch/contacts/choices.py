"""Channels and what became of a contact."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The ways in (R-02C-2a). A channel that is keyed by hand carries its scan as a file."""

    PHONE = "phone", _("Phone")
    VISIT = "visit", _("Visit")
    PORTAL = "portal", _("Web form")
    EMAIL = "email", _("E-mail")
    CHAT = "chat", _("Chat")
    SMS = "sms", _("SMS")
    FAX = "fax", _("Fax")
    SOCIAL = "social", _("Social media")
    HOTLINE12345 = "hotline12345", _("12345 hotline")
    PASSED_ON = "passed_on", _("Passed on by an employee")
    API = "api", _("Other system")


ICONS: dict[str, str] = {
    Channel.PHONE: "phone",
    Channel.VISIT: "user-check",
    Channel.PORTAL: "forms",
    Channel.EMAIL: "mail",
    Channel.CHAT: "message-circle",
    Channel.SMS: "device-mobile",
    Channel.FAX: "printer",
    Channel.SOCIAL: "brand-wechat",
    Channel.HOTLINE12345: "building-community",
    Channel.PASSED_ON: "user-plus",
    Channel.API: "link",
}


class Outcome(models.TextChoices):
    """What became of it. OPEN contacts are on somebody's desk."""

    OPEN = "open", _("Open")
    SETTLED = "settled", _("Settled at once")
    ORDER = "order", _("Work order opened")
    URGE = "urge", _("Urge on an open order")
    COMPLAINT = "complaint", _("Complaint opened")
    REFERRED = "referred", _("Referred elsewhere")
    VOID = "void", _("Void")


class HangUpSide(models.TextChoices):
    """Who ended a call (R-04-1.8)."""

    CALLER = "caller", _("Caller")
    AGENT = "agent", _("Agent")
    UNKNOWN = "unknown", _("Unknown")
