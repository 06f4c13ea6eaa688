"""What is written: the knowledge that answers are given from, and letters that customers send."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from kefu.entry.demo.scene import Scene
from kefu.kit import moment
from kefu.touch.channels.email import services as email
from kefu.touch.channels.email import settings as mailboxes
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation
from kefu.touch.knowledge import asking
from kefu.touch.knowledge import services as knowledge
from kefu.touch.knowledge.choices import Domain, Place, Reach

ADDRESS = "service@luzhou.example"


class Page(NamedTuple):
    title: str
    body: str
    domain: Domain
    reach: Reach = Reach.PUBLIC
    reason: str = ""
    source: str = ""


PAGES = (
    Page(
        "家里水管爆裂、大量漏水怎么办",
        "1. 先关闭水表前的总阀（多在管道井或厨房水槽下）。\n2. 断开积水附近的电源，不要用湿手碰开关。\n"
        "3. 拨打服务中心电话报修，紧急维修人员 30 分钟内到场。"
        "\n\n公共管道由物业免费维修；户内龙头、软管、角阀属有偿服务，上门前会先告知价格。",
        Domain.PROCESS,
    ),
    Page(
        "电梯困人时坐席怎样应答",
        "先安抚：请对方不要扒门、不要自行攀爬，保持电话畅通。\n问清小区、楼栋、单元、梯号、被困人数，有无老人、孩子、病人。\n立即派单“电梯困人”，同时通知维保单位，"
        "每 10 分钟回电一次，直到解救完成。",
        Domain.PROCESS,
        Reach.STAFF,
    ),
    Page(
        "户内维修收费标准",
        "换水龙头 30 元，换角阀 40 元，疏通地漏 60 元，换灯具 30 元，换开关插座 20 元。"
        "均不含材料费；材料可自备，也可由维修人员代购，凭票据实收。\n"
        "开工前维修人员会请您确认价格，未经确认不收费。",
        Domain.RULES,
        source="有偿服务价目表",
    ),
    Page(
        "装修手续怎样办理",
        "请业主带身份证、施工图和施工队资料到服务中心办理装修登记，签订装修管理协议，领取装修许可证和施工人员出入证。\n"
        "工作日 08:00–12:00、14:00–18:00 允许产生噪声的施工，周末和法定节假日不得进行。",
        Domain.PROCESS,
    ),
    Page(
        "地下车库月租车位怎样办理",
        "带行驶证和身份证到服务中心登记；车位有空时当日办结，无空位时按登记先后排队，轮到时电话通知。月租每月 300 元，可按季交纳。",
        Domain.PRODUCT,
    ),
    Page(
        "门禁卡丢失了怎么办",
        "请立即致电服务中心挂失，旧卡当时失效。补卡带身份证到服务中心办理，工本费 20 元，当场可取。",
        Domain.PRODUCT,
    ),
    Page(
        "解释卡：停水停电属供水、供电单位计划检修",
        "向客户说明：本次停水（停电）由市供水（供电）单位安排，公告时间和范围如下。物业已在公告栏和业主群转发通知；恢复后我们会检查公共水泵和照明。\n"
        "可告知供水、供电单位的服务热线，并表示愿意代为转达。",
        Domain.EXPLANATION,
        Reach.STAFF,
        "others_duty",
    ),
    Page(
        "解释卡：物业服务费的收费依据",
        "向客户说明：收费标准载于《前期物业服务合同》和物价部门备案文件，服务中心可出示原文。费用包括公共区域的保洁、绿化、秩序和设施维护。",
        Domain.EXPLANATION,
        Reach.STAFF,
        "ignorance",
    ),
)


# What people looked for and the articles do not answer.
IN_VAIN = (
    ("电动车充电桩怎么收费", Place.PUBLIC, 4),
    ("充电桩收费标准", Place.STAFF, 2),
    ("宠物可以坐电梯吗", Place.PUBLIC, 3),
    ("房屋漏水影响楼下谁来赔", Place.STAFF, 1),
)


def plan(scene: Scene, now: datetime) -> None:
    """Pages from the first day on; letters of yesterday and of this hour."""
    first = scene.runner.first
    for place, page in enumerate(PAGES):
        scene.runner.at(first + timedelta(hours=2, minutes=place), lambda page=page: _write(scene, page))  # type: ignore[misc]
    scene.runner.at(first + timedelta(hours=1), lambda: _mailbox(scene))
    scene.runner.at(now - timedelta(hours=27), lambda: _asked_and_noted(scene))
    scene.runner.at(
        now - timedelta(minutes=35),
        lambda: _letter(
            scene, 9, "楼道灯不亮", "您好，\n\n3 号楼 2 单元 5 楼的楼道灯已经三天不亮了，晚上老人上下楼很不方便，请尽快安排。\n\n谢谢！"
        ),
    )
    scene.runner.at(now - timedelta(days=2), _search_in_vain)
    scene.runner.at(now - timedelta(days=1), lambda: asking.gather())


def _search_in_vain() -> None:
    for text, place, times in IN_VAIN:
        for _each in range(times):
            asking.missed(text, place)


def _write(scene: Scene, page: Page) -> None:
    begins = moment.now().date()
    article = knowledge.write(
        actor=scene.people["010"], title=page.title, body=page.body, source=page.source, domain=page.domain, reach=page.reach,
        reason=page.reason, valid_from=begins, valid_until=date(begins.year + 1, 12, 31),
    )  # fmt: skip
    knowledge.submit(actor=scene.people["010"], id=article.pk)
    knowledge.approve(actor=scene.people["040"], id=article.pk)


def _mailbox(scene: Scene) -> None:
    mailboxes.keep_mailbox(actor=scene.people["999"], name="客服邮箱", address=ADDRESS, unit_id=scene.units["centre"].pk)


def _letter(scene: Scene, home: int, subject: str, text: str) -> int:
    sender = scene.homes[home]
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = f"{sender.name} <resident{home}@mail.example>", ADDRESS, subject
    letter["Date"], letter["Message-ID"] = format_datetime(moment.now()), f"<{home}.{moment.now():%Y%m%d%H%M}@mail.example>"
    letter.set_content(text)
    email.ingest(letter.as_bytes())
    newest: int = Conversation.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return newest


def _asked_and_noted(scene: Scene) -> None:
    agent = scene.people["021"]
    sender = scene.homes[14]
    text = "物业您好：\n\n楼上周六还在打电钻，孩子没法午睡。请问装修允许在什么时间施工？能不能去提醒一下？"
    pk = _letter(scene, 14, "装修噪声", f"{text}\n\n{sender.name}\n{sender.address}")
    handling.take(actor=agent, id=pk)
    handling.note(actor=agent, id=pk, text="已请秩序部上门查看，确有周末施工。")
