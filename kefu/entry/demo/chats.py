"""Who chatted on the centre's own pages: the robot answered one, an agent the other, who thanked with five stars."""

from __future__ import annotations

from datetime import datetime, timedelta

from kefu.entry.demo.scene import Scene
from kefu.touch.channels.chat import asking, services
from kefu.touch.channels.chat.models import RobotAnswer, Visitor, Widget
from kefu.touch.channels.chat.settings import keep_widget
from kefu.touch.conversations import handling

ORIGIN = "http://localhost"


def plan(scene: Scene, now: datetime) -> None:
    run, days = scene.runner.at, timedelta(days=1)
    run(scene.runner.first + timedelta(hours=3), lambda: _widget(scene))
    run(now - 2 * days, lambda: _answered_by_robot())
    run(now - days - timedelta(hours=2), lambda: _served(scene))


def _widget(scene: Scene) -> None:
    keep_widget(
        actor=scene.people["999"], name="绿洲物业在线客服", unit_id=scene.units["centre"].pk, portal=True, robot=True,
        greeting="您好，这里是绿洲物业客服，请问有什么可以帮您？", consent="为解答您的问题，我们会保存本次对话和您留下的联系方式。",
    )  # fmt: skip


def _visitor(name: str) -> Visitor:
    return services.start(widget=Widget.objects.get(), name=name, origin=ORIGIN, agreed=True)


def _answered_by_robot() -> None:
    guest = _visitor("")
    services.write(visitor=guest, text="门禁卡丢了怎么办", id="demo-card")
    answer = RobotAnswer.objects.filter(version__isnull=False).order_by("-pk").first()
    if answer is not None:
        asking.judge(visitor=Visitor.objects.get(pk=guest.pk), message_id=answer.pk, helped=True)


def _served(scene: Scene) -> None:
    guest, agent = _visitor("李女士"), scene.people["021"]
    services.write(visitor=guest, text="请转人工，我想问上周的报修什么时候上门", id="demo-ask")
    talk = Visitor.objects.values_list("conversation_id", flat=True).get(pk=guest.pk)
    if talk is None:
        return
    handling.take(actor=agent, id=talk)
    handling.reply(actor=agent, id=talk, text="李女士您好，已为您查询，维修师傅今天下午两点到四点上门，到达前会与您电话联系。")
    services.write(visitor=Visitor.objects.get(pk=guest.pk), text="好的，谢谢", id="demo-thanks")
    handling.reply(actor=agent, id=talk, text="不客气，感谢您的咨询，祝您生活愉快。")
    handling.close(actor=agent, id=talk, wrap_up="answered")
    services.rate(visitor=Visitor.objects.get(pk=guest.pk), stars=5, text="回复很快")
