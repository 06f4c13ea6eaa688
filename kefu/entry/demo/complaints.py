"""Complaints of every class, each on its way by the book, and some that were not kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kefu.cases.callbacks import services as callbacks
from kefu.cases.callbacks.choices import Reached, TaskState, Verdict
from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints import asking, handling, services
from kefu.cases.complaints.choices import Action, ClosingWay, Effect, Fault, Stand, Validity
from kefu.cases.complaints.models import Complaint, Liability, Measure
from kefu.entry.demo.orders import caller
from kefu.entry.demo.scene import Scene
from kefu.flows import complaint_steps, finish_work
from kefu.kit import moment
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel

SEVERE_HOURS = 48
SAID = {
    Verdict.SATISFIED: "处理结果可以接受",
    Verdict.UNDERSTANDS: "听了解释，可以理解",
    Verdict.UNREACHABLE: "三次不同时段均无人接听",
}


@dataclass(frozen=True)
class Told:
    """One complaint: ``days`` before now, what was said, how it was classed and judged, and after how many hours each step came."""

    days: float
    content: str
    subject: str
    unit: str
    home: int
    validity: Validity | None = Validity.VALID
    reason: str = "skill"
    tests: tuple[str, ...] = ()
    verdict_after: float = 5
    analysis_after: float = 20
    result_after: float = 26
    stops_at: str = ""
    against: str = ""
    way: ClosingWay = ClosingWay.REWORK
    passed_on: bool = False
    outside: bool = False
    end: Verdict = Verdict.SATISFIED


TOLD = (
    Told(40, "维修师傅约好上午来，等到下午五点才来，还说没办法", "attitude", "repair", 7, reason="conduct", against="104"),
    Told(37, "楼道灯报修三次，修好没几天又坏", "quality", "repair", 11, reason="material"),
    Told(34, "物业费收得太高，别的小区都便宜", "price", "centre", 15, Validity.INVALID, "ignorance"),
    Told(31, "保洁擦楼梯只拖一遍，垃圾桶旁边臭得不行", "process", "cleaning", 19, reason="area"),
    Told(27, "电梯困人半小时没人来，孩子吓哭了，已经发到网上", "quality", "repair", 23, reason="upkeep", tests=("media", "image"),
         result_after=41),
    Told(24, "楼上天天半夜拖桌子，物业不管", "other", "guard", 27, Validity.INVALID, "others_duty"),
    Told(20, "报修系统把我的单子弄丢了，问了三次都说没有记录", "process", "centre", 30, reason="upkeep", tests=("system_defect",),
         result_after=30),
    Told(17, "停车位被占，叫保安来，保安说话很难听", "attitude", "guard", 35, reason="conduct", against="201", passed_on=True),
    Told(13, "地下室水泵坏了两个月，车被泡了，要求赔偿", "quality", "repair", 38, reason="upkeep", tests=("many_departments", "image"),
         verdict_after=7, analysis_after=60, result_after=70, outside=True),
    Told(10, "绿化带喷药没有提前通知，我家狗吃了吐了", "process", "cleaning", 42, reason="area", way=ClosingWay.CONCESSION),
    Told(8, "换的水龙头用了三天就漏，要求退钱", "quality", "repair", 46, reason="material"),
    Told(6.4, "师傅上门不穿鞋套，地板划了一道还说本来就有", "attitude", "repair", 9, reason="conduct", against="104",
         end=Verdict.UNREACHABLE),
    Told(5, "门口的快递柜天天占消防通道", "process", "guard", 48, Validity.INVALID, "groundless"),
    Told(4.1, "单元门口积水一周，报了两次才来人", "process", "repair", 50, reason="skill"),
    Told(3.2, "电梯又停了，一个月三次了，要求换电梯", "quality", "repair", 23, reason="upkeep", tests=("system_doubt",), stops_at="analyse",
         verdict_after=8),
    Told(2.1, "装修垃圾堆在楼下一周没人清", "process", "cleaning", 52, reason="area", stops_at="decide"),
    Told(1.2, "物业前台接电话态度差，没说完就挂", "attitude", "centre", 54, None, stops_at="classify"),
    Told(0.15, "业主群里都在说小区监控坏了，没人修，要找媒体", "other", "guard", 57, None, stops_at="receive", passed_on=True),
)  # fmt: skip


def plan(scene: Scene, now: datetime) -> None:
    for told in TOLD:
        at = now - timedelta(days=told.days)
        scene.runner.at(at, lambda told=told, at=at: _begin(scene, told, at))  # type: ignore[misc]


def _begin(scene: Scene, told: Told, at: datetime) -> None:
    home = scene.homes[told.home]
    against = scene.people[told.against].id if told.against else None
    if told.passed_on:
        complaint = complaint_steps.pass_on(
            actor=scene.people["200" if told.against == "201" else "201"], content=told.content, phone=home.phone, name=home.name,
            address=home.address, heard_at=at - timedelta(minutes=25), customer=home.customer, against_id=against,
        )  # fmt: skip
    else:
        agent = scene.people["021"]
        contact, _new = contacts.receive(actor=agent, channel=Channel.PHONE, content=told.content, ring_count=2, **caller(home))
        complaint = complaint_steps.open_from_contact(
            actor=agent, contact_id=contact.pk, record={}, demand="要求尽快处理并给出说法", against_id=against
        )
    if told.stops_at != "receive":
        _follow(scene, told, complaint.pk, at)


def _follow(scene: Scene, told: Told, pk: int, at: datetime) -> None:
    """The centre contacts, classes and judges."""
    desk, run = scene.people["022"], scene.runner.at
    unit = scene.units[told.unit].pk
    run(at + timedelta(hours=1.5), lambda: services.contact(actor=desk, id=pk, remark="已致电安抚，说明处理流程"))
    run(
        at + timedelta(hours=2),
        lambda: services.classify(
            actor=desk, id=pk, subject_type=told.subject, severity_tests=list(told.tests), unit_id=unit, other_units=told.outside
        ),
    )
    run(at + timedelta(hours=2.2), lambda: services.concern(actor=desk, id=pk, unit_id=unit, remark="请当日查明情况"))
    if told.validity is None:
        return
    validity = told.validity
    judged = at + timedelta(hours=told.verdict_after)
    basis = "查对工单、录音和现场照片" if validity == Validity.VALID else "对照收费公示和管理规约，事实清楚"
    run(judged, lambda: services.judge(actor=desk, id=pk, validity=validity, reason=told.reason, basis=basis))
    if validity == Validity.INVALID:
        _explain(scene, pk, judged)
    else:
        _handle(scene, told, pk, at)


def _explain(scene: Scene, pk: int, judged: datetime) -> None:
    """A second person confirms, the complainant hears why within a day."""
    run = scene.runner.at
    run(judged + timedelta(hours=1), lambda: services.confirm_verdict(actor=scene.people["040"], id=pk, remark="同意"))
    words = "已出示公示文件逐条解释，客户表示知道了"
    run(judged + timedelta(hours=3), lambda: complaint_steps.explain(actor=scene.people["022"], id=pk, explanation=words))
    run(scene.next_morning(judged + timedelta(hours=3)), lambda: _ask(scene, pk, Verdict.UNDERSTANDS))


def _handle(scene: Scene, told: Told, pk: int, at: datetime) -> None:
    """Analysis, measures, for severe ones the site visit, result, telling, check, callback, end."""
    run, people = scene.runner.at, scene.people
    head = people[{"repair": "100", "cleaning": "300", "guard": "200"}.get(told.unit, "010")]
    manager, desk = people["010"], people["022"]
    if told.tests and told.stops_at != "analyse":
        findings = "现场查看设备和记录，确认投诉属实，整改方案当场确定"
        who = "林晓燕、部门负责人、品质管理员"
        seen = at + timedelta(hours=min(told.result_after - 6, 30))
        run(seen, lambda: handling.visit_site(actor=manager, id=pk, at=moment.now(), attendees=who, findings=findings))
    if "system_defect" in told.tests:
        defect = "报修单转移时缺少核对环节，工单可能遗漏"
        run(at + timedelta(hours=22), lambda: handling.review(actor=manager, id=pk, defect=defect))
    if told.outside:
        run(at + timedelta(hours=30), lambda: services.notify_interim(actor=desk, id=pk, remark="已联系保险公司定损，三日内答复"))
    if told.tests and (told.stops_at == "analyse" or told.result_after > SEVERE_HOURS):
        run(at + timedelta(hours=SEVERE_HOURS + 1), asking.open_delays)
    if told.stops_at == "analyse":
        return
    analysis = "直接原因是未按流程回复客户；根本原因是派单后没有人跟进，交接班没有核对未完工单。"
    run(at + timedelta(hours=told.analysis_after), lambda: handling.analyse(actor=head, id=pk, analysis=analysis, responsible="当班班长"))
    due = (at + timedelta(days=5)).date()
    measure = "每日交接班核对未完工单；对当事人进行服务规范培训"
    run(
        at + timedelta(hours=told.analysis_after + 1),
        lambda: handling.measure(actor=head, id=pk, text=measure, owner_id=head.person_id, due=due),
    )
    if told.stops_at != "decide":
        _conclude(scene, told, pk, at)
        _hold_responsible(scene, told, pk, at)


def _hold_responsible(scene: Scene, told: Told, pk: int, at: datetime) -> None:
    """Who is to blame is asked, says his word, and hears what follows."""
    run, desk, against = scene.runner.at, scene.people["022"], scene.people.get(told.against)
    ground = "回访录音与业主陈述一致，未使用规范用语"
    if against is not None:
        person = against.person_id
        run(
            at + timedelta(hours=told.analysis_after + 1.5),
            lambda: asking.hold_liable(actor=desk, id=pk, person_id=person, ground=ground),
        )
    heard = at + timedelta(hours=max(told.analysis_after + 4, SEVERE_HOURS + 3 if told.result_after > SEVERE_HOURS else 0))
    run(heard, lambda: _answer(scene, pk))
    run(heard + timedelta(hours=20), lambda: _settle(scene, pk))


def _answer(scene: Scene, pk: int) -> None:
    stands = ((Stand.OBJECTED, "当时业主情绪激动，我已经道歉"), (Stand.CONFIRMED, "情况属实，接受处理"))
    rows = Liability.objects.filter(complaint_id=pk, stand=Stand.ASKED).order_by("pk").values_list("pk", "person__number")
    for (liability, number), (stand, statement) in zip(rows, stands, strict=False):
        asking.answer(actor=scene.people[number], id=pk, liability_id=liability, stand=stand, statement=statement)


def _settle(scene: Scene, pk: int) -> None:
    """A penalty for conduct, by the reward rules; a delay is filed."""
    for row in Liability.objects.filter(complaint_id=pk, action=""):
        punished = row.fault == Fault.FOUND
        asking.settle_liability(
            actor=scene.people["001"], id=pk, liability_id=row.pk, action=Action.PENALTY if punished else Action.FILING,
            decision="部门内通报，一周内补训" if punished else "记入当月考核台账，限期完善值班交接",
            clause="员工奖惩办法 第 12 条" if punished else "", amount="扣 2 分" if punished else "",
        )  # fmt: skip


def _conclude(scene: Scene, told: Told, pk: int, at: datetime) -> None:
    run, desk, manager = scene.runner.at, scene.people["022"], scene.people["010"]
    result = "已返工处理并向客户致歉，责任人已培训。"
    decided = at + timedelta(hours=told.result_after)
    action = "training" if told.reason in ("conduct", "skill") else ""
    run(decided, lambda: handling.decide(actor=manager, id=pk, closing_way=told.way, result=result, staff_action=action))
    run(decided + timedelta(hours=2), lambda: complaint_steps.tell(actor=desk, id=pk, remark="已电话告知处理结果"))
    asked = scene.next_morning(decided + timedelta(hours=2))
    for hours in (0, 7) if told.end == Verdict.UNREACHABLE else ():
        run(asked + timedelta(hours=hours), lambda: _miss(scene, pk))
    run(asked + timedelta(hours=24 if told.end == Verdict.UNREACHABLE else 0), lambda: _ask(scene, pk, told.end))
    run(at + timedelta(days=5, hours=3), lambda: _check(scene, pk))


def _ask(scene: Scene, pk: int, verdict: Verdict) -> None:
    task = CallbackTask.objects.filter(subject_id=pk, state=TaskState.OPEN).first()
    if task is not None:
        finish_work.record_callback(actor=scene.people["025"], id=task.pk, verdict=verdict, words=SAID[verdict])


def _miss(scene: Scene, pk: int) -> None:
    for task in CallbackTask.objects.filter(subject_id=pk, state=TaskState.OPEN).values_list("pk", flat=True):
        callbacks.try_again(actor=scene.people["025"], id=task, reached=Reached.NO_ANSWER)


def _check(scene: Scene, pk: int) -> None:
    """Measures are looked at when they are due; the last one closes the case."""
    if Complaint.objects.values_list("state", flat=True).get(pk=pk) != "decided":
        return
    for measure in Measure.objects.filter(complaint_id=pk, effect=Effect.OPEN).values_list("pk", flat=True):
        complaint_steps.check_measure(
            actor=scene.people["022"], id=pk, measure_id=measure, effect=Effect.EFFECTIVE, check_note="抽查五日交接记录，均已核对"
        )
