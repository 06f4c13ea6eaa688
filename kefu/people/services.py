"""Writing accounts: open, change, close, posts, deputies, keys for other systems."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound, Text
from kefu.people import audit, credentials, policies, sign_in
from kefu.people.actor import Actor, forget
from kefu.people.api_auth import digest
from kefu.people.choices import Theme
from kefu.people.models import ApiToken, Deputy, Holding, Post, Staff, Unit


def hold(staff_id: int) -> Staff:
    """The locked row of a person: what counts per person (reveals in an hour) does not race. Raises ``NotFound``."""
    staff = Staff.objects.select_for_update().filter(pk=staff_id).first()
    if staff is None:
        raise NotFound()
    return staff


def judged(actor: Actor, staff_id: int, command: str) -> Staff:
    """The locked row of a person to whom ``actor`` may do ``command`` now; the system itself may do anything."""
    staff = hold(staff_id)
    if actor.id is not None and command not in policies.allowed_staff(actor, staff_id):
        raise NotAllowed()
    return staff


def _fields_of(values: dict[str, Any], *, apart_from: int | None = None) -> dict[str, Text]:
    """What does not fit of an account's own columns."""
    faults: dict[str, Text] = {}
    others = Staff.objects.exclude(pk=apart_from) if apart_from else Staff.objects.all()
    for name in ("number", "username"):
        if name in values and others.filter(**{name: values[name]}).exists():
            faults[name] = _("This is taken by another account.")
    if not str(values.get("name", "x")).strip():
        faults["name"] = _("Give a name.")
    if "unit" in values and not Unit.objects.filter(pk=values["unit"], active=True).exists():
        faults["unit"] = _("Choose a unit that is open.")
    if values.get("email"):
        try:
            validate_email(values["email"])
        except ValidationError:
            faults["email"] = _("This is not an e-mail address.")
    return faults


@transaction.atomic
def create_staff(
    *, actor: Actor, number: str, username: str, name: str, unit: int, phone: str = "", email: str = "", password: str | None = None,
    stored: str = "",
) -> tuple[Staff, str]:  # fmt: skip
    """Open an account; the answer is the account and its one-time password (or ``password``, which then lasts). Raises ``Invalid``.

    ``stored`` is a password that was made ready to be stored before; none is made then.
    """
    if actor.id is not None and not actor.can(policies.MANAGE):
        raise NotAllowed()
    faults = _fields_of({"number": number, "username": username, "name": name, "unit": unit, "email": email})
    if faults:
        raise Invalid(fields=faults)
    word = password or ("" if stored else credentials.one_time_password())
    made = Staff(number=number, username=username, name=name.strip(), unit_id=unit, phone=phone, email=email)
    if password:
        credentials.fitting(made, password, "password")
    made.password = stored or make_password(word)
    made.must_change_password = password is None and not stored
    made.save()
    audit.of_account(actor_id=actor.id, staff=made, kind="account.created", data={"number": number, "username": username})
    return made, word


@transaction.atomic
def change_staff(*, actor: Actor, id: int, **values: Any) -> None:  # noqa: A002
    """Change number, name, unit, phone, e-mail. The audit names what changed; of phone and e-mail it keeps no value."""
    staff = judged(actor, id, "change")
    faults = _fields_of(values, apart_from=id)
    if faults:
        raise Invalid(fields=faults)
    if "unit" in values:
        values["unit_id"] = values.pop("unit")
    changed = {name: [getattr(staff, name), value] for name, value in values.items() if getattr(staff, name) != value}
    if not changed:
        return
    for name, value in values.items():
        setattr(staff, name, value)
    staff.save(update_fields=list(changed))
    forget(id)
    shown = {name: pair if name not in {"phone", "email"} else [] for name, pair in changed.items()}
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.changed", data={"changed": shown})


def _is_last_manager(staff_id: int) -> bool:
    at = moment.now()
    rows = Holding.objects.filter(Q(until=None) | Q(until__gt=at), since__lte=at, staff__is_active=True)
    managers = {staff for staff, rights in rows.values_list("staff_id", "post__rights") if policies.MANAGE in rights}
    return managers == {staff_id}


class LastManager(Conflict):
    code = "last_manager"
    text = _("This is the last person who manages accounts. Give that post to somebody else first.")


@transaction.atomic
def deactivate(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Close an account: sessions and keys end at once, posts end, so nothing comes back by itself when it is opened again."""
    staff = judged(actor, id, "deactivate")
    if _is_last_manager(id):
        raise LastManager()
    at = moment.now()
    Staff.objects.filter(pk=id).update(is_active=False)
    sign_in.close_everywhere(id)
    ApiToken.objects.filter(staff_id=id, revoked_at=None).update(revoked_at=at)
    Holding.objects.filter(staff_id=id, since__lt=at).filter(Q(until=None) | Q(until__gt=at)).update(until=at)
    Holding.objects.filter(staff_id=id, since__gte=at).delete()
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.deactivated")


@transaction.atomic
def reactivate(*, actor: Actor, id: int) -> str:  # noqa: A002
    """Open a closed account again, without posts, with a new one-time password, which is the answer."""
    staff = judged(actor, id, "reactivate")
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    word = credentials.one_time_password()
    credentials.store(staff, word, one_time=True)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.reactivated")
    return word


@transaction.atomic
def reset_password(*, actor: Actor, id: int) -> str:  # noqa: A002
    """Give a one-time password, which is the answer; every session ends."""
    staff = judged(actor, id, "reset_password")
    word = credentials.one_time_password()
    credentials.store(staff, word, one_time=True)
    _unlock(staff)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.password_reset")
    return word


def _unlock(staff: Staff) -> None:
    Staff.objects.filter(pk=staff.pk).update(unlocked_at=moment.now())


@transaction.atomic
def unlock(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Wrong tries up to now count no more."""
    staff = judged(actor, id, "unlock")
    _unlock(staff)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.unlocked")


@transaction.atomic
def sign_out(*, actor: Actor, id: int) -> None:  # noqa: A002
    """End every session of a person."""
    staff = hold(id) if actor.id == id else judged(actor, id, "sign_out")
    sign_in.close_everywhere(id)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.signed_out")


@transaction.atomic
def drop_totp(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Switch another person's second step off (the phone and the codes are lost); every session ends."""
    staff = judged(actor, id, "drop_totp")
    credentials.drop_totp(staff)
    sign_in.close_everywhere(id)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.totp_removed")


@transaction.atomic
def grant(*, actor: Actor, id: int, post: int, unit: int, until: datetime | None = None) -> Holding:  # noqa: A002
    """Give a post in a unit, for good or up to a time. Raises ``Invalid`` and, when it is held already, ``Conflict``."""
    staff = judged(actor, id, "grant")
    at = moment.now()
    held = Post.objects.filter(pk=post).first()
    place = Unit.objects.filter(pk=unit, active=True).first()
    faults: dict[str, Text] = {}
    if held is None:
        faults["post"] = _("There is no such post.")
    if place is None:
        faults["unit"] = _("Choose a unit that is open.")
    if until is not None and until <= at:
        faults["until"] = _("The end lies in the past.")
    if faults or held is None or place is None:
        raise Invalid(fields=faults)
    same = Holding.objects.filter(staff=staff, post=held, unit=place).filter(Q(until=None) | Q(until__gt=at))
    if same.exists():
        raise Conflict(_("This person holds the post in this unit already."), code="post_held")
    made = Holding.objects.create(staff=staff, post=held, unit=place, since=at, until=until)
    forget(id)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.post_granted", data={"post": str(held), "unit": place.name})
    return made


@transaction.atomic
def end_holding(*, actor: Actor, id: int, holding: int) -> None:  # noqa: A002
    """End a post that is held now. Raises ``LastManager`` rather than leave nobody to manage accounts."""
    staff = judged(actor, id, "end")
    at = moment.now()
    held = Holding.objects.filter(Q(until=None) | Q(until__gt=at), pk=holding, staff_id=id).select_related("post", "unit").first()
    if held is None:
        raise NotFound()
    if policies.MANAGE in held.post.rights and _is_last_manager(id):
        raise LastManager()
    held.until = max(at, held.since + timedelta(microseconds=1))
    held.save(update_fields=["until"])
    forget(id)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.post_ended", data={"post": str(held.post), "unit": held.unit.name})


@transaction.atomic
def set_deputy(*, actor: Actor, id: int, deputy: int, since: datetime, until: datetime) -> Deputy:  # noqa: A002
    """Let ``deputy`` receive what is addressed to the person for a time. One sets one's own; whoever manages accounts sets any."""
    staff = hold(id) if actor.id == id else judged(actor, id, "set_deputy")
    other = Staff.objects.filter(pk=deputy, is_active=True).first()
    faults: dict[str, Text] = {}
    if other is None or deputy == id:
        faults["deputy"] = _("Choose another person with an open account.")
    if until <= since or until <= moment.now():
        faults["until"] = _("The end must lie after the start and ahead of now.")
    if faults or other is None:
        raise Invalid(fields=faults)
    made = Deputy.objects.create(staff=staff, deputy=other, since=since, until=until)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.deputy_set", data={"deputy": str(other), "until": until.isoformat()})
    return made


@transaction.atomic
def end_deputy(*, actor: Actor, id: int, deputy: int) -> None:  # noqa: A002
    """End a stand-in of one's own (or of anybody, for who manages accounts). One that has not begun is taken away."""
    staff = hold(id) if actor.id == id else judged(actor, id, "set_deputy")
    at = moment.now()
    row = Deputy.objects.filter(pk=deputy, staff_id=id, until__gt=at).first()
    if row is None:
        raise NotFound()
    if row.since >= at:
        row.delete()
    else:
        row.until = at
        row.save(update_fields=["until"])
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.deputy_ended")


@transaction.atomic
def make_token(*, actor: Actor, name: str, rights: list[str], days: int = 365) -> tuple[ApiToken, str]:
    """A key for another system, in one's own name, with some of one's own rights. The text is shown this once; its hash is kept."""
    staff = hold(actor.person_id)
    wanted = sorted(set(rights))
    if not wanted or not set(wanted) <= actor.rights:
        raise Invalid(fields={"rights": _("Choose at least one right, and only rights that you hold yourself.")})
    if not 1 <= days <= 1825:
        raise Invalid(fields={"days": _("From 1 to 1825 days.")})
    if not name.strip():
        raise Invalid(fields={"name": _("Give a name.")})
    text = f"kefu_{secrets.token_urlsafe(32)}"
    expires = moment.now() + timedelta(days=days)
    made = ApiToken.objects.create(staff=staff, name=name.strip()[:60], digest=digest(text), rights=wanted, expires_at=expires)
    audit.of_account(actor_id=actor.id, staff=staff, kind="account.token_made", data={"name": made.name, "rights": wanted})
    return made, text


@transaction.atomic
def revoke_token(*, actor: Actor, id: int) -> None:  # noqa: A002
    """End a key: one's own, or anybody's for who manages accounts."""
    row = ApiToken.objects.filter(pk=id, revoked_at=None).select_related("staff").first()
    if row is None or not (row.staff_id == actor.id or actor.can(policies.MANAGE)):
        raise NotFound()
    row.revoked_at = moment.now()
    row.save(update_fields=["revoked_at"])
    audit.of_account(actor_id=actor.id, staff=row.staff, kind="account.token_revoked", data={"name": row.name})


def set_taste(*, actor: Actor, language: str | None = None, theme: str | None = None) -> None:
    """How one's own screens look and speak. Raises ``Invalid`` for what there is not."""
    values: dict[str, str] = {}
    if language is not None:
        if language not in dict(settings.LANGUAGES):
            raise Invalid(fields={"language": _("There is no such language here.")})
        values["language"] = language
    if theme is not None:
        if theme not in Theme.values:
            raise Invalid(fields={"theme": _("There is no such look.")})
        values["theme"] = theme
    if values:
        Staff.objects.filter(pk=actor.person_id).update(**values)
        forget(actor.person_id)
