"""Forms and records for the tests."""

from kefu.engines.forms.definition import Definition
from kefu.engines.forms.publish import publish
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Subject

INSPECTION = {
    "code": "inspection",
    "name": "现场检查",
    "name_en": "Inspection",
    "clauses": ["R-1"],
    "sections": [
        {
            "code": "look",
            "name": "检查",
            "by": ["unit_handler"],
            "clauses": ["R-2"],
            "fields": [
                {"code": "place", "name": "地点", "required": True},
                {"code": "kind", "name": "类别", "kind": "choice", "choices": [
                    {"code": "fire", "name": "消防"}, {"code": "lift", "name": "电梯"},
                ]},
                {"code": "lift_number", "name": "电梯编号", "required": True, "show_when": {"field": "kind", "op": "eq", "value": "lift"}},
                {"code": "phone", "name": "电话", "kind": "phone", "required": True, "required_reason_allowed": True, "personal": "phone"},
                {"code": "finds", "name": "问题", "kind": "table", "fields": [
                    {"code": "what", "name": "内容", "required": True},
                    {"code": "points", "name": "分", "kind": "number", "min": 0, "max": 10},
                    {"code": "who", "name": "责任人", "kind": "person"},
                ]},
                {"code": "total", "name": "合计", "kind": "computed", "formula": "sum(finds.points)"},
                {"code": "photos", "name": "照片", "kind": "photo"},
            ],
        },
        {
            "code": "witness",
            "name": "举报人",
            "by": ["dispatcher"],
            "confidential": True,
            "hidden_from": ["finds.who"],
            "fields": [{"code": "witness_name", "name": "姓名", "required": True, "personal": "name"}],
        },
        {"code": "lead", "name": "主管意见", "by": ["unit_head"], "before": "close",
         "fields": [{"code": "remark", "name": "意见", "kind": "long_text"}]},
    ],
    "gates": [
        {"code": "photo_first", "when": {"field": "photos", "op": "empty"}, "text": "请先拍照", "text_en": "Take a photo first",
         "blocks": "complete"},
        {"code": "fire_words", "when": {"all": [{"field": "kind", "op": "eq", "value": "fire"}, {"field": "finds", "op": "empty"}]},
         "text": "消防检查须写明问题", "text_en": "Write what was found", "field": "finds"},
    ],
}  # fmt: skip


def definition(**changes) -> Definition:
    return Definition.model_validate({**INSPECTION, **changes})


def stored(**changes):
    return publish(actor=SYSTEM, definition=definition(**changes))


def one_form(*fields, **more) -> Definition:
    """A form of one section with these fields."""
    return Definition.model_validate(
        {"code": "test", "name": "测试", "sections": [{"code": "a", "name": "甲", "fields": list(fields)}], **more}
    )


def subject(home, number="T-1", **more) -> Subject:
    return Subject.objects.create(kind="test", number=number, title="测试", unit_path=home.path, **more)
