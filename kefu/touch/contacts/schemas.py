"""What crosses the door with a contact."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from kefu.touch.contacts.choices import Channel


class ContactIn(Schema):
    """A touch that another system reports."""

    channel: Channel = Channel.API
    foreign_id: str | None = Field(None, max_length=120, description="The number your system gave it; sent twice, stored once.")
    name: str = Field("", max_length=80)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=200)
    content: str = Field("", max_length=20_000)
    wishes: str = Field("", max_length=500)
    appointment_at: datetime | None = None
    received_at: datetime | None = None
    order_type: str = Field("", max_length=60)


class ContactOut(Schema):
    id: int
    number: str
    channel: str
    outcome: str
    received_at: datetime
    created: bool
