"""Makers of contacts, orders and complaints: what stands when a story begins in its middle."""

from __future__ import annotations

from typing import Any

from kefu.cases.complaints import services as complaints
from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.models import WorkOrder
from kefu.flows import finish_work
from kefu.flows.open_from_contact import open_order
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact
from kefu.touch.customers import services as customers
from kefu.touch.customers.models import Customer
from tests.cast import Cast

RECORD = {
    "name": "张伟", "phone": "13812345678", "address": "3栋1201", "content": "厨房水管漏水", "appointment_at": "2026-03-04T15:00:00+08:00",
    "wishes": "无", "read_back": True, "confirmed": True,
}  # fmt: skip
PAID = {"price_item": "更换水龙头", "price": "30", "price_told": True, "price_told_at": "2026-03-04T10:00:00+08:00"}


def resident(cast: Cast, name: str = "张伟", number: str = "13812345678") -> Customer:
    return customers.create(actor=cast.actor(cast.agent), name=name, phones=[number], area="绿洲一期", address="3栋1201")


def call(cast: Cast, by: str = "agent", channel: Channel = Channel.PHONE, **fields: Any) -> Contact:
    contact, _new = contacts.receive(actor=cast.actor(getattr(cast, by)), channel=channel, **{"phone": "13812345678", **fields})
    return contact


def order(cast: Cast, by: str = "agent", order_type: str = "repair.public.water", **record: Any) -> WorkOrder:
    """An order as the desk opens it; public repairs go to the repair department at once."""
    contact = call(cast, by)
    return open_order(actor=cast.actor(getattr(cast, by)), contact_id=contact.pk, order_type=order_type, record={**RECORD, **record})


def accepted(cast: Cast, **words: Any) -> WorkOrder:
    made = order(cast, **words)
    return orders.accept(actor=cast.actor(cast.crew_leader), id=made.pk)


def completed(cast: Cast, **words: Any) -> WorkOrder:
    made = accepted(cast, **words)
    return finish_work.complete(actor=cast.actor(cast.crew_leader), id=made.pk, result="已更换密封圈，不再漏水。")


def heard(cast: Cast, by: str = "employee", **fields: Any) -> Complaint:
    """A complaint as an employee passes it on."""
    words = {"content": "保洁员态度恶劣", "name": "李女士", "phone_number": "13900001111", **fields}
    return complaints.receive(actor=cast.actor(getattr(cast, by)), **words)


def classed(cast: Cast, tests: tuple[str, ...] = (), **words: Any) -> Complaint:
    made = heard(cast, **{name: words.pop(name) for name in ("by", "against_id") if name in words})
    given = {"subject_type": "quality", "severity_tests": list(tests), "unit_id": cast.cleaning.pk, **words}
    return complaints.classify(actor=cast.actor(cast.receptionist), id=made.pk, **given)


def judged(cast: Cast, *, valid: bool = True, tests: tuple[str, ...] = (), **words: Any) -> Complaint:
    reason = words.pop("reason", "conduct")
    made = classed(cast, tests, **words)
    given = {"validity": "valid", "reason": reason} if valid else {"validity": "invalid", "reason": "groundless"}
    return complaints.judge(actor=cast.actor(cast.receptionist), id=made.pk, basis="员工行为规范第三条", **given)
