"""A call, and the order's way through the house."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kefu.cases.callbacks.choices import TaskState, Verdict
from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.choices import State
from kefu.cases.workorders.models import WorkOrder
from kefu.entry.demo import words
from kefu.entry.demo.residents import Home
from kefu.entry.demo.scene import Scene
from kefu.flows import finish_work, open_from_contact
from kefu.people.actor import Actor
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel

AGENTS = ("021", "021", "021", "023", "022")
CREWS = {"101": "102", "103": "104"}


def minutes(scene: Scene, low: float, high: float) -> timedelta:
    return timedelta(minutes=scene.dice.uniform(low, high))


def plan_call(scene: Scene, at: datetime) -> None:
    """One caller with a matter of the usual mix; some are answered at once."""
    dice = scene.dice
    kind = dice.choices(list(words.SHARES), list(words.SHARES.values()))[0]
    home, agent = dice.choice(scene.homes), scene.people[dice.choice(AGENTS)]
    text = dice.choice(words.MATTERS[kind])
    settled = kind.startswith("consult") and dice.random() < 0.6
    channel = dice.choices([Channel.PHONE, Channel.VISIT, Channel.PORTAL], [78, 14, 8])[0]
    scene.runner.at(at, lambda: settle(scene, agent, home, text) if settled else call(scene, at, agent, home, kind, text, channel))


def settle(scene: Scene, agent: Actor, home: Home, text: str) -> None:
    """Answered on the spot."""
    contact, _new = contacts.receive(actor=agent, channel=Channel.PHONE, **caller(home), content=text, ring_count=1)
    contacts.settle(actor=agent, id=contact.pk, answer=scene.dice.choice(words.ANSWERS), answer_source="服务手册")


def caller(home: Home) -> dict[str, Any]:
    return {"customer_id": home.customer.pk, "name": home.name, "phone": home.phone, "address": home.address}


def take(scene: Scene, agent: Actor, home: Home, kind: str, text: str, channel: Channel = Channel.PHONE) -> WorkOrder:
    """The record, and the order that it leads to."""
    contact, _new = contacts.receive(
        actor=agent, channel=channel, ring_count=scene.dice.choice((1, 1, 2, 2, 3)) if channel == Channel.PHONE else None, **caller(home)
    )
    record: dict[str, Any] = {
        "content": text, "wishes": home.wishes or "无", "appointment_at_missing": "随时可上门", "read_back": True, "confirmed": True,
    }  # fmt: skip
    if kind in words.PRICES:
        item, price = words.PRICES[kind]
        record |= {"price_item": item, "price": price, "price_told": True}
    return open_from_contact.open_order(actor=agent, contact_id=contact.pk, order_type=kind, record=record)


def call(scene: Scene, at: datetime, agent: Actor, home: Home, kind: str, text: str, channel: Channel) -> None:
    order = take(scene, agent, home, kind, text, channel)
    if order.unit is None:
        return
    follow(scene, order, at)


def follow(scene: Scene, order: WorkOrder, at: datetime, *, late: bool | None = None) -> None:
    """From the dispatch to the callback, by the people of the unit."""
    dice, run, pk = scene.dice, scene.runner.at, order.pk
    quick = order.urgency != "normal"
    slow = dice.random() < 0.06 if late is None else late
    wait = (0.5, 2.5) if order.urgency == "emergency" else (31, 70) if slow else (2, 22)
    signed = at + minutes(scene, *wait)
    leader, hand = people_of(scene, order)
    run(signed, lambda: orders.accept(actor=leader, id=pk))
    if order.type.kind in ("repair", "emergency"):
        if hand is not None and dice.random() < 0.6:
            worker = hand
            run(signed + minutes(scene, 0.3, 1), lambda: orders.assign(actor=leader, id=pk, handler_id=worker.person_id))
        else:
            worker = leader
        called = signed + minutes(scene, 1, 7)
        run(called, lambda: orders.contact(actor=worker, id=pk, remark="已电话联系业主，约定上门时间"))
        arrived = at + (minutes(scene, 6, 14) if quick else minutes(scene, 50, 1200))
        arrived = max(arrived, called + timedelta(minutes=3))
        run(arrived, lambda: orders.arrive(actor=worker, id=pk))
        done = arrived + (timedelta(hours=dice.uniform(30, 60)) if slow else minutes(scene, 25, 400))
    else:
        worker, done = leader, signed + (timedelta(hours=dice.uniform(28, 50)) if slow else minutes(scene, 30, 420))
    finish(scene, order, worker, done)


def people_of(scene: Scene, order: WorkOrder) -> tuple[Actor, Actor | None]:
    """Who signs for an order of this unit, and to whom it is given there."""
    code = order.unit.code if order.unit else ""
    if code == "repair":
        leader = scene.dice.choice(list(CREWS))
        return scene.people[leader], scene.people[CREWS[leader]]
    return scene.people[{"cleaning": "301", "guard": "200"}.get(code, "023")], None


def finish(scene: Scene, order: WorkOrder, worker: Actor, done: datetime, again: bool = False) -> None:
    family = next(name for name in words.RESULTS if order.type.code.startswith(name) or name == "service")
    result = "已重新处理并更换部件，业主确认完好。" if again else scene.dice.choice(words.RESULTS[family])
    pk = order.pk

    def complete() -> None:
        if WorkOrder.objects.values_list("state", flat=True).get(pk=pk) == State.WORKING:
            finish_work.complete(actor=worker, id=pk, result=result)

    scene.runner.at(done, complete)
    scene.runner.at(scene.next_morning(done), lambda: end(scene, order, worker))


def end(scene: Scene, order: WorkOrder, worker: Actor) -> None:
    """The callback desk asks, or the dispatcher closes where nobody is asked."""
    now = WorkOrder.objects.get(pk=order.pk)
    if now.state != State.COMPLETED:
        return
    task = CallbackTask.objects.filter(subject_id=order.pk, state=TaskState.OPEN).first()
    if task is None:
        finish_work.close(actor=scene.people["030"], id=order.pk, reason="已答复，客户无异议")
        return
    verdict = scene.dice.choices([Verdict.SATISFIED, Verdict.UNDERSTANDS, Verdict.NOT_SATISFIED], [84, 10, 6])[0]
    if verdict == Verdict.NOT_SATISFIED and now.redo_round:
        verdict = Verdict.UNDERSTANDS
    answer(scene, order, worker, task, verdict)


def answer(scene: Scene, order: WorkOrder, worker: Actor, task: CallbackTask, verdict: Verdict) -> None:
    told = words.REDONE if verdict == Verdict.NOT_SATISFIED else words.WORDS[str(verdict)]
    done = finish_work.record_callback(actor=scene.people["025"], id=task.pk, verdict=verdict, words=scene.dice.choice(told))
    if verdict == Verdict.NOT_SATISFIED and done.done_at is not None:
        finish(scene, order, worker, done.done_at + minutes(scene, 120, 400), again=True)
