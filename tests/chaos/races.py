"""Many hands at once on one centre, run in a process of its own: ``outcomes()`` tells per race what each hand was answered."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.test import Client

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints import services as complaints
from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.imports import services as imports
from kefu.engines.imports.models import ImportRun
from kefu.engines.numbering.services import take
from kefu.flows import finish_work
from kefu.flows.open_from_contact import open_order
from kefu.kit import moment
from kefu.kit.errors import KefuError
from kefu.people.actor import Actor, load
from kefu.people.models import Staff, Unit
from kefu.people.services import make_token
from kefu.timeline.models import Event, SealedCopy
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact
from kefu.touch.customers.models import Customer

RECORD = {
    "name": "张三", "phone": "13900001234", "address": "3号楼501", "content": "厨房漏水", "wishes": "无", "appointment_at_missing": "随时",
    "read_back": True, "confirmed": True,
}  # fmt: skip
CSV = "户号,业主姓名,联系电话,地址\n" + "".join(f"R-{number},业主{number},138{number:08d},1-1-{number}\n" for number in range(40))


def at_once(*hands: Callable[[], Any]) -> list[str]:
    """Let all begin at the same instant. A hand that was served says ``done``, a refused one its code, a fault what it was."""
    gate, told = threading.Barrier(len(hands)), []

    def run(hand: Callable[[], Any]) -> None:
        gate.wait(30)
        try:
            hand()
            told.append("done")
        except KefuError as refusal:
            told.append(refusal.code if refusal.message() else "without a word")
        except Exception as fault:
            told.append(f"{type(fault).__name__}: {fault}"[:300])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def who(number: str) -> Actor:
    found = load(Staff.objects.get(number=number).pk)
    assert found is not None
    return found


def called() -> Contact:
    return contacts.receive(actor=who("021"), channel=Channel.API)[0]


def opened(order_type: str = "repair.public.light") -> WorkOrder:
    return open_order(actor=who("021"), contact_id=called().pk, order_type=order_type, record=RECORD)


def events(subject: int, kind: str) -> int:
    return Event.objects.filter(subject=subject, kind=kind).count()


def two_accept() -> dict[str, Any]:
    order, crew = opened(), [who("101"), who("103")]
    told = at_once(*[lambda actor=actor: orders.accept(actor=actor, id=order.pk) for actor in crew])
    held = WorkOrder.objects.get(pk=order.pk)
    return {"told": told, "events": events(order.pk, "order.accepted"), "one": held.handler_id in {actor.id for actor in crew}}


def two_dispatch() -> dict[str, Any]:
    order, given = opened(), [("030", "repair"), ("010", "cleaning")]
    orders.give_back(actor=who("101"), id=order.pk, reason="not_ours", text="不属于本部门")
    before = events(order.pk, "order.dispatched")
    people = [(who(number), Unit.objects.get(code=code).pk) for number, code in given]
    told = at_once(*[lambda actor=actor, unit=unit: orders.dispatch(actor=actor, id=order.pk, unit_id=unit) for actor, unit in people])
    held = WorkOrder.objects.select_related("subject", "unit").get(pk=order.pk)
    return {"told": told, "events": events(order.pk, "order.dispatched") - before, "one": held.subject.unit_path == held.unit.path}


def two_judge() -> dict[str, Any]:
    heard = complaints.receive(actor=who("201"), content="保洁员态度恶劣", name="李女士", phone_number="13900001111")
    cleaning = Unit.objects.get(code="cleaning").pk
    complaints.classify(actor=who("022"), id=heard.pk, subject_type="quality", severity_tests=[], unit_id=cleaning)
    verdicts = [(who("022"), "valid", "conduct"), (who("010"), "invalid", "groundless")]
    told = at_once(
        *[
            lambda actor=actor, word=word, why=why: complaints.judge(
                actor=actor, id=heard.pk, validity=word, reason=why, basis="规范第三条"
            )
            for actor, word, why in verdicts
        ]
    )
    held = Complaint.objects.get(pk=heard.pk)
    return {
        "told": told,
        "events": events(heard.pk, "complaint.judged"),
        "one": (held.validity == "valid") == (held.judged_by_id == who("022").id),
    }


def two_imports() -> dict[str, Any]:
    manager = who("010")
    runs = [imports.begin(actor=manager, kind="customer", upload=io.BytesIO(CSV.encode()), name="customers.csv") for _each in range(2)]
    told = at_once(*[lambda run=run: imports.start(actor=manager, run_id=run.pk, mapping=run.mapping) for run in runs])
    states = sorted(ImportRun.objects.filter(pk__in=[run.pk for run in runs]).values_list("state", "created"))
    again = imports.begin(actor=manager, kind="customer", upload=io.BytesIO(CSV.encode()), name="customers.csv")
    same = at_once(*[lambda: imports.start(actor=manager, run_id=again.pk, mapping=again.mapping) for _each in range(2)])
    return {
        "told": told,
        "same": same,
        "states": [list(row) for row in states],
        "customers": Customer.objects.filter(name__startswith="业主").count(),
    }


def two_close() -> dict[str, Any]:
    order, crew = opened(), who("101")
    orders.accept(actor=crew, id=order.pk)
    orders.contact(actor=crew, id=order.pk, remark="已联系")
    finish_work.complete(actor=crew, id=order.pk, result="已更换")
    task = CallbackTask.objects.get(subject=order.pk, state="open")
    desk = [who("025"), who("022")]
    told = at_once(*[lambda actor=actor: finish_work.record_callback(actor=actor, id=task.pk, verdict="satisfied") for actor in desk])
    return {
        "told": told, "events": events(order.pk, "order.closed"), "one": WorkOrder.objects.get(pk=order.pk).state == "archived",
        "sealed": SealedCopy.objects.filter(subject=order.pk).count(),
    }  # fmt: skip


def two_open() -> dict[str, Any]:
    contact, agent = called(), who("021")
    words = {"contact_id": contact.pk, "order_type": "repair.public.light", "record": RECORD}
    told = at_once(*[lambda: open_order(actor=agent, **words) for _each in range(4)])
    return {"told": told, "orders": WorkOrder.objects.filter(contact=contact).count()}


def same_key() -> dict[str, Any]:
    token = make_token(actor=who("021"), name="races", rights=["contacts.take"])[1]
    answers: list[tuple[int, int]] = []

    def send() -> None:
        client = Client(headers={"Authorization": f"Bearer {token}", "Host": "localhost", "Idempotency-Key": "one"})
        answer = client.post("/api/v1/contacts", json.dumps({"content": "停水"}), content_type="application/json")
        answers.append((answer.status_code, answer.json().get("id", 0)))

    told = at_once(*[send] * 4)
    return {"told": told, "status": sorted(status for status, _id in answers), "ids": len({found for _status, found in answers})}


def numbers() -> dict[str, Any]:
    """A prefix that nobody has used yet, taken by eight at once: the first use makes the counter."""
    taken: list[str] = []
    at = moment.now()
    told = at_once(*[lambda: taken.extend(take("RACE", at) for _turn in range(25))] * 8)
    return {"told": told, "taken": len(taken), "different": len(set(taken)), "values": sorted(int(number[-6:]) for number in taken)}


def numbers_in_transactions() -> dict[str, Any]:
    """The same where each hand opens a case with its number in one transaction."""
    agent = who("021")
    waiting = [[called().pk for _turn in range(3)] for _hand in range(8)]

    def hand(mine: list[int]) -> None:
        for contact in mine:
            open_order(actor=agent, contact_id=contact, order_type="repair.public.light", record=RECORD)

    told = at_once(*[lambda mine=mine: hand(mine) for mine in waiting])
    held = list(WorkOrder.objects.filter(contact__in=[pk for mine in waiting for pk in mine]).values_list("subject__number", flat=True))
    return {"told": told, "orders": len(held), "different": len(set(held))}


RACES = (two_accept, two_dispatch, two_judge, two_imports, two_close, two_open, same_key, numbers, numbers_in_transactions)


def outcomes() -> dict[str, dict[str, Any]]:
    return {race.__name__: race() for race in RACES}
