"""Wrong passwords and codes are counted; past a limit the next try has to wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment, show
from kefu.kit.errors import TooOften
from kefu.people.models import SignInTry, Staff

WINDOW = timedelta(minutes=15)
# Wrong tries in WINDOW after which one waits: of one name at one address, of one name anywhere, at one address with any names.
# Many seats may share one address, so its limit is wide; a name tried from everywhere is under attack.
PAIR, NAME, ADDRESS = 5, 20, 50


class Locked(TooOften):
    code = "sign_in_locked"
    text = _("Too many wrong tries. Wait %(wait)s, or ask an administrator to unlock your account.")


def begin(username: str, address: str | None) -> int:
    """Count one try as wrong until ``succeed`` is called; so tries sent all at once are counted too. Raises ``Locked``."""
    at = moment.now()
    name = username[:60]
    attempt = SignInTry.objects.create(username=name, address=address, at=at, good=False)
    until = _locked_until(name, address, attempt.pk, at)
    if until is not None:
        attempt.delete()
        raise Locked(wait=show.span(max(until - at, timedelta(minutes=1))))
    return attempt.pk


def succeed(attempt: int) -> None:
    """The try was a good one; wrong ones of this name at this address before it count no more."""
    SignInTry.objects.filter(pk=attempt).update(good=True)


def _locked_until(name: str, address: str | None, attempt: int, at: datetime) -> datetime | None:
    since = at - WINDOW
    unlocked = Staff.objects.filter(username=name).values_list("unlocked_at", flat=True).first()
    own = max(since, unlocked) if unlocked else since
    pair = Q(username=name, address=address)
    good = SignInTry.objects.filter(pair, good=True, at__gt=own).order_by("-at").values_list("at", flat=True).first()
    ends = [
        _nth(pair, PAIR, max(own, good) if good else own, attempt),
        _nth(Q(username=name), NAME, own, attempt),
        _nth(Q(address=address), ADDRESS, since, attempt) if address else None,
    ]
    return max((end for end in ends if end is not None), default=None)


def _nth(which: Q, limit: int, since: datetime, attempt: int) -> datetime | None:
    """When the ``limit``-th newest wrong try leaves the window; None if there are fewer."""
    wrong = SignInTry.objects.filter(which, good=False, at__gt=since, pk__lt=attempt).order_by("-id")
    oldest = wrong.values_list("at", flat=True)[limit - 1 : limit].first()
    return oldest + WINDOW if oldest else None


def forget_old(*, before: datetime) -> int:
    """Drop tries older than ``before`` (network logs stay six months at least: Cybersecurity Law art. 21)."""
    return SignInTry.objects.filter(at__lt=before).delete()[0]
