"""What carriers bring: a text to the number of the centre and a fax. Neither line is joined to a real carrier, so nothing goes out."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw

from kefu.engines.texting.carrier import Arrived
from kefu.entry.demo.scene import Scene
from kefu.kit import moment
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.channels.fax import services as fax
from kefu.touch.channels.fax import settings as numbers
from kefu.touch.channels.fax.models import Machine, Sheet
from kefu.touch.channels.sms import services as sms
from kefu.touch.channels.sms import settings as lines
from kefu.touch.channels.sms.choices import Carrier
from kefu.touch.channels.sms.models import Line
from kefu.touch.conversations import handling as talks
from kefu.touch.conversations.models import Conversation

FAX, TEXTS = "0571-88000095", "1069000095"
WIDE, HIGH = 1728, 1100  # the width of a fax line


def plan(scene: Scene, now: datetime) -> None:
    scene.runner.at(now - timedelta(hours=5), lambda: _by_text(scene))
    scene.runner.at(now - timedelta(hours=3), lambda: _by_fax(scene))


def _by_text(scene: Scene) -> None:
    """A shop asks by SMS; the agent waits for the repair department."""
    account = lines.keep_line(
        actor=scene.people["999"], name="短信号码（演示）", address=TEXTS, unit_id=scene.units["centre"].pk, active=False,
        carrier=Carrier.SMPP, host="smpp.invalid", signature="绿洲物业",
    )  # fmt: skip
    sms.take_in(
        Line.objects.select_related("account__unit").get(pk=account.pk),
        Arrived("demo:1", scene.homes[3].phone, "商铺 12 号没有水了，请问什么时候能恢复？冷柜快撑不住了"),
    )
    _in_hand(scene, account.pk, note="水泵房已报修，等工程部回复恢复时间。", reason="等工程部确认恢复供水时间")


def _by_fax(scene: Scene) -> None:
    """A firm faxes a sketch of where it leaks."""
    account = numbers.keep_machine(
        actor=scene.people["999"], name="传真号码（演示）", address=FAX, unit_id=scene.units["centre"].pk, active=False,
        mailbox_id=Mailbox.objects.values_list("pk", flat=True).order_by("pk")[0],
    )  # fmt: skip
    sheet: list[int] = []
    came = {"name": f"fax-{moment.now():%Y%m%d}.tif", "key": fax.key_of("demo"), "number": scene.homes[1].phone}
    fax.keep(Machine.objects.get(pk=account.pk), _sketch(scene.homes[1].phone), draw=sheet.append, **came)
    fax.take_in(sheet[0])
    if Sheet.objects.filter(pk=sheet[0], conversation__isnull=False).exists():
        _in_hand(scene, account.pk, note="药房仓库顶板渗水，图上标了位置，已请工程部上门。", reason="等工程部上门查看")


def _in_hand(scene: Scene, account_id: int, *, note: str, reason: str) -> None:
    talk, agent = Conversation.objects.get(account_id=account_id).pk, scene.people["023"]
    talks.take(actor=agent, id=talk)
    talks.note(actor=agent, id=talk, text=note)
    talks.pend(actor=agent, id=talk, reason=reason)


def _sketch(number: str) -> bytes:
    """A room, a cross where it drips, and few words, as a fax machine sends them."""
    page = Image.new("1", (WIDE, HIGH), 1)
    pen = ImageDraw.Draw(page)
    pen.text((80, 40), f"FROM {number}   TO {FAX}   P.1/1", fill=0, font_size=36)
    pen.rectangle((200, 220, 1500, 980), outline=0, width=8)
    pen.rectangle((200, 640, 620, 980), outline=0, width=8)
    pen.line((1500, 420, 1500, 600), fill=1, width=10)
    for across in ((1010, 360, 1130, 480), (1010, 480, 1130, 360)):
        pen.line(across, fill=0, width=8)
    pen.ellipse((960, 310, 1180, 530), outline=0, width=6)
    pen.line((1170, 500, 1330, 760), fill=0, width=4)
    pen.text((1180, 780), "H2O !", fill=0, font_size=64)
    pen.text((330, 780), "No. 7", fill=0, font_size=56)
    made = io.BytesIO()
    page.save(made, "TIFF", compression="group4", dpi=(204, 196))
    return made.getvalue()
