"""Why a message waits for a person, and what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Why(models.TextChoices):
    NO_MAIL = "no_mail", _("This is no e-mail message")
    NO_MAILBOX = "no_mailbox", _("No mailbox has this address")
    BROKEN = "broken", _("It could not be read or stored")
    TOO_LARGE = "too_large", _("It is too large to be fetched")
    STUCK = "stuck", _("The server does not hand it over")
    LOOP = "loop", _("Machines write to each other")


class Security(models.TextChoices):
    TLS = "tls", "TLS"
    STARTTLS = "starttls", "STARTTLS"
    NONE = "none", _("Unprotected (same machine only)")


class SignIn(models.TextChoices):
    PASSWORD = "password", _("Password")
    OAUTH2 = "oauth2", "OAuth2"


class Token(models.TextChoices):
    """Where the word stands by which an answer finds its conversation when a mailer drops the headers."""

    SUBJECT = "subject", _("In the subject line")
    PLUS = "plus", _("In the address (service+word@...)")


class Settled(models.TextChoices):
    OPEN = "", _("Waits for a person")
    TAKEN_IN = "taken", _("Taken in")
    ASIDE = "aside", _("Laid aside")
