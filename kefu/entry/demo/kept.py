"""What is kept in order: files found twice, SMS templates and their approval, a system that heard of orders, mail that is none."""

from __future__ import annotations

from datetime import datetime, timedelta

from kefu.engines.filters import services as views
from kefu.engines.filters.choices import Sharing
from kefu.engines.webhooks import sending, signing
from kefu.engines.webhooks import services as webhooks
from kefu.engines.webhooks.choices import Trouble
from kefu.engines.webhooks.models import Receiver
from kefu.entry.demo.scene import Scene
from kefu.people.actor import SYSTEM
from kefu.touch.channels.email import services as email
from kefu.touch.channels.sms import handling as templates
from kefu.touch.channels.sms.choices import Occasion
from kefu.touch.customers import routing
from kefu.touch.customers import services as customers

DAY = timedelta(days=1)
NO_LETTER = b"%PDF-1.4 a scan that a machine handed over without a letter around it"


def plan(scene: Scene, now: datetime) -> None:
    run = scene.runner.at
    run(now - 4 * DAY, lambda: _found_twice(scene))
    run(now - 4 * DAY, lambda: _segment(scene))
    run(now - 6 * DAY, lambda: _templates(scene))
    run(now - 3 * DAY, lambda: _receiver_gone(scene))
    run(now - timedelta(hours=7), lambda: email.ingest(NO_LETTER))


def _again(scene: Scene, home: int, *, phones: list[str] | None = None) -> int:
    """A second file of somebody who has one, as it comes about at a busy counter."""
    first = scene.homes[home]
    file = customers.create(actor=SYSTEM, name=first.name, phones=phones or [first.phone], address=first.address, source="前台登记")
    pk: int = file.pk
    return pk


def _found_twice(scene: Scene) -> None:
    """One pair was merged, two wait for somebody to look."""
    gone = _again(scene, 14, phones=["13900009014"])
    routing.merge(actor=scene.people["010"], id=scene.homes[14].customer.pk, other=gone, reason="姓名、住址一致，电话核实为同一人")
    _again(scene, 29)
    _again(scene, 36, phones=["13900009036"])


def _segment(scene: Scene) -> None:
    tree = {"all": [{"field": "tier", "op": "eq", "value": "key"}]}
    views.keep_view(actor=scene.people["010"], kind="customer", name="重点客户", tree=tree, shared_with=Sharing.UNIT)


def _templates(scene: Scene) -> None:
    """In force, waiting for a second pair of eyes, and sent back. No line is there: nothing goes out."""
    writer, judge = scene.people["010"], scene.people["001"]
    accepted = templates.write(
        actor=writer, name="受理通知", text="您的工单{number}已受理，{unit}将尽快处理，咨询请致电{hotline}。", occasion=Occasion.ACCEPTED
    )
    templates.approve(actor=judge, id=accepted.pk)
    templates.write(actor=writer, name="停水提示", text="{unit}提示：您所在楼栋明日检修水泵，请提前储水。咨询{hotline}。")
    praise = templates.write(actor=writer, name="好评邀请", text="{unit}邀请您为本次服务点五星，有小礼品相送。")
    templates.refuse(actor=judge, id=praise.pk, remark="不得以礼品换取好评")


def _receiver_gone(scene: Scene) -> None:
    """The system of the finance department heard a test, then said that it is gone: what it missed lies there to be sent again."""
    admin = scene.people["999"]
    # Not by ``keep``, which looks the host up: nothing of the demo asks the network.
    receiver = Receiver.objects.create(
        name="财务系统（演示）",
        url="https://finance.luzhou.example/hooks",
        kinds=["workorder"],
        secret=signing.new_secret(),
        made_by_id=admin.person_id,
    )
    sending.note(webhooks.ping(actor=admin, id=receiver.pk).pk, sending.Outcome(200, "ok", None, Trouble.NONE, "", 41))
    told = webhooks.ping(actor=admin, id=receiver.pk)
    sending.note(told.pk, sending.Outcome(410, "moved to the new platform", None, Trouble.GONE, "", 37))
