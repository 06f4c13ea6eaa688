"""Simple brakes against abuse: a signed form token, a field that only robots fill, a number of tries for each network address."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kefu.engines.intake.services import knock
from kefu.kit.errors import Conflict, Invalid
from kefu.people.sign_in import address_of

HONEYPOT = "website"
SALT = "kefu.portal.form"
TOKEN_AGE = 12 * 3600
SUBMISSIONS, TRACKINGS = 10, 30
WINDOW = timedelta(minutes=15)


class Stale(Conflict):
    code = "stale_form"
    text = _("This page has been open too long. Please send the form again.")


def form_token() -> str:
    """A new token for one form; whoever sends it twice has sent one form."""
    return signing.TimestampSigner(salt=SALT).sign(secrets.token_urlsafe(12))


def number_of(token: str) -> str:
    """The number inside a token of ours. Raises ``Stale``."""
    try:
        return signing.TimestampSigner(salt=SALT).unsign(token[:200], max_age=TOKEN_AGE)
    except signing.BadSignature as error:
        raise Stale() from error


def check_robot(request: HttpRequest) -> None:
    """Raises ``Invalid`` when the field is filled that no person sees."""
    if request.POST.get(HONEYPOT):
        raise Invalid(_("This could not be sent. Please call us."), code="robot")


def brake(request: HttpRequest, door: str, most: int, who: str = "") -> None:
    """Count one try. Raises ``TooOften``. ``who`` stands for the network address where something else is to be counted."""
    knock(door=f"portal.{door}", who=who or address_of(request) or "-", most=most, within=WINDOW)
