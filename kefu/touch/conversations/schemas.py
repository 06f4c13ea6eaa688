"""What the commands of a conversation ask, and what crosses the API."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.engines.rulebook.lists import of_list
from kefu.kit.commands import asked
from kefu.touch.conversations import asking, queries

FOUND_BY = _("Number, name or first letters")


class Reply(Schema):
    text: str = asked(_("Reply"), widget="textarea", rows=8, min_length=1, max_length=100_000)
    files: list[int] = asked(_("Attachments"), [], widget="file", max_length=20)
    key: str = asked(_("Key"), "", widget="hidden", max_length=40)
    cc: str = asked(_("Cc"), "", widget="hidden", max_length=20_000, help=_("Mail addresses, parted by commas."))
    bcc: str = asked(_("Bcc"), "", widget="hidden", max_length=20_000, help=_("As Cc; no other recipient sees them."))
    also: list[str] = asked(_("Copies to"), [], widget="hidden", max_length=200, help=_("Keys of the heads of letters."))


class Resend(Schema):
    message_id: int = asked(_("Message"), choices=queries.undelivered)


class Note(Schema):
    text: str = asked(_("Note"), widget="textarea", min_length=1, max_length=5000)


class Mention(Schema):
    staff_id: int = asked(_("Colleague"), choices="colleagues", placeholder=FOUND_BY)
    text: str = asked(_("Note"), widget="textarea", min_length=1, max_length=5000)


class Recognise(Schema):
    customer: str = asked(
        _("Customer"), min_length=3, max_length=40, placeholder="KH…",
        help=_("Number of the file, customer number, or a phone number of the customer. Who writes from here is known from now on."),
    )  # fmt: skip


class Transfer(Schema):
    agent_id: int | None = asked(_("To the agent"), None, choices="takers", placeholder=FOUND_BY)
    unit_id: int | None = asked(_("Or to the unit"), None, choices=queries.units)
    reason: str = asked(_("Reason"), "", widget="textarea", max_length=500)


class GiveBack(Schema):
    reason: str = asked(_("Reason"), widget="textarea", min_length=1, max_length=500)


class AskHelp(Schema):
    staff_id: int = asked(_("Superior"), choices=asking.superiors)
    text: str = asked(_("What help is needed"), widget="textarea", min_length=2, max_length=500)


class Invite(Schema):
    staff_id: int = asked(_("Colleague"), choices="takers", placeholder=FOUND_BY)
    text: str = asked(_("Note"), "", widget="textarea", max_length=500)


class Pend(Schema):
    reason: str = asked(_("What we wait for"), widget="textarea", min_length=2, max_length=500)


class Close(Schema):
    wrap_up: str = asked(_("Wrap-up reason"), max_length=40, choices=of_list("wrap_up_reasons"))


class Reopen(Schema):
    reason: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


class ConversationRow(Schema):
    id: int = Field(examples=[4711])
    number: str = Field(examples=["JC202611220001"])
    channel: str
    account: str = Field(description="The way in it came by", examples=["服务邮箱"])
    state: str
    title: str
    address: str = Field(examples=["z***@example.com"])
    name: str = Field(examples=["张**"])
    agent: str | None = Field(description="Number of the agent whose it is")
    last_at: datetime
    first_reply_at: datetime | None


class ConversationPage(Schema):
    items: list[ConversationRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class Attached(Schema):
    id: int
    name: str
    size: int
    media_type: str


class Copied(Schema):
    key: str = Field(description="For `also` of a reply", examples=["4711.0"])
    shown: str = Field(examples=["李** l***@example.com"])


class Recipients(Schema):
    sender: str = Field(description="Who wrote it, if that is not who began the conversation")
    to: list[str] = Field(description="Whom it names beside the mailbox, as its recipients")
    cc: list[str]
    bcc: list[str]
    more: int = Field(description="How many more it names")
    all: list[Copied] = Field(description="Who gets a copy of an answer to all, at the newest letter")


class MessageRow(Schema):
    id: int
    direction: str
    author: str | None = Field(description="Number of the agent who wrote it")
    at: datetime
    text: str
    reply: str = Field(description="The new text, without quotes and signature")
    auto: str
    delivery: str
    trouble: str
    files: list[Attached]
    recipients: Recipients | None = Field(description="Where more than two have it: to whom it went, masked")


class ConversationRead(ConversationRow):
    wrap_up: str
    follows: int | None = Field(description="The closed conversation that this one goes on from")
    messages: list[MessageRow] = Field(description="The newest 200, oldest first")
    allowed: list[str] = Field(description="Commands that may be given now")
