"""Customer files by the thousand: rows of an import checked against each other and against the centre, then written in batches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.imports.registry import Column, Fault, ImportKind, Row, Written
from kefu.engines.numbering.services import take_many
from kefu.engines.search.services import Document, index_many
from kefu.kit import moment, phone
from kefu.kit.errors import Text
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.timeline.services import Happened, record
from kefu.touch.customers.choices import CustomerKind, Tier
from kefu.touch.customers.models import ContactPoint, Customer
from kefu.touch.customers.services import EDITABLE, split_phones

SOURCE = "import"
LONGEST = {"name": 80, "code": 40, "area": 80, "address": 200, "needs_assistance": 100, "wishes": 300, "phones": 200}
_HEADS = {
    "code": "户号 客户号 客户编号 编号 合同号 表号 customerno account",
    "name": "姓名 名称 客户名称 客户姓名 业主 业主姓名 户名 customer customername",
    "phones": "电话 手机 手机号 联系电话 联系方式 电话号码 移动电话 phone mobile tel",
    "area": "区域 片区 小区 项目 district region",
    "address": "地址 住址 房号 房间号 房屋 用电地址 room",
    "kind": "客户类型 类型 type",
    "tier": "客户等级 等级 级别 level",
    "needs_assistance": "特殊照顾 需要照顾 assistance",
    "wishes": "备注 注意事项 说明 remark note notes",
    "do_not_call": "免打扰 勿扰",
}


def _column(code: str, label: Text, sample: str = "", *, required: bool = False) -> Column:
    return Column(code, label, tuple(_HEADS[code].split()), required, sample)


COLUMNS = (
    _column("code", _("Customer number"), "A-0001"),
    _column("name", _("Name"), "张三", required=True),
    _column("phones", _("Phones"), "13800001234"),
    _column("area", _("Area"), "一期"),
    _column("address", _("Address"), "3-2-501"),
    _column("kind", _("Kind"), "个人"),
    _column("tier", _("Tier"), "普通"),
    _column("needs_assistance", _("Needs assistance")),
    _column("wishes", _("To mind")),
    _column("do_not_call", _("Do not call"), "否"),
)
_WORDS: dict[str, dict[str, Any]] = {
    "kind": {**dict.fromkeys(("", "person", "个人", "自然人", "居民"), CustomerKind.PERSON),
             **dict.fromkeys(("firm", "organisation", "单位", "企业", "公司", "法人"), CustomerKind.FIRM),
             **dict.fromkeys(("home", "household", "家庭", "住户", "房屋"), CustomerKind.HOME)},
    "tier": {**dict.fromkeys(("", "ordinary", "普通", "一般"), Tier.ORDINARY),
             **dict.fromkeys(("key", "keyaccount", "重点", "大客户", "vip", "重要"), Tier.KEY)},
    "do_not_call": {**dict.fromkeys(("", "no", "n", "false", "0", "否", "无"), False),
                    **dict.fromkeys(("yes", "y", "true", "1", "是"), True)},
}  # fmt: skip

FAULTS: dict[str, Text] = {
    "nameless": _("The name is missing."),
    "too_long": _("At most %(most)d characters fit here."),
    "no_phone": _("This is not a phone number: %(text)s"),
    "unknown_word": _("“%(text)s” is none of the known words."),
    "number_twice": _("Row %(line)d has this customer number already."),
    "phone_twice": _("Row %(line)d has this phone already; give both a customer number."),
    "phone_held": _("Customer %(number)s of the centre has this phone; give the customer number to change that file."),
}


def _word(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().replace(" ", "")


def _phones(row: Row) -> list[str]:
    """The numbers of a row in one written form, each once."""
    return list(dict.fromkeys(phone.normalise(part) for part in split_phones(row.values.get("phones", "").replace("/", ","))))


def check(batch: list[Row], seen: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong in these rows, each by itself, against the rows before and against the centre."""
    codes: dict[str, int] = seen.setdefault("codes", {})
    numbers: dict[str, int] = seen.setdefault("phones", {})
    nameless = [row for row in batch if not row.values.get("code")]
    held = _holders({value for row in nameless for value in _phones(row)})
    for row in batch:
        yield from _check_values(row)
        code = row.values.get("code", "")
        if code:
            first = codes.setdefault(code, row.line)
            if first != row.line:
                yield Fault(row.line, "code", "number_twice", {"line": first})
            continue
        for value in _phones(row):
            first = numbers.setdefault(value, row.line)
            if first != row.line:
                yield Fault(row.line, "phones", "phone_twice", {"line": first})
            elif value in held:
                yield Fault(row.line, "phones", "phone_held", {"number": held[value]})


def _holders(values: set[str]) -> dict[str, str]:
    """Phone to the number of a file that has it."""
    rows = ContactPoint.objects.filter(kind="phone", value__in=values).values_list("value", "customer__subject__number")
    return dict(rows) if values else {}


def _check_values(row: Row) -> Iterator[Fault]:
    if not row.values.get("name"):
        yield Fault(row.line, "name", "nameless")
    for name, most in LONGEST.items():
        if len(row.values.get(name, "")) > most:
            yield Fault(row.line, name, "too_long", {"most": most})
    for part in split_phones(row.values.get("phones", "").replace("/", ",")):
        if not phone.is_possible(part):
            yield Fault(row.line, "phones", "no_phone", {"text": part[:40]})
    for name, known in _WORDS.items():
        if _word(row.values.get(name, "")) not in known:
            yield Fault(row.line, name, "unknown_word", {"text": row.values[name][:40]})


def _values(row: Row) -> dict[str, Any]:
    """The columns that the file has, as they are stored. A column that it lacks changes nothing."""
    found: dict[str, Any] = {name: row.values[name] for name in EDITABLE if name in row.values}
    for name, known in _WORDS.items():
        if name in found:
            found[name] = known[_word(found[name])]
    if "code" in found:
        found["code"] = found["code"] or None
    return found


def write(actor: Actor, batch: list[Row], written: Written) -> None:
    """Create or change (by customer number) in a few statements; the caller holds the transaction and has checked the rows."""
    codes = [row.values["code"] for row in batch if row.values.get("code")]
    held = {customer.code: customer for customer in Customer.objects.filter(code__in=codes).select_related("subject").select_for_update()}
    _create(actor, [row for row in batch if row.values.get("code") not in held], written)
    _change(actor, [(held[row.values["code"]], row) for row in batch if row.values.get("code") in held], written)


def _create(actor: Actor, rows: list[Row], written: Written) -> None:
    if not rows:
        return
    at = moment.now()
    numbers = take_many("KH", at, len(rows))
    subjects = Subject.objects.bulk_create(
        [Subject(kind="customer", number=number, title=row.values["name"], opened_at=at) for number, row in zip(numbers, rows, strict=True)]
    )
    made = Customer.objects.bulk_create(
        [Customer(subject=subject, source=SOURCE, **_values(row)) for subject, row in zip(subjects, rows, strict=True)]
    )
    points = [
        ContactPoint(customer=customer, kind="phone", value=value, main=place == 0)
        for customer, row in zip(made, rows, strict=True)
        for place, value in enumerate(_phones(row))
    ]
    ContactPoint.objects.bulk_create(points)
    record(actor_id=actor.id, happened=[Happened(one.pk, "customer.created", {"source": SOURCE}) for one in made], at=at)
    _index([(customer, _phones(row)) for customer, row in zip(made, rows, strict=True)])
    written.created += len(rows)


def _change(actor: Actor, pairs: list[tuple[Customer, Row]], written: Written) -> None:
    if not pairs:
        return
    points = _points([customer.pk for customer, _row in pairs])
    changed, happened, renamed, phones, indexed = [], [], [], [], []
    for customer, row in pairs:
        values = _values(row)
        before = {name: getattr(customer, name) for name in values}
        diff: dict[str, Any] = {name: [before[name], value] for name, value in values.items() if before[name] != value}
        wanted, old = _phones(row), points.get(customer.pk, [])
        if "phones" in row.values and wanted != old:
            diff["phones"] = [old, wanted]
            phones.append((customer, wanted))
        if not diff:
            written.same += 1
            continue
        for name, value in values.items():
            setattr(customer, name, value)
        changed.append(customer)
        if "name" in diff:
            customer.subject.title = customer.name
            renamed.append(customer.subject)
        happened.append(Happened(customer.pk, "customer.changed", {"changed": diff, "source": SOURCE}))
        indexed.append((customer, wanted if "phones" in diff else old))
    Customer.objects.bulk_update(changed, EDITABLE)
    Subject.objects.bulk_update(renamed, ["title"])
    _set_points(phones)
    record(actor_id=actor.id, happened=happened)
    _index(indexed)
    written.changed += len(changed)


def _points(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = ContactPoint.objects.filter(customer_id__in=ids, kind="phone").order_by("-main", "id")
    for customer_id, value in rows.values_list("customer_id", "value"):
        found.setdefault(customer_id, []).append(value)
    return found


def _set_points(pairs: list[tuple[Customer, list[str]]]) -> None:
    ContactPoint.objects.filter(customer__in=[customer for customer, _values in pairs], kind="phone").delete()
    ContactPoint.objects.bulk_create(
        [
            ContactPoint(customer=customer, kind="phone", value=value, main=place == 0)
            for customer, values in pairs
            for place, value in enumerate(values)
        ]
    )


def _index(pairs: list[tuple[Customer, list[str]]]) -> None:
    index_many(
        Document(
            customer.pk,
            "customer",
            customer.subject.number,
            customer.area,
            " ".join((customer.name, customer.code or "", customer.address, *(phone.shown(value) for value in phones))),
        )
        for customer, phones in pairs
    )


IMPORTS = (ImportKind("customer", _("Customers"), "customers.import", COLUMNS, check, write, FAULTS),)
