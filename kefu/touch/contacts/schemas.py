"""What crosses the door with a contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field

from kefu.kit.values import Instant
from kefu.touch.contacts.choices import Channel

_EXAMPLE: dict[str, Any] = {
    "channel": "api",
    "foreign_id": "APP-20261122-0007",
    "name": "张三",
    "phone": "13800001234",
    "address": "3-2-501",
    "content": "厨房水管漏水，请派人维修",
    "appointment_at": "2026-11-22T14:00:00+08:00",
}


class ContactIn(Schema):
    """A touch that another system reports. Times without an offset are times of the centre."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    channel: Channel = Channel.API
    foreign_id: str | None = Field(None, max_length=120, description="The number your system gave it; sent twice, stored once.")
    name: str = Field("", max_length=80)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=200)
    content: str = Field("", max_length=20_000)
    wishes: str = Field("", max_length=500)
    appointment_at: Instant | None = None
    received_at: Instant | None = Field(None, description="When it arrived, if not just now")
    order_type: str = Field("", max_length=60, description="Code of the type of business, if your system knows it")


class ContactOut(Schema):
    id: int = Field(examples=[4711])
    number: str = Field(examples=["JC202611220007"])
    channel: str = Field(examples=["api"])
    outcome: str = Field(examples=["open"], description="open, settled, order, urge, complaint, referred or void")
    received_at: datetime
    tracking_code: str = Field(examples=["7KQ4M2XBTA"], description="With the last four digits of the phone it opens the tracking page")
    created: bool = Field(description="false: it was known already")


class ContactRow(Schema):
    id: int
    number: str
    channel: str
    foreign_id: str | None
    outcome: str
    led_to: int | None = Field(description="Id of the order or complaint it led to")
    received_at: datetime
    name: str = Field(examples=["张**"])
    phone: str = Field(examples=["138****1234"])
    content: str
    agent: str | None


class ContactPage(Schema):
    items: list[ContactRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class ContactRead(ContactRow):
    address: str
    wishes: str
    appointment_at: datetime | None
    order_type: str
    ended_at: datetime | None
    events: list[dict[str, Any]]
