"""What the forms of mailboxes ask, and what crosses the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.kit.commands import asked
from kefu.people.queries import unit_choices
from kefu.touch.channels.email.choices import Security, SignIn, Token
from kefu.touch.channels.email.queries import mailboxes


def _units(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return unit_choices()


def _boxes(actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return [(row["id"], f"{row['name']} {row['address']}") for row in mailboxes(actor, active=True)]


FETCHING, SENDING = _("Fetching letters"), _("Sending letters")
SIGNING_IN, OAUTH2 = _("Signing in at the servers"), "OAuth2"
KEPT = _("Leave it empty to keep what is stored; it is shown to nobody.")
HOST = r"^\s*[A-Za-z0-9.:_-]*\s*$"


class MailboxIn(Schema):
    """A mailbox that customers write to."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    address: str = asked(
        _("Mail address"),
        widget="text",
        min_length=3,
        max_length=254,
        pattern=r"^\s*[^@\s]+@[^@\s]+\s*$",
        placeholder="service@example.com",
    )
    unit_id: int = asked(_("Unit"), choices=_units, help=_("Whose inbox its letters come to."))
    active: bool = asked(_("In use"), True)
    sender_name: str = asked(_("Sender's name"), "", max_length=80, help=_("What customers see; empty: the name of the mailbox."))
    signature: str = asked(_("Signature"), "", widget="textarea", max_length=2000)
    acknowledgement: str = asked(
        _("Automatic acknowledgement"), "", widget="textarea", max_length=2000,
        help=_(
            "Sent once a day to whoever writes a new letter; machines get none. {number}, {subject} and {mailbox} are filled in. "
            "Empty: nothing is sent."
        ),
    )  # fmt: skip
    token: Token = asked(_("Thread word"), Token.SUBJECT, help=_("By it an answer finds its conversation, whatever the mailer drops."))
    imap_host: str = asked(
        _("IMAP server"), "", max_length=200, pattern=HOST, group=FETCHING, help=_("Empty: a mail server hands the letters over.")
    )
    imap_port: int = asked(_("IMAP port"), 993, ge=1, le=65535, group=FETCHING)
    imap_security: Security = asked(_("Protection of IMAP"), Security.TLS, group=FETCHING)
    folder: str = asked(_("Folder"), "INBOX", min_length=1, max_length=200, group=FETCHING)
    since: date | None = asked(_("Letters from this day on"), None, group=FETCHING, help=_("Empty: all that lie in the folder."))
    smtp_host: str = asked(_("SMTP server"), "", max_length=200, pattern=HOST, group=SENDING, help=_("Empty: nothing can be answered."))
    smtp_port: int = asked(_("SMTP port"), 465, ge=1, le=65535, group=SENDING)
    smtp_security: Security = asked(_("Protection of SMTP"), Security.TLS, group=SENDING)
    sign_in: SignIn = asked(_("Sign in by"), SignIn.PASSWORD, group=SIGNING_IN)
    user: str = asked(_("Mailbox user"), "", widget="text", max_length=254, group=SIGNING_IN)
    password: str = asked(_("Mailbox password"), "", widget="password", max_length=1000, group=SIGNING_IN, help=KEPT)
    forget: bool = asked(_("Forget the stored password and tokens"), False, group=SIGNING_IN)
    token_url: str = asked(_("Token address"), "", widget="text", max_length=300, group=OAUTH2, placeholder="https://")
    client_id: str = asked(_("Client id"), "", max_length=200, group=OAUTH2)
    client_secret: str = asked(_("Client secret"), "", widget="password", max_length=1000, group=OAUTH2, help=KEPT)
    refresh_token: str = asked(_("Refresh token"), "", widget="password", max_length=5000, group=OAUTH2, help=KEPT)
    scope: str = asked(_("Scope"), "", widget="text", max_length=300, group=OAUTH2)


class TakeIn(Schema):
    account_id: int | None = asked(_("As a letter to"), None, choices=_boxes, help=_("Leave it empty if its addresses tell."))


class LayAside(Schema):
    reason: str = asked(
        _("Reason"), widget="textarea", min_length=1, max_length=500, help=_("Why nobody is to answer it. The letter is kept.")
    )


class MailboxRow(Schema):
    id: int
    name: str
    address: str
    unit_id: int
    unit__name: str
    active: bool
    health: str
    trouble: str
    tried_at: datetime | None
    sender_name: str
    signature: str
    acknowledgement: str
    token: str
    imap_host: str
    imap_port: int
    imap_security: str
    folder: str
    since: date | None
    smtp_host: str
    smtp_port: int
    smtp_security: str
    sign_in: str
    user: str
    token_url: str
    client_id: str
    scope: str
    fetched_at: datetime | None
    sent_at: datetime | None
    send_trouble: str
    waits: int = Field(description="Letters that wait to be sent, counted to 100")
    failed: int = Field(description="Letters that could not be sent, counted to 100")
    quarantined: int = Field(description="Letters in quarantine, counted to 100")


class MailboxRows(Schema):
    rows: list[MailboxRow]


class QuarantineRow(Schema):
    id: int
    account: str | None = Field(description="The mailbox it came to, where that is known")
    why: str
    detail: str
    sender: str = Field(examples=["z***@example.com"])
    title: str
    size: int
    at: datetime
    tries: int


class QuarantinePage(Schema):
    items: list[QuarantineRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")
