"""What comes by other hands: orders of the city hotline, and a talk at WeChat."""

from __future__ import annotations

from datetime import datetime, timedelta

from kefu.cases.workorders import services as orders
from kefu.engines.social.turns import Came
from kefu.entry.demo.scene import Scene
from kefu.flows import finish_work, open_passed_on
from kefu.kit import moment
from kefu.touch.channels.hotline import handling as hotline
from kefu.touch.channels.hotline import services as hotline_orders
from kefu.touch.channels.hotline.choices import Rated, Solved, Verdict, Way
from kefu.touch.channels.social import services as social
from kefu.touch.channels.social import settings as accounts
from kefu.touch.channels.social.models import Link, Person
from kefu.touch.conversations import handling as talks

PIPE, WALL, ROOF, NOISE = "20260100045", "20260100077", "20260100081", "20260100096"


def plan(scene: Scene, now: datetime) -> None:
    """Each at its time before ``now``: sent back once and done, taken back, more time asked, just arrived."""
    for days, story in ((12, done_twice), (6, taken_back), (2, more_time), (0.04, just_arrived), (0.06, by_wechat)):
        at = now - timedelta(days=days)
        scene.runner.at(at, lambda story=story, at=at: story(scene, at))  # type: ignore[misc]


def passed_on(scene: Scene, number: str, home: int, text: str, days: int, category: str) -> int:
    """An order of the hotline with the limit that stands on it."""
    caller, at = scene.homes[home], moment.now()
    taken = hotline_orders.take_in(
        actor=scene.people["030"], number=number, passed_on_at=at, due_at=at + timedelta(days=days), content=text, category=category,
        name=caller.name, phone=caller.phone, address=caller.address,
    )  # fmt: skip
    pk: int = taken.order.pk
    return pk


def _handled(scene: Scene, pk: int, at: datetime, result: str, answer: str) -> None:
    """Accepted where it is not yet, completed, and reported back two hours later."""
    crew = scene.people["101"]
    case = open_passed_on.open_order(actor=scene.people["030"], id=pk, order_type="repair.public.water").pk
    scene.runner.at(at + timedelta(hours=1), lambda: orders.accept(actor=crew, id=case))
    _again(scene, pk, case, at, result, answer)


def _again(scene: Scene, pk: int, case: int, at: datetime, result: str, answer: str) -> None:
    crew, desk = scene.people["101"], scene.people["030"]
    scene.runner.at(at + timedelta(hours=20), lambda: finish_work.complete(actor=crew, id=case, result=result))
    scene.runner.at(
        at + timedelta(hours=22),
        lambda: hotline.report(actor=desk, id=pk, text=answer, solved=Solved.SOLVED, way=Way.PLATFORM, spoken_at=moment.now()),
    )


def done_twice(scene: Scene, at: datetime) -> None:
    """Reported, found wanting by the caller, done once more."""
    desk, run = scene.people["030"], scene.runner.at
    pk = passed_on(scene, PIPE, 17, "小区东门井盖旁水管渗水，冬天结冰有人滑倒，希望尽快处理。", 5, "市政公用")
    _handled(scene, pk, at, "更换接头并回填。", "已更换渗水接头，现场已无积水，已电话告知诉求人。")
    run(at + timedelta(days=2), lambda: hotline.rate(actor=desk, id=pk, rated=Rated.DISSATISFIED, solved=False))

    def sent_back() -> None:
        back = hotline_orders.redo(actor=desk, id=pk, words="诉求人反映又开始渗水，请彻底处理。", due_at=moment.now() + timedelta(days=3))
        case = back.contact.led_to_id
        if case is not None:
            _again(scene, pk, case, moment.now(), "更换整段管道。", "已更换整段管道并通水观察一天，无渗漏，已上门告知诉求人。")

    run(at + timedelta(days=3), sent_back)
    run(at + timedelta(days=6), lambda: hotline.rate(actor=desk, id=pk, rated=Rated.SATISFIED, solved=True))


def taken_back(scene: Scene, at: datetime) -> None:
    """Not the firm's duty: returned within the window, and the hotline agrees."""
    desk, run = scene.people["030"], scene.runner.at
    pk = passed_on(scene, WALL, 23, "小区外人行道围挡占道，行人只能走机动车道。", 5, "城市管理")
    run(
        at + timedelta(hours=5),
        lambda: hotline.ask_return(
            actor=desk, id=pk, reason="wrong_area", text="围挡位于市政人行道，属城市管理部门职责。", way=Way.PLATFORM
        ),
    )
    run(at + timedelta(hours=26), lambda: hotline.decide(actor=desk, id=pk, verdict=Verdict.GRANTED, remark="同意退回，改派城管部门"))


def more_time(scene: Scene, at: datetime) -> None:
    """In hand; more time is asked of the hotline."""
    desk, crew, run = scene.people["030"], scene.people["101"], scene.runner.at
    pk = passed_on(scene, ROOF, 29, "6 号楼地下车库顶板漏水，滴在车上。", 4, "住房物业")
    case = open_passed_on.open_order(actor=desk, id=pk, order_type="repair.public.water").pk
    run(at + timedelta(hours=2), lambda: orders.accept(actor=crew, id=case))
    until = at + timedelta(days=8)
    run(
        at + timedelta(hours=30),
        lambda: hotline.ask_extension(actor=desk, id=pk, until=until, text="须待雨停后做防水，申请延期。", way=Way.PLATFORM),
    )


def just_arrived(scene: Scene, at: datetime) -> None:
    passed_on(scene, NOISE, 31, "3 号楼水泵房夜间噪声大，影响休息，请物业检修。", 5, "住房物业")


def by_wechat(scene: Scene, at: datetime) -> None:
    """Somebody writes to the official account, which is not joined to a real one; the agent waits for a picture."""
    account = accounts.keep_link(
        actor=scene.people["999"], name="绿洲服务号（演示）", unit_id=scene.units["centre"].pk, app_id="wx0000000000000000",
        welcome="您好，这里是绿洲物业客服，请直接留言。",
    )  # fmt: skip
    link = Link.objects.get(pk=account.pk)
    for number, text in enumerate(("你好，单元门禁刷不了卡", "2 号楼 1 单元，早上就这样了")):
        social.take_in(
            link, Came(foreign_id=f"demo:{number}", sender="demo-follower", kind="text", text=text, at=moment.now()), lambda _pk: None
        )
    talk = Person.objects.values_list("conversation_id", flat=True).get(link=link)
    agent = scene.people["021"]
    talks.take(actor=agent, id=talk)
    talks.note(actor=agent, id=talk, text="已请工程部查看 2 号楼 1 单元门禁主机。")
    talks.pend(actor=agent, id=talk, reason="等客户补发门禁屏幕照片")
