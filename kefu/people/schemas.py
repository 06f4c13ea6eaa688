"""What crosses the API about people, and the fields of the commands."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from kefu.people.choices import UnitKind


class NewStaff(Schema):
    number: str = Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9_-]+$", examples=["021"])
    username: str = Field(min_length=2, max_length=60, pattern=r"^[\w.@-]+$", examples=["chenjing"])
    name: str = Field(min_length=1, max_length=60, examples=["陈静"])
    unit: int
    phone: str = Field(default="", max_length=32)
    email: str = Field(default="", max_length=254)


class StaffChange(Schema):
    number: str = Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9_-]+$")
    name: str = Field(min_length=1, max_length=60)
    unit: int
    phone: str = Field(default="", max_length=32)
    email: str = Field(default="", max_length=254)


class Grant(Schema):
    post: int
    unit: int
    until: datetime | None = None


class EndHolding(Schema):
    holding: int


class DeputySpan(Schema):
    deputy: int
    since: datetime
    until: datetime


class NewUnit(Schema):
    code: str = Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$", examples=["repair"])
    name: str = Field(min_length=1, max_length=80, examples=["工程部"])
    name_en: str = Field(default="", max_length=80)
    kind: UnitKind = UnitKind.DEPARTMENT
    parent: int | None = None
    takes_orders: bool = True
    bound: bool = True


class UnitChange(Schema):
    name: str = Field(min_length=1, max_length=80)
    name_en: str = Field(default="", max_length=80)
    kind: UnitKind = UnitKind.DEPARTMENT
    head: int | None = None
    takes_orders: bool = True
    bound: bool = True


class UnitMove(Schema):
    parent: int | None = None


class NewToken(Schema):
    name: str = Field(min_length=1, max_length=60, examples=["ERP"])
    rights: list[str] = Field(min_length=1, examples=[["orders.see"]])
    days: int = Field(default=365, ge=1, le=1825)


class Made(Schema):
    id: int


class MadeStaff(Made):
    one_time_password: str


class MadeToken(Made):
    token: str
