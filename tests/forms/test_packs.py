"""The shipped record forms, and what a pack changes."""

from datetime import timedelta

import pytest

from kefu.engines.forms import publish, queries, services
from kefu.engines.forms.models import FormDefinition
from kefu.engines.forms.packs import FormRow, plan
from kefu.engines.forms.services import GateOpen
from kefu.engines.rulebook import loader
from kefu.engines.rulebook.registry import PackContext
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotFound
from kefu.people.actor import SYSTEM
from tests.forms.makers import INSPECTION, subject

CALL = {
    "name": "王女士", "phone": "13800138000", "address": "3 栋 502", "call_time": "2026-03-01 09:00", "content": "厨房漏水",
    "appointment_at": "2026-03-02 10:00", "wishes": "无", "read_back": True,
}  # fmt: skip


@pytest.fixture
def packed(cast):
    loader.load("property", actor=SYSTEM)
    return cast


@pytest.mark.clause("R-04-1.4")
def test_the_call_record_has_the_seven_fields_and_asks_why_one_is_missing(packed):
    form = queries.current("F-3")
    seven = ["name", "phone", "address", "call_time", "content", "appointment_at", "wishes"]
    assert [field.code for field in form.fields() if field.required] == seven
    with pytest.raises(Invalid) as wrong:
        services.checked(form, {**CALL, "address": ""}, facts={"channel": "phone"})
    assert set(wrong.value.fields) == {"address"}
    kept = services.checked(form, {**CALL, "address": "", "address_missing": "不愿说"}, facts={"channel": "phone"}).data
    assert kept["address_missing"] == "不愿说"


@pytest.mark.clause("R-04-1.5")
def test_paid_work_is_not_submitted_before_the_price_is_told(packed):
    form = queries.current("F-3")
    with pytest.raises(GateOpen) as refused:
        services.checked(form, CALL, facts={"paid": True, "channel": "phone"})
    assert set(refused.value.fields) == {"price_told"}
    with pytest.raises(GateOpen):
        services.checked(form, {**CALL, "price_told": True}, facts={"paid": True, "channel": "phone"})
    told = {**CALL, "price_told": True, "price_item": "疏通下水", "price": 80}
    assert services.checked(form, told, facts={"paid": True, "channel": "phone"}).data["price"] == 80
    assert services.checked(form, CALL, facts={"paid": False, "channel": "phone"}).good


@pytest.mark.clause("R-04-1.6")
def test_the_main_points_are_read_back(packed):
    with pytest.raises(GateOpen) as refused:
        services.checked(queries.current("F-3"), {**CALL, "read_back": False}, facts={"channel": "phone"})
    assert set(refused.value.fields) == {"read_back"}


@pytest.mark.clause("R-04-3.7.2b", "R-04-3.7.4", "R-04-3.6.6b")
def test_the_complaint_record_holds_penalty_and_closing_back(packed):
    case = subject(packed.team)
    values = {
        "severity": "severe",
        "validity": "valid",
        "penalty": "扣 2 分",
        "handling_result": "已返工",
        "resolved_at": "2026-03-02 10:00",
    }
    held = services.keep(actor=SYSTEM, subject_id=case.pk, form_code="F-1", data=values, submit=False)
    assert {gate.code for gate in queries.open_gates(held, blocks="sign:decide")} == {"visit_needed", "penalty_after_confirmation"}
    assert {gate.code for gate in queries.open_gates(held, blocks="close")} == {"measures_needed", "check_needed", "callback_needed"}
    with pytest.raises(GateOpen):
        services.sign_section(actor=SYSTEM, answer_id=held.pk, section="decide")
    held = services.keep(
        actor=SYSTEM, subject_id=case.pk, form_code="F-1", submit=False, data={"confirmation": "confirmed", "visit_waived": "已由监控核实"}
    )
    assert services.sign_section(actor=SYSTEM, answer_id=held.pk, section="decide").signatures


def context(at=None):
    at = at or moment.now()
    return PackContext("test", at, at)


def apply(rows):
    changes = plan([FormRow.model_validate(row) for row in rows], context())
    for change in changes:
        change.apply()
    return [(change.what, change.key) for change in changes]


def test_loading_twice_changes_nothing_and_a_change_makes_a_version(db):
    assert apply([INSPECTION]) == [("new", "inspection")]
    assert apply([INSPECTION]) == [("same", "inspection")]
    assert apply([{**INSPECTION, "name": "检查单"}]) == [("changed", "inspection")]
    assert queries.current("inspection").name == "检查单"
    assert queries.current("inspection").version == 2
    assert apply([]) == [("gone", "inspection")]


def test_a_version_begins_on_its_day_and_the_one_before_ends_there(db):
    form = FormRow.model_validate(INSPECTION).definition()
    today = queries.local_day()
    publish.publish(actor=SYSTEM, definition=form)
    publish.publish(actor=SYSTEM, definition=form.model_copy(update={"name": "明天"}), valid_from=today + timedelta(days=1))
    assert queries.current("inspection").name == "现场检查"
    assert queries.current("inspection", moment.now() + timedelta(days=1)).name == "明天"
    assert FormDefinition.objects.get(version=1).valid_to == today + timedelta(days=1)
    with pytest.raises(Invalid):
        publish.publish(actor=SYSTEM, definition=form, valid_from=today - timedelta(days=1))
    with pytest.raises(NotFound):
        queries.current("nobody")


def test_yaml_names_the_line_of_a_mistake():
    lines = ["code: x", "name: 表", "sections:", "  - code: a", "    name: 甲", "    fields:", "      - {code: f, name: F}"]
    text = "\n".join([*lines, "      - {code: g, name: G, kind: wrong}", ""])
    with pytest.raises(publish.BadDefinition) as bad:
        publish.from_yaml(text)
    assert bad.value.mistakes[0].line == 8
    with pytest.raises(publish.BadDefinition) as broken:
        publish.from_yaml("code: [x\nname: y")
    assert broken.value.mistakes[0].line
    form = FormRow.model_validate(INSPECTION).definition()
    assert publish.body_of(publish.from_yaml(publish.to_yaml(form))) == publish.body_of(form)
