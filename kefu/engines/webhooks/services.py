"""What an administrator does with receivers. Each change stands in the audit trail; no secret does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters.rule_form import sound
from kefu.engines.webhooks import policies, queries, reaching, signing
from kefu.engines.webhooks.choices import ADVICE, Off, State, Trouble
from kefu.engines.webhooks.gathering import PING, body_of, new_word
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.engines.webhooks.reaching import Unreached
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound, Text
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.timeline import feed
from kefu.timeline.registry import EventKind

CHANGED = "setting.webhook"
OVERLAP = timedelta(days=1)
AGAIN = 10_000
_LABELS = {
    "name": _("Name"), "url": _("Address"), "active": _("In use"), "kinds": _("Kinds of records"), "events": _("Events"),
    "condition": _("Condition"), "secret": _("Signing secret"), "again": _("Sent again"), "removed": _("Receiver removed"),
}  # fmt: skip
EVENT_KINDS = (EventKind(CHANGED, _("set the receiver"), "send", audit.describes(_("set the receiver “%(name)s”: %(what)s"), _LABELS)),)


def _address(url: str) -> str:
    """The address; raises ``Invalid`` where it may not be called. A name that nobody knows yet is taken."""
    url = url.strip()
    try:
        reaching.target(url)
    except Unreached as error:
        if error.why != Trouble.NAME:
            raise Invalid(fields={"url": f"{error.why.label}. {ADVICE[error.why]}"}) from error
    return url


@transaction.atomic
def keep(
    *, actor: Actor, id: int | None = None, name: str, url: str, kinds: list[str], events: list[str], active: bool = True,  # noqa: A002
    condition: Any = None,
) -> tuple[Receiver, str]:  # fmt: skip
    """Write a receiver; the secret of a new one is told this once. One that is switched on hears of what happens from now on.

    Raises ``Invalid``, ``NotFound``, ``NotAllowed``.
    """
    policies.judge(actor)
    row = (
        Receiver.objects.select_for_update(of=("self",)).filter(pk=id).first() if id else Receiver(made_by_id=actor.person_id, active=False)
    )
    if row is None:
        raise NotFound()
    before, secret = _said(row) if row.pk else {}, ""
    wrong = {
        name: _("Choose one of the given values.")
        for name, given, known in (("kinds", kinds, queries.kind_choices()), ("events", events, queries.event_choices()))
        if not set(given) <= {code for code, _label in known}
    }
    if wrong:
        raise Invalid(fields=wrong)
    row.name, row.url, row.kinds, row.events = name.strip(), _address(url), sorted(set(kinds)), sorted(set(events))
    row.condition = sound(queries.KIND, condition or {})
    if active and not row.active:
        row.xid, row.event = feed.end()
        row.off, row.streak, row.failing_since, row.rests_until, row.trouble, row.detail = Off.NONE, 0, None, None, Trouble.NONE, ""
    row.active = active
    if not row.pk:
        row.secret = secret = signing.new_secret()
    row.save()
    _tell(actor, row, audit.differences(before, _said(row)))
    return row, secret


def _said(row: Receiver) -> dict[str, Any]:
    lists = {name: ", ".join(getattr(row, name)) for name in ("kinds", "events")}
    return {"name": row.name, "url": row.url, "active": row.active, **lists, "condition": row.condition}


def _tell(actor: Actor, row: Receiver, changed: dict[str, Any]) -> None:
    if changed:
        audit.of_house(actor_id=actor.id, kind=CHANGED, data={"code": str(row.pk), "name": row.name, "changed": changed})


def _off_or_on(command: str) -> Text:
    if command == "remove":
        return _("Switch the receiver off first.")
    return _("Switch the receiver on first; there must be something to send.")


def _held(actor: Actor, receiver_id: int, command: str) -> Receiver:
    """The row, held; raises ``NotFound``, ``NotAllowed``, and ``Conflict`` for a command that cannot be given now."""
    row = queries.get(actor, receiver_id)
    if command not in policies.allowed(actor, row, dead=bool(queries.how_many(row.pk, State.DEAD))):
        raise Conflict(_off_or_on(command))
    return Receiver.objects.select_for_update(of=("self",)).get(pk=row.pk)


@transaction.atomic
def rotate(*, actor: Actor, id: int, secret: str = "") -> str:  # noqa: A002
    """A new secret (a given one, or made here), told this once; for a day the old one signs beside it. Raises ``Invalid``."""
    row = _held(actor, id, "rotate")
    made = secret.strip() or signing.new_secret()
    try:
        signing.key_of(made)
    except ValueError as error:
        raise Invalid(
            fields={"secret": _("A secret is “whsec_” and 24 to 64 bytes in base64. Leave it empty to have one made.")}
        ) from error
    row.secret, row.old_secret, row.old_until = made, row.secret, moment.now() + OVERLAP
    row.save(update_fields=["secret", "old_secret", "old_until"])
    _tell(actor, row, {"secret": ["", "***"]})
    return made


@transaction.atomic
def ping(*, actor: Actor, id: int) -> Delivery:  # noqa: A002
    """Send a test message, tried like any other; a receiver that rests is tried at once."""
    row, at = _held(actor, id, "ping"), moment.now()
    Receiver.objects.filter(pk=row.pk).update(rests_until=None)
    body = body_of(PING, at, {"receiver": row.pk})
    return Delivery.objects.create(receiver=row, word=new_word(), kind=PING, body=body, since=at, next_at=at)


@transaction.atomic
def remove(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Forget a receiver that is switched off, with all its deliveries. That it was there, and who removed it, stays in the audit trail."""
    row = _held(actor, id, "remove")
    Delivery.objects.filter(receiver=row).delete()
    _tell(actor, row, {"removed": [row.url, ""]})
    row.delete()


_FRESH: dict[str, Any] = {"state": State.WAITING, "tries": 0, "ended_at": None}


@transaction.atomic
def send_again(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Try one delivery now, under its old name, with all its tries."""
    held = Delivery.objects.select_for_update(of=("self",)).get(pk=queries.get_delivery(actor, id).pk)
    if "send_again" not in policies.allowed_delivery(actor, held):
        raise Conflict(_("Switch the receiver on first; there must be something to send."))
    at = moment.now()
    Delivery.objects.filter(pk=held.pk).update(**_FRESH, since=at, next_at=at)
    Receiver.objects.filter(pk=held.receiver_id).update(rests_until=None)
    _tell(actor, held.receiver, {"again": ["", held.word]})


@transaction.atomic
def send_all_again(*, actor: Actor, id: int) -> int:  # noqa: A002
    """Try all dead letters of a receiver again, oldest first; the answer is how many (at most 10,000 at a time)."""
    row, at = _held(actor, id, "send_all_again"), moment.now()
    ids = list(Delivery.objects.filter(receiver=row, state=State.DEAD).order_by("id").values_list("pk", flat=True)[:AGAIN])
    count = Delivery.objects.filter(pk__in=ids).update(**_FRESH, since=at, next_at=at)
    Receiver.objects.filter(pk=row.pk).update(rests_until=None)
    _tell(actor, row, {"again": ["", count]})
    return count
