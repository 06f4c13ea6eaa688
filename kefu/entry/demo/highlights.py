"""Cases that show what a centre can do: urges, supervision, extension, suspension, return and ruling, help, a matter for the dispatcher."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kefu.cases.supervision import services as supervision
from kefu.cases.supervision.choices import Level
from kefu.cases.workorders import asking
from kefu.cases.workorders import services as orders
from kefu.entry.demo.orders import caller, finish, take
from kefu.entry.demo.scene import Scene
from kefu.entry.portal import submit
from kefu.flows import open_from_contact
from kefu.kit import moment
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel


def plan(scene: Scene, now: datetime) -> None:
    """Each case at its time before ``now``."""
    stories = (
        (15, extended), (11, returned), (8, helped), (4, urged_and_supervised), (2.2, suspended), (1.3, asks_for_time),
        (0.2, for_dispatcher), (0.1, just_dispatched), (0.02, still_talking),
    )  # fmt: skip
    for days, story in stories:
        at = now - timedelta(days=days)
        scene.runner.at(at, lambda story=story, at=at: story(scene, at))  # type: ignore[misc]


def extended(scene: Scene, at: datetime) -> None:
    """Spare parts come late: one extension, granted by the head."""
    leader, head = scene.people["101"], scene.people["100"]
    order = take(scene, scene.people["021"], scene.homes[12], "repair.public.door", "单元门禁主机坏了，刷卡和呼叫都没反应")
    pk = order.pk
    run = scene.runner.at
    run(at + timedelta(minutes=8), lambda: orders.accept(actor=leader, id=pk))
    run(at + timedelta(minutes=16), lambda: orders.contact(actor=leader, id=pk, remark="主机需更换，已向厂家订货"))
    run(at + timedelta(hours=3), lambda: orders.arrive(actor=leader, id=pk))
    until = at + timedelta(days=4)
    run(at + timedelta(hours=5), lambda: asking.ask_extension(actor=leader, id=pk, until=until, text="门禁主机需厂家发货，三天后到"))
    run(at + timedelta(hours=6), lambda: asking.grant(actor=head, id=pk, remark="同意，期间安排人员值守开门"))
    finish(scene, order, leader, at + timedelta(days=3, hours=2))


def returned(scene: Scene, at: datetime) -> None:
    """Returned once with a coded reason; the dispatcher's second word binds."""
    dispatcher, cleaning = scene.people["030"], scene.people["300"]
    order = take(scene, scene.people["021"], scene.homes[20], "service.clean", "地下车库大面积积灰，洒水车也没来")
    pk = order.pk
    run = scene.runner.at
    run(
        at + timedelta(minutes=14),
        lambda: orders.give_back(actor=cleaning, id=pk, reason="overlap", text="车库冲洗与秩序部引导车辆有交叉，请裁定"),
    )
    unit = scene.units["cleaning"].pk
    run(at + timedelta(minutes=35), lambda: orders.dispatch(actor=dispatcher, id=pk, unit_id=unit, remark="由保洁绿化部负责，秩序部配合"))
    run(at + timedelta(minutes=50), lambda: orders.accept(actor=cleaning, id=pk))
    finish(scene, order, cleaning, at + timedelta(hours=7))


def helped(scene: Scene, at: datetime) -> None:
    """Another unit does its part; the owner stays the owner."""
    leader, guard = scene.people["103"], scene.people["200"]
    order = take(scene, scene.people["022"], scene.homes[31], "repair.public.water", "车库主管漏水，需要挪开三辆车才能修")
    pk = order.pk
    run = scene.runner.at
    run(at + timedelta(minutes=5), lambda: orders.accept(actor=leader, id=pk))
    run(at + timedelta(minutes=12), lambda: orders.contact(actor=leader, id=pk, remark="已与报修人确认位置"))
    run(at + timedelta(minutes=40), lambda: orders.arrive(actor=leader, id=pk))
    unit = scene.units["guard"].pk
    run(at + timedelta(minutes=45), lambda: asking.ask_helper(actor=leader, id=pk, unit_id=unit, demand="请联系车主挪车并设围挡"))
    run(at + timedelta(hours=2), lambda: asking.help_reply(actor=guard, id=pk, reply="三辆车已挪开，围挡已设"))
    finish(scene, order, leader, at + timedelta(hours=6))


def urged_and_supervised(scene: Scene, at: datetime) -> None:
    """Nobody moved, the customer asks again, a leader presses; still open and overdue."""
    leader, manager, home = scene.people["103"], scene.people["010"], scene.homes[40]
    order = take(scene, scene.people["021"], home, "repair.public.building", "顶楼屋面渗水，卧室天花板发霉，下雨就滴水")
    pk = order.pk
    run = scene.runner.at
    run(at + timedelta(minutes=25), lambda: orders.accept(actor=leader, id=pk))
    run(at + timedelta(minutes=29), lambda: orders.contact(actor=leader, id=pk, remark="约次日上屋面查看"))
    run(at + timedelta(hours=27), lambda: orders.arrive(actor=leader, id=pk))

    def urge(text: str) -> None:
        contact, _new = contacts.receive(actor=scene.people["023"], channel=Channel.PHONE, content=text, ring_count=2, **caller(home))
        open_from_contact.urge_instead(actor=scene.people["023"], contact_id=contact.pk, order_id=pk, text=text)

    run(at + timedelta(hours=30), lambda: urge("怎么还没有人来补漏？又下雨了"))
    run(at + timedelta(hours=52), lambda: urge("已经两天了，床都湿了，再不处理我就投诉"))
    demand = "两日内完成防水修补，每日报告进度"
    run(at + timedelta(hours=53), lambda: supervision.supervise(actor=manager, id=pk, level=Level.LISTED, demand=demand))
    reply = "防水材料已到，天晴即施工，已给业主铺设临时防雨布"
    run(at + timedelta(hours=56), lambda: supervision.answer_urge(actor=leader, id=pk, reply=reply))


def suspended(scene: Scene, at: datetime) -> None:
    """The clock stops for the customer's sake, with evidence and approval."""
    worker, head = scene.people["101"], scene.people["100"]
    order = take(scene, scene.people["021"], scene.homes[25], "repair.private.door", "入户门锁芯转不动")
    pk = order.pk
    run = scene.runner.at
    run(at + timedelta(minutes=6), lambda: orders.accept(actor=worker, id=pk))
    run(at + timedelta(minutes=12), lambda: orders.contact(actor=worker, id=pk, remark="业主出差，下周三回来再修"))
    run(
        at + timedelta(minutes=20),
        lambda: asking.ask_suspension(
            actor=worker, id=pk, reason="appointment", text="业主出差，约定下周三上门", evidence="通话录音，当日 10 时许",
            until=moment.now() + timedelta(days=5),
        ),
    )  # fmt: skip
    run(at + timedelta(hours=1), lambda: asking.grant(actor=head, id=pk, remark="证据充分，同意挂起"))


def asks_for_time(scene: Scene, at: datetime) -> None:
    """A request that waits for the head."""
    worker = scene.people["101"]
    order = take(scene, scene.people["023"], scene.homes[33], "repair.public.lift", "电梯到 9 楼抖动，有异响")
    pk = order.pk
    run = scene.runner.at
    run(at + timedelta(minutes=4), lambda: orders.accept(actor=worker, id=pk))
    run(at + timedelta(minutes=9), lambda: orders.contact(actor=worker, id=pk, remark="已停梯检查并贴告示"))
    run(at + timedelta(minutes=20), lambda: orders.arrive(actor=worker, id=pk))
    until = at + timedelta(days=5)
    run(at + timedelta(hours=20), lambda: asking.ask_extension(actor=worker, id=pk, until=until, text="导轨需维保单位更换，已预约"))


def for_dispatcher(scene: Scene, _at: datetime) -> None:
    """No rule knows this matter: a person decides."""
    take(scene, scene.people["021"], scene.homes[44], "service", "家里老人走失，请帮忙调看监控")


def just_dispatched(scene: Scene, _at: datetime) -> None:
    """Waits on the crew leader's phone."""
    take(scene, scene.people["021"], scene.homes[17], "repair.private.water", "厨房水龙头关不紧，一直滴水")


def still_talking(scene: Scene, _at: datetime) -> None:
    """A call that is on the agent's desk now, and a web form that nobody has taken yet."""
    agent = scene.people["021"]
    contacts.receive(actor=agent, channel=Channel.PHONE, ring_count=1, answered_at=moment.now(), **caller(scene.homes[40]))
    home = scene.homes[50]
    web: dict[str, Any] = {"content": "建议儿童乐园铺软垫，孩子摔了好几次", "name": home.name, "phone": home.phone, "address": home.address}
    submit.submit(number="demo-portal-1", values=web, photos=[], complaint=False, version="demo")
