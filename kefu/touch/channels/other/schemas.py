"""What the form of a channel asks, and what crosses the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.kit.commands import asked
from kefu.people.queries import unit_choices
from kefu.touch.channels.other.choices import Known


def _units(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return unit_choices()


class ChannelIn(Schema):
    """A channel that another system attaches."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    code: str = asked(
        _("Code in the API"), min_length=2, max_length=40, pattern=r"^\s*[a-z0-9][a-z0-9-]*\s*$", placeholder="our-app",
        help=_("Small letters, digits and hyphens."),
    )  # fmt: skip
    unit_id: int = asked(_("Unit"), choices=_units, help=_("Whose inbox the messages come to."))
    active: bool = asked(_("In use"), True)
    known_by: Known = asked(_("Customers are known by"), Known.ID)


class FileIn(Schema):
    name: str = Field(min_length=1, max_length=200, examples=["漏水.jpg"])
    content: str = Field(description="The bytes in Base64 (RFC 4648), without line breaks", examples=["/9j/4AAQSkZJRg=="])


class MessageIn(Schema):
    id: str = Field(
        min_length=1, max_length=200, description="Your name of the message; the same one again is stored once", examples=["m-815"]
    )
    customer: str = Field(min_length=1, max_length=120, description="Phone, mail address or your id in small letters", examples=["u-4711"])
    text: str = Field("", max_length=20_000, description="May be left out where files say it", examples=["厨房水管漏水"])
    name: str = Field("", max_length=80, examples=["张伟"])
    phone: str = Field("", max_length=40, description="Finds the customer's file, if you know it")
    title: str = Field("", max_length=200)
    files: list[FileIn] = Field([], max_length=20, description="What the customer attached; the whole request holds at most 25 MB")


class MessageOut(Schema):
    message: int
    conversation: int
    number: str = Field(examples=["JC202611230001"])
    created: bool
    not_kept: list[str] = Field(description="Files that were not taken, each with the reason")


class FileRow(Schema):
    id: int
    name: str = Field(examples=["关闸说明.pdf"])
    size: int = Field(description="Bytes")
    media_type: str = Field(examples=["application/pdf"])
    url: str = Field(description="Where its bytes are fetched, with the same key")


class ReplyRow(Schema):
    id: int
    conversation: int
    number: str
    to: str = Field(description="The customer, as you called him")
    at: datetime
    text: str
    files: list[FileRow]


class ReplyPage(Schema):
    items: list[ReplyRow]


class DeliveryIn(Schema):
    state: Literal["sent", "arrived", "failed"]
    trouble: str = Field("", max_length=300, description="Why it failed, for the agent")
