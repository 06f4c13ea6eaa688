"""Orders of the hotline from a table: rows checked against each other and against the centre, then taken in one by one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import rules
from kefu.engines.imports.registry import Column, Fault, ImportKind, Row, Written
from kefu.kit import moment
from kefu.kit.errors import Text
from kefu.people.actor import Actor
from kefu.touch.channels.hotline import queries, services
from kefu.touch.channels.hotline.choices import Role, State
from kefu.touch.channels.hotline.models import HotlineOrder
from kefu.touch.contacts import services as contacts

LONGEST = {"number": 60, "content": 20_000, "words": 2000, "category": 80, "partners": 200, "name": 80, "phone": 40, "address": 200}
_HEADS = {
    "number": "工单编号 工单号 转办单号 热线编号 编号 12345编号 orderno ticket",
    "passed_on_at": "转办时间 派单时间 交办时间 下派时间 发送时间",
    "due_at": "办理时限 答复时限 截止时间 到期时间 办结时限 限办时间 限办日期",
    "round": "重办次数 重办轮次 轮次",
    "words": "重办要求 退回意见 重办原因",
    "category": "诉求分类 诉求类别 问题分类 类别 事项分类",
    "role": "主办协办 主协办 办理角色",
    "partners": "协办单位 其他承办单位 会办单位",
    "name": "诉求人 诉求人姓名 来电人 姓名 联系人",
    "phone": "联系电话 来电号码 电话 手机 手机号",
    "address": "事发地址 诉求地址 地址 事发地点",
    "content": "诉求内容 内容 工单内容 问题描述 反映内容 主要内容",
    "secret": "是否保密 保密 信息保密",
    "ruled": "直派 是否直派 不可退单",
}


def _column(code: str, label: Text, sample: str = "", *, required: bool = False) -> Column:
    return Column(code, label, tuple(_HEADS[code].split()), required, sample)


COLUMNS = (
    _column("number", _("Number of the hotline"), "2026112200012345", required=True),
    _column("passed_on_at", _("Passed on at"), "2026-11-22 09:00"),
    _column("due_at", _("Limit on the order"), "2026-11-27 18:00"),
    _column("round", _("Redo round"), "0"),
    _column("words", _("What is asked of the redo")),
    _column("category", _("Category of the hotline"), "市政公用"),
    _column("role", _("We are"), "主办"),
    _column("partners", _("Other units on the order")),
    _column("name", _("Name"), "张三"),
    _column("phone", _("Phone"), "13800001234"),
    _column("address", _("Address of the matter"), "3-2-501"),
    _column("content", _("Content"), "小区路灯不亮", required=True),
    _column("secret", _("The caller asks for secrecy"), "否"),
    _column("ruled", _("Assigned directly, cannot be returned"), "否"),
)
_YES_NO = {**dict.fromkeys(("", "no", "n", "false", "0", "否", "无", "不保密", "公开"), False),
           **dict.fromkeys(("yes", "y", "true", "1", "是", "保密"), True)}  # fmt: skip
_WORDS: dict[str, dict[str, Any]] = {
    "secret": _YES_NO,
    "ruled": _YES_NO,
    "role": {**dict.fromkeys(("", "main", "主办", "主办单位"), Role.MAIN), **dict.fromkeys(("helper", "协办", "协办单位"), Role.HELPER)},
}
FAULTS: dict[str, Text] = {
    "numberless": _("The number of the hotline is missing."),
    "empty": _("The content is missing."),
    "too_long": _("At most %(most)d characters fit here."),
    "no_time": _("This is not a time: %(text)s"),
    "no_round": _("This is not a round: %(text)s"),
    "unknown_word": _("“%(text)s” is none of the known words."),
    "twice": _("Row %(line)d has this number and round already."),
    "returned": _("Order %(number)s was returned to the hotline. Settle the return with the hotline first."),
    "to_come": _("This time is still to come."),
    "long_ago": _("This time is too long ago."),
    "due_first": _("The limit lies before the order was passed on."),
    "no_limit": _("Write the limit that stands on the order."),
}
_TIME = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?[分秒]?)?(?:\.\d+)?")


def _time(text: str, *, end: bool) -> datetime | None:
    """A time as offices write it; a day alone is its first minute, or its last one for a limit. Raises ``ValueError``."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return None
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(one or 0) for one in found.groups())
    if end and not (hour or minute or second):
        hour, minute, second = 23, 59, 59
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone.get_current_timezone())


def _word(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().replace(" ", "")


def _round(text: str) -> int | None:
    text = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 2:
        raise ValueError(text)
    return int(text)


def _values(row: Row) -> dict[str, Any]:
    """A row as ``take_in`` wants it; raises ``ValueError`` for what ``check`` has named."""
    told = row.values
    found: dict[str, Any] = {name: told[name] for name in LONGEST if told.get(name)}
    found |= {name: known[_word(told[name])] for name, known in _WORDS.items() if name in told}
    found["round"] = _round(told.get("round", ""))
    found["passed_on_at"] = _time(told.get("passed_on_at", ""), end=False)
    found["due_at"] = _time(told.get("due_at", ""), end=True)
    return found


def check(batch: list[Row], seen: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong in these rows, each by itself, against the rows before and against the centre."""
    lines: dict[tuple[str, str], int] = seen.setdefault("lines", {})
    numbers = {row.values.get("number", "") for row in batch}
    returned = set(
        HotlineOrder.objects.filter(number__in=numbers, state__in=[State.RETURNING, State.RETURNED]).values_list("number", flat=True)
    )
    for row in batch:
        faults = list(_check_values(row))
        yield from faults
        number = row.values.get("number", "")
        first = lines.setdefault((number, row.values.get("round", "")), row.line)
        if number and first != row.line:
            yield Fault(row.line, "number", "twice", {"line": first})
        elif number in returned and row.values.get("round", "").strip() not in ("", "0"):
            yield Fault(row.line, "number", "returned", {"number": number})
        elif not faults:
            yield from _check_times(row)


def _check_values(row: Row) -> Iterator[Fault]:
    for name, code in (("number", "numberless"), ("content", "empty")):
        if not row.values.get(name):
            yield Fault(row.line, name, code)
    for name, most in LONGEST.items():
        if len(row.values.get(name, "")) > most:
            yield Fault(row.line, name, "too_long", {"most": most})
    for name, known in _WORDS.items():
        if _word(row.values.get(name, "")) not in known:
            yield Fault(row.line, name, "unknown_word", {"text": row.values[name][:40]})
    readers = (("passed_on_at", "no_time", _time), ("due_at", "no_time", _time))
    for name, code, reader in readers:
        try:
            reader(row.values.get(name, ""), end=False)
        except ValueError:
            yield Fault(row.line, name, code, {"text": row.values[name][:40]})
    try:
        _round(row.values.get("round", ""))
    except ValueError:
        yield Fault(row.line, "round", "no_round", {"text": row.values["round"][:40]})


def _check_times(row: Row) -> Iterator[Fault]:
    """What ``take_in`` would refuse."""
    told, at = _values(row), moment.now()
    passed_on, due = told["passed_on_at"] or at, told["due_at"]
    if passed_on > at + contacts.LATEST:
        yield Fault(row.line, "passed_on_at", "to_come")
    elif passed_on < at - contacts.EARLIEST:
        yield Fault(row.line, "passed_on_at", "long_ago")
    elif due is not None and due <= passed_on:
        yield Fault(row.line, "due_at", "due_first")
    elif due is None and not _has_rule(passed_on):
        yield Fault(row.line, "due_at", "no_limit")


def _has_rule(at: datetime) -> bool:
    return any(rule.code == services.LIMIT for rule in rules.current().started_by("contact", frozenset({"passed_on"}), at))


def write(actor: Actor, batch: list[Row], written: Written) -> None:
    """Take the rows in; the same order again changes nothing."""
    for row in batch:
        what = services.take_in(actor=actor, **_values(row)).what
        written.created += what == "new"
        written.changed += what == "redo"
        written.same += what == "same"


IMPORTS = (ImportKind(queries.KIND, _("Orders of the city hotline"), queries.TAKE, COLUMNS, check, write, FAULTS),)
