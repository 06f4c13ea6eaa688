"""Who came to the reception: seen off, turned away, and this hour one who sits there and one who waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from kefu.entry.demo.scene import Scene
from kefu.touch.channels.visits import services as visits
from kefu.touch.contacts import services as contacts

MINUTE = timedelta(minutes=1)


def plan(scene: Scene, now: datetime) -> None:
    run = scene.runner.at
    for ago, home, purpose, answer in (
        (timedelta(days=3), 11, "来交物业费，并要电子发票", "已收费，发票已发至邮箱。"),
        (150 * MINUTE, 20, "问地下车位的月租", "月租每月 300 元，已登记排队。"),
    ):
        run(now - ago, lambda home=home, purpose=purpose, answer=answer: _settled(scene, home, purpose, answer))  # type: ignore[misc]
    run(now - 95 * MINUTE, lambda: _turned_away(scene))
    run(now - 12 * MINUTE, lambda: _received(scene))
    run(now - 4 * MINUTE, lambda: _arrives(scene, 33, "想看一下去年的公共收益公示", counter="A"))


def _arrives(scene: Scene, home: int, purpose: str, *, counter: str = "") -> int:
    guest = scene.homes[home]
    visit = visits.arrive(actor=scene.people["022"], name=guest.name, phone=guest.phone, purpose=purpose, counter=counter)
    return int(visit.pk)


def _settled(scene: Scene, home: int, purpose: str, answer: str) -> None:
    desk, pk = scene.people["022"], _arrives(scene, home, purpose)
    visits.call(actor=desk, id=pk, window="1")
    visits.serve(actor=desk, id=pk)
    contacts.settle(actor=desk, id=pk, answer=answer)
    visits.leave(actor=desk, id=pk, opinion="接待热情")


def _turned_away(scene: Scene) -> None:
    desk = scene.people["022"]
    visit = visits.arrive(actor=desk, name="", purpose="推销家庭财产保险", organisation="某保险代理")
    visits.refuse(actor=desk, id=visit.contact_id, refusal="insurance", text="已告知小区内不接待推销")


def _received(scene: Scene) -> None:
    desk, pk = scene.people["022"], _arrives(scene, 27, "反映装修押金迟迟未退", counter="B")
    visits.call(actor=desk, id=pk, window="2")
    visits.serve(actor=desk, id=pk)
