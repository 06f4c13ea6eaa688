"""A made month: November 2026 of a small centre, every figure of it counted by hand in the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints.models import Complaint
from kefu.cases.supervision.models import Urge
from kefu.cases.workorders.models import OrderType, WorkOrder
from kefu.engines.clock.models import LimitRule, Obligation, Pause
from kefu.engines.measures.period import Period
from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.models import CodeItem, CodeList, Setting
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
from kefu.touch.channels.hotline.models import HotlineOrder, HotlineRound
from kefu.touch.contacts.models import Contact

NOVEMBER = Period.parse("2026-11")
NOW = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
_numbers = count(1)


def at(day: int, hour: int = 2, month: int = 11) -> datetime:
    """An instant of November 2026; 2 UTC is ten in the morning of the centre."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def subject(kind, when, unit="", title="一件事", **more):
    return Subject.objects.create(kind=kind, number=f"T{next(_numbers):06d}", title=title, unit_path=unit, opened_at=when, **more)


def contact(unit, when, channel="phone", outcome="settled", led_to=None, **more):
    row = subject("contact", when, unit.path, title=more.get("content", ""))
    return Contact.objects.create(subject=row, channel=channel, received_at=when, outcome=outcome, led_to=led_to, **more)


def limit(code, kind, met_by="decided", clauses=(), name=""):
    rule, _made = LimitRule.objects.get_or_create(
        code=code, valid_to=None,
        defaults={
            "name": name or code, "subject_kind": kind, "starts_on": "accepted", "met_by": [met_by], "amount": 48, "unit": "clock_hour",
            "start_rule": "at_once", "end_rule": "same_instant", "rest_rule": "as_is", "calendar": "24x7", "valid_from": at(1, month=1),
            "clauses": list(clauses),
        },
    )  # fmt: skip
    return rule


def obligation(case, rule, due, met=None, state=None):
    """Met in time, late, or open, by ``met``; ``state`` says otherwise (void, paused)."""
    told = state or ("running" if met is None else "met" if met <= due else "late")
    return Obligation.objects.create(
        subject=case, rule=rule, code=rule.code, name=rule.name, clauses=rule.clauses, unit_path=case.unit_path, started_at=due - 48 * HOUR,
        due_at=due, state=told, met_at=met if told in ("met", "late") else None,
    )  # fmt: skip


def order(unit, when, kind, completed=None, **more):
    row = subject("workorder", when, unit.path)
    more = {"state": "closed" if completed else "dispatched", **more}
    return WorkOrder.objects.create(
        subject=row, type=kind, channel="phone", content="水管漏水", unit=unit, accepted_at=when, completed_at=completed, **more
    )


def complaint(unit, when, **more):
    row = subject("complaint", when, unit.path, title="噪声扰民", secrecy=more.pop("secrecy", 0))
    more = {"state": "judged" if more.get("validity") else "classed" if more.get("severity") else "received", "channel": "phone", **more}
    if more.get("validity"):
        more.setdefault("judged_at", when)
    return Complaint.objects.create(
        subject=row, content="夜里施工噪声扰民", unit=unit, accepted_at=when, heard_at=more.pop("heard_at", when), **more
    )


def called_back(case, when, verdict, state="done"):
    return CallbackTask.objects.create(subject=case, state=state, verdict=verdict, done_at=when, created_at=when)


def lists():
    """The words of the complaint lists that the tests read."""
    for code, items in {
        "complaint_subjects": [("service", "服务"), ("noise", "噪声")],
        "complaint_valid_causes": [("conduct", "态度或言语不当"), ("upkeep", "设施失修")],
        "complaint_invalid_reasons": [("groundless", "理由不足")],
    }.items():
        row = CodeList.objects.create(code=code, name=code)
        for item, name in items:
            CodeItem.objects.create(code_list=row, code=item, name=name)
    rulebook.forget()


def _contacts(cast):
    ring = {"answered_at": at(3)}
    contact(cast.centre, at(3), ring_count=2, **ring)
    contact(cast.centre, at(3), ring_count=3, **ring)
    contact(cast.centre, at(20), ring_count=3, **ring)  # the target was raised to 3 in the middle of the month
    contact(cast.centre, at(21), channel="visit")
    contact(cast.centre, at(21), channel="visit", outcome="void")
    contact(cast.centre, at(30, 15))  # 23:00 of the last day
    contact(cast.centre, at(30, 16))  # the first of December in the centre
    Setting.objects.create(key="voice.answer_ring", value=2, valid_from=at(1, month=1), valid_to=at(15))
    Setting.objects.create(key="voice.answer_ring", value=3, valid_from=at(15))


def _hotline(cast):
    """One answered late, sent back and answered in time; one never answered."""
    one, two = (contact(cast.centre, at(5), channel="hotline12345", outcome="void", foreign_id=number) for number in ("H1", "H2"))
    first = HotlineOrder.objects.create(contact=one, number="H1", state="reported", round=1, due_at=at(14))
    other = HotlineOrder.objects.create(contact=two, number="H2", due_at=at(9))
    given = {"subject": one.subject, "order": first}
    HotlineRound.objects.create(
        **given, passed_on_at=at(5), due_at=at(9), reported_at=at(10), rated="dissatisfied", solved=False, rated_at=at(11)
    )  # fmt: skip
    HotlineRound.objects.create(
        **given, number=1, passed_on_at=at(11), due_at=at(14), reported_at=at(12), rated="basically", solved=True, rated_at=at(13)
    )  # fmt: skip
    HotlineRound.objects.create(subject=two.subject, order=other, passed_on_at=at(5), due_at=at(9))


def _orders(cast):
    kind = OrderType.objects.create(code="water", path="repair/water", name="水暖维修", kind="repair")
    rule, first = limit("repair.finish", "workorder", "completed", name="维修完成"), limit("repair.respond", "workorder", "contacted")
    one = order(cast.repair, at(2), kind, at(3), redo_round=1)
    two = order(cast.repair, at(4), kind, at(4, 12), returned=True)
    three = order(cast.cleaning, at(10), kind)
    order(cast.repair, at(11), kind, state="void")
    obligation(one.subject, rule, at(4), at(3))
    obligation(two.subject, rule, at(4, 6), at(4, 12))
    obligation(three.subject, rule, at(12))
    obligation(three.subject, first, at(10, 4), at(10, 3))
    Pause.objects.create(subject=one.subject, since=at(2, 10), until=at(2, 16), reason="客户不在家", cause="customer", evidence="电话")
    for case, when in ((one, 2), (one, 3), (three, 11)):
        Urge.objects.create(subject=case.subject, text="催", at=at(when))
        record_one(actor_id=None, subject_id=case.pk, kind="case.urged", data={"count": 1, "text": "催"}, at=at(when))
    return SimpleNamespace(one=one, two=two, three=three)


def _complaints(cast):
    severe = limit("complaint.severe_result", "complaint", clauses=["R-04-3.7.1", "R-04-3.6.2"], name="严重投诉处理结果")
    explain = limit("complaint.invalid_explain", "complaint", "explained", clauses=["R-04-3.6.5"], name="无效投诉解释")
    a = complaint(cast.repair, at(5), subject_type="service", severity="severe", validity="valid", reason="conduct",
                  severity_tests=["repeated"], name="张三", phone="+8613800001234", address="绿洲路 8 号 3 栋 502")  # fmt: skip
    b = complaint(cast.repair, at(6), subject_type="noise", severity="ordinary", validity="invalid", reason="groundless", channel="visit")
    c = complaint(cast.cleaning, at(7), subject_type="noise", severity="severe", channel="passed_on", heard_at=at(7) - 3 * HOUR)
    d = complaint(cast.repair, at(20), channel="passed_on", heard_at=at(20) - HOUR)
    old = complaint(cast.repair, at(20, month=10), subject_type="noise", severity="ordinary", validity="valid", reason="upkeep")
    obligation(a.subject, severe, at(7), at(6))
    obligation(c.subject, severe, at(9))  # never met
    obligation(b.subject, explain, at(8), at(9))  # a day late
    obligation(d.subject, severe, at(22), at(22), state="void")
    obligation(d.subject, explain, at(23), state="paused")
    obligation(old.subject, severe, at(22, month=10), at(21, month=10))
    return SimpleNamespace(a=a, b=b, c=c, d=d, old=old)


def made_month(cast):
    """Everything of the month; the names of its cases come back."""
    lists()
    _contacts(cast)
    _hotline(cast)
    orders, complaints = _orders(cast), _complaints(cast)
    called_back(orders.one.subject, at(5), "satisfied")
    called_back(orders.two.subject, at(6), "understands")
    called_back(complaints.a.subject, at(12), "not_satisfied")
    called_back(complaints.b.subject, at(13), "unreachable", state="given_up")
    return SimpleNamespace(orders=orders, complaints=complaints)
