"""Passwords, the second step by TOTP, recovery codes."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import pyotp
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment, secrecy
from kefu.kit.errors import Invalid, KefuError, NotFound
from kefu.people import audit, lockout
from kefu.people.actor import forget
from kefu.people.models import RecoveryCode, Staff

PURPOSE = "people.totp_secret"
STEP = 30
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CODES = 10
# In our words: those of Django are not all there in Chinese.
WEAK = {
    "password_too_short": _("At least 10 characters."),
    "password_too_common": _("This password is used by too many people."),
    "password_too_similar": _("This password is too much like the user name, the name or the number."),
}


class WrongPassword(KefuError):
    """One sentence for a wrong name, a wrong password and a closed account: nobody learns which names exist."""

    status = 422
    code = "wrong_password"
    text = _("The user name or the password is wrong.")


class WrongCode(KefuError):
    status = 422
    code = "wrong_code"
    text = _("The code is wrong or was used already. Wait for the next one.")


@dataclass(frozen=True)
class Known:
    """A person whose password was right."""

    id: int
    username: str
    has_totp: bool


def one_time_password() -> str:
    """Twelve characters nobody mistakes for one another."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _m in range(3))


def check(*, username: str, password: str, address: str | None) -> Known:
    """The active person with this name (or agent number) and password. Raises ``WrongPassword``, ``Locked``."""
    name = username.strip()
    staff = Staff.objects.filter(username=name).first() or Staff.objects.filter(number=name).first()
    attempt = lockout.begin(staff.username if staff else name, address)
    if staff is None or not staff.has_usable_password():
        make_password(password)  # takes as long as a comparison would
        raise WrongPassword()
    if not check_password(password, staff.password) or not staff.is_active:
        raise WrongPassword()
    lockout.succeed(attempt)
    return Known(staff.pk, staff.username, staff.totp_since is not None)


def check_second(*, staff_id: int, code: str, address: str | None) -> None:
    """The second step: a TOTP code not used before, or an unused recovery code. Raises ``WrongCode``, ``Locked``."""
    staff = Staff.objects.filter(pk=staff_id, is_active=True).exclude(totp_since=None).first()
    if staff is None:
        raise WrongCode()
    attempt = lockout.begin(f"{staff.username[:55]}/code", address)
    if not (_take_step(staff, code) or _take_recovery(staff, code)):
        raise WrongCode()
    lockout.succeed(attempt)


def _matching_step(secret: str, code: str) -> int | None:
    """The time step whose code this is: the present one or a neighbour."""
    code = code.replace(" ", "")
    now = int(moment.now().timestamp()) // STEP
    totp = pyotp.TOTP(secret, interval=STEP)
    for step in (now, now - 1, now + 1):
        if len(code) == 6 and secrets.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _take_step(staff: Staff, code: str) -> bool:
    step = _matching_step(secrecy.unseal(staff.totp_secret, PURPOSE), code)
    return step is not None and Staff.objects.filter(pk=staff.pk, totp_last_step__lt=step).update(totp_last_step=step) == 1


def _take_recovery(staff: Staff, code: str) -> bool:
    unused = RecoveryCode.objects.filter(staff=staff, digest=_digest(staff.pk, code), used_at=None)
    return unused.update(used_at=moment.now()) == 1


def _digest(staff_id: int, code: str) -> str:
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(f"{staff_id}:{plain}".encode()).hexdigest()


def fitting(staff: Staff, password: str, field: str = "new") -> None:
    """Raises ``Invalid`` when a password is too weak for this person."""
    try:
        validate_password(password, staff)
    except ValidationError as error:
        told = [str(WEAK.get(one.code or "", "")) or " ".join(one.messages) for one in error.error_list]
        raise Invalid(fields={field: " ".join(told)}) from error


def store(staff: Staff, password: str, *, one_time: bool = False) -> None:
    """Keep a password (argon2) and sign the person out everywhere; a one-time one must be changed at the next sign-in."""
    staff.password = make_password(password)
    staff.must_change_password = one_time
    staff.password_changed_at = moment.now()
    staff.sign_in_version += 1
    staff.save(update_fields=["password", "must_change_password", "password_changed_at", "sign_in_version"])
    forget(staff.pk)


@transaction.atomic
def change_password(*, staff_id: int, old: str, new: str, again: str) -> None:
    """Change one's own password; every session ends. Raises ``Invalid`` with the field that does not fit."""
    staff = _own(staff_id)
    if not check_password(old, staff.password):
        raise Invalid(fields={"old": _("This is not your present password.")})
    if new != again:
        raise Invalid(fields={"again": _("The two passwords differ.")})
    if check_password(new, staff.password):
        raise Invalid(fields={"new": _("Choose another password than the present one.")})
    fitting(staff, new)
    store(staff, new)
    audit.of_account(actor_id=staff_id, staff=staff, kind="account.password_changed")


def _own(staff_id: int) -> Staff:
    staff = Staff.objects.select_for_update().filter(pk=staff_id, is_active=True).first()
    if staff is None:
        raise NotFound()
    return staff


def new_secret() -> str:
    return pyotp.random_base32()


def enrolment(secret: str, *, name: str, issuer: str = "Kefu") -> str:
    """The address behind the QR code that an authenticator app reads."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=issuer)


@transaction.atomic
def set_totp(*, staff_id: int, secret: str, code: str) -> list[str]:
    """Switch the second step on once ``code`` proves that the app has ``secret``; the answer is the recovery codes, shown this once."""
    staff = _own(staff_id)
    step = _matching_step(secret, code)
    if step is None:
        raise Invalid(fields={"code": WrongCode.text})
    sealed = secrecy.seal(secret, PURPOSE)
    Staff.objects.filter(pk=staff_id).update(totp_secret=sealed, totp_since=moment.now(), totp_last_step=step)
    forget(staff_id)
    audit.of_account(actor_id=staff_id, staff=staff, kind="account.totp_set")
    return _new_codes(staff)


def _new_codes(staff: Staff) -> list[str]:
    codes = ["-".join("".join(secrets.choice(LETTERS) for _n in range(5)) for _m in range(2)) for _k in range(CODES)]
    RecoveryCode.objects.filter(staff=staff).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(staff=staff, digest=_digest(staff.pk, code)) for code in codes)
    return codes


def drop_totp(staff: Staff) -> None:
    """Switch the second step off."""
    Staff.objects.filter(pk=staff.pk).update(totp_secret="", totp_since=None, totp_last_step=0)
    RecoveryCode.objects.filter(staff=staff).delete()
    forget(staff.pk)


@transaction.atomic
def stop_totp(*, staff_id: int, password: str) -> None:
    """Switch one's own second step off; asks the password again."""
    staff = _own(staff_id)
    if not check_password(password, staff.password):
        raise Invalid(fields={"password": _("This is not your present password.")})
    drop_totp(staff)
    audit.of_account(actor_id=staff_id, staff=staff, kind="account.totp_removed")
