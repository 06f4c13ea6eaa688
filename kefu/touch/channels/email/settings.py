"""What an administrator changes: mailboxes. Each change stands in the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.command_pages import Step
from kefu.kit.errors import Invalid, NotFound, Text
from kefu.kit.language import label_of
from kefu.kit.schema_fields import asked_of
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.registry import EventKind
from kefu.touch.channels.email import asking, policies
from kefu.touch.channels.email.choices import Security, SignIn, Token
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.channels.email.queries import KEPT
from kefu.touch.channels.email.routing import MARK, MARKS
from kefu.touch.channels.email.schemas import MailboxIn
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.services import Account

MAILBOX = "setting.mailbox"
PLACE = ("imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security", "user", "sign_in", "token_url")
HOSTS = ("imap_host", "smtp_host", "token_url")
SECRETS = ("password", "client_secret", "refresh_token")
# The trail calls a column as the form does.
_LABELS = {**{name: asked_of(info).title for name, info in MailboxIn.model_fields.items()}, "unit": _("Unit"), "secrets": _("Secrets")}
_NAMES = {
    "token": label_of(Token), "sign_in": label_of(SignIn), "imap_security": label_of(Security), "smtp_security": label_of(Security),
}  # fmt: skip
EVENT_KINDS = (
    EventKind(MAILBOX, _("set the mailbox"), "mail", audit.describes(_("set the mailbox “%(name)s”: %(what)s"), _LABELS, _NAMES)),
)


@transaction.atomic
def keep_mailbox(
    *, actor: Actor, id: int | None = None, name: str, address: str, unit_id: int, active: bool = True, **servers: Any
) -> Account:  # noqa: A002
    """Write a mailbox with its ``servers`` (columns of ``Mailbox``; a secret that is empty stays as it is).

    A stored secret never goes to a server that it was not stored for: who names another one types it again. Raises ``Invalid`` for that and
    for an address that another one has, ``NotFound``, ``NotAllowed``.
    """
    policies.judge(actor)
    row = Account.objects.filter(pk=id, channel=Channel.EMAIL).select_related("unit").first() if id else Account(channel=Channel.EMAIL)
    if row is None:
        raise NotFound()
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise Invalid(fields={"unit_id": _("There is no such unit.")})
    address = address.strip().lower()
    if Account.objects.filter(channel=Channel.EMAIL, address__iexact=address).exclude(pk=row.pk).exists():
        raise Invalid(fields={"address": _("Another mailbox has this address.")})
    if wrong := _wrong(servers) | (_unproven(row.pk, servers) if row.pk else {}):
        raise Invalid(fields=wrong)
    before = _said(row) if row.pk else {}
    row.name, row.address, row.unit, row.active = name.strip(), address, unit, active
    row.save()
    secrets = _keep_servers(row, servers)
    if changed := audit.differences(before, _said(row)) | ({"secrets": ["", "***"]} if secrets else {}):
        audit.of_house(actor_id=actor.id, kind=MAILBOX, data={"code": str(row.pk), "name": row.name, "changed": changed})
    return row


def attempt(*, actor: Actor, id: int | None = None, **typed: Any) -> list[Step]:  # noqa: A002
    """Try to sign in with what was typed; nothing is kept. A stored secret goes to none but the servers that it was stored for, and a typed
    token is not tried, since it may be good for one use only: both raise ``Invalid``."""
    policies.judge(actor)
    if wrong := _wrong(typed):
        raise Invalid(fields=wrong)
    if not (typed["imap_host"].strip() or typed["smtp_host"].strip()):
        raise Invalid(_("Name a server to try."))
    stored = Mailbox.objects.filter(pk=id, account__channel=Channel.EMAIL).first() if id else None
    same = stored is not None and all(str(typed[name]).strip() == str(getattr(stored, name)) for name in PLACE)
    if typed["sign_in"] == SignIn.OAUTH2 and (not same or any(typed[name] for name in SECRETS)):
        raise Invalid(fields={"refresh_token": _("Save first, then try: a token may be good for one use only.")})
    if typed["user"].strip() and typed["sign_in"] == SignIn.PASSWORD and not typed["password"] and not same:
        raise Invalid(fields={"password": _("Type it for the try: a stored one goes only to the servers that it was stored for.")})
    if stored is not None and same and not typed["password"]:
        return asking.attempt(stored)
    box = Mailbox(**{name: typed[name].strip() if isinstance(typed[name], str) else typed[name] for name in KEPT})
    box.password = typed["password"]
    return asking.attempt(box)


def _said(row: Account) -> dict[str, Any]:
    shown = Mailbox.objects.filter(pk=row.pk).values(*KEPT).first() or {"since": None}
    since = shown["since"].isoformat() if shown["since"] else ""
    return {"name": row.name, "address": row.address, "unit": row.unit.name, "active": row.active, **shown, "since": since}


def _wrong(servers: dict[str, Any]) -> dict[str, Text]:
    """What is missing or cannot be, by field."""
    found: dict[str, Text] = {}
    if (servers.get("imap_host") or "").strip() and not (servers.get("user") or "").strip():
        found["user"] = _("Please fill this in.")
    strange = [one[0] for one in MARK.finditer(servers.get("acknowledgement") or "") if one[1] not in MARKS]
    if strange:
        found["acknowledgement"] = _("Nothing is known to put in place of %(what)s.") % {"what": strange[0]}
    if servers.get("sign_in") == SignIn.OAUTH2:
        found |= {name: _("Please fill this in.") for name in ("token_url", "client_id") if not (servers.get(name) or "").strip()}
    return found


def _unproven(account_id: int, servers: dict[str, Any]) -> dict[str, Text]:
    """The stored secrets that would go to another server than they were stored for, by field."""
    box = Mailbox.objects.filter(pk=account_id).first()
    if box is None or servers.get("forget") or not _moved(box, servers):
        return {}
    used = ("password",) if servers.get("sign_in", box.sign_in) == SignIn.PASSWORD else ("client_secret", "refresh_token")
    say = _("Type it again: what is stored goes only to the servers that it was stored for.")
    return {name: say for name in used if getattr(box, name) and not servers.get(name)}


def _moved(box: Mailbox, servers: dict[str, Any]) -> bool:
    """Whether a server is named that this mailbox did not sign in at, or one is no longer to be spoken to under protection."""
    old = {_host(getattr(box, name)) for name in HOSTS}
    new = {_host(servers.get(name, getattr(box, name))) for name in HOSTS} - {""}
    bare = any(servers.get(name) == Security.NONE != getattr(box, name) for name in ("imap_security", "smtp_security"))
    return not new <= old or bare


def _host(told: str) -> str:
    return told.strip().lower().rstrip("./")


def _keep_servers(row: Account, servers: dict[str, Any]) -> bool:
    """Write the servers; whether a secret was among them. Another server, folder or user begins from the first letter again."""
    box = Mailbox.objects.filter(pk=row.pk).first() or Mailbox(account=row)
    place, moved = (box.imap_host, box.folder, box.user), _moved(box, servers)
    for name in KEPT:
        if name in servers:
            value = servers[name]
            setattr(box, name, value.strip() if isinstance(value, str) else value)
    given = {name: servers[name] for name in SECRETS if servers.get(name)}
    if moved or servers.get("forget"):
        given = {**{name: "" for name in SECRETS if getattr(box, name)}, **given}
    for name, value in given.items():
        setattr(box, name, value)
    if (box.imap_host, box.folder, box.user) != place:
        box.validity = box.last_uid = box.tries = 0
    box.access_token, box.access_until, box.watched_by = "", None, ""
    box.save()
    return bool(given)
