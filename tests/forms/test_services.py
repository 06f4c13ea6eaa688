"""Answers are judged, kept with their history, signed by section and held back by gates."""

import pytest

from kefu.engines.forms import policies, queries, services
from kefu.engines.forms.models import FormAnswer
from kefu.engines.forms.services import GateOpen, Signed
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event
from kefu.timeline.services import watch
from tests.forms.makers import stored, subject

GOOD = {"place": "一楼", "phone": "13800138000"}


@pytest.fixture
def case(cast):
    stored()
    return subject(cast.team)


def fill(cast, who, case, data, **more):
    return services.answer(actor=cast.actor(who), subject_id=case.pk, form_code="inspection", data=data, **more)


def test_an_answer_grows_part_by_part_and_each_change_is_told(cast, case):
    fill(cast, cast.crew, case, {"place": "一楼"})
    held = fill(cast, cast.crew, case, {"phone": "13800138000", "place": "二楼"})
    assert held.data == {"place": "二楼", "phone": "+8613800138000", "total": 0}
    assert FormAnswer.objects.count() == 1
    told = list(Event.objects.filter(kind="form.answered").order_by("id").values_list("data", "actor_id", "clauses"))
    assert told[1][0]["changes"]["place"] == ["一楼", "二楼"]
    assert told[1][1] == cast.crew.pk
    assert told[1][2] == ["R-1"]
    fill(cast, cast.crew, case, {"place": "二楼"})
    assert Event.objects.filter(kind="form.answered").count() == 2


def test_nobody_fills_in_what_is_not_theirs_or_cannot_be_seen(cast, case):
    with pytest.raises(NotFound):
        fill(cast, cast.cleaning_head, case, {"place": "x"})
    with pytest.raises(NotAllowed) as refused:
        fill(cast, cast.crew, case, {"remark": "x"})
    assert refused.value.code == "not_your_section"
    with pytest.raises(Invalid) as wrong:
        fill(cast, cast.crew, case, {"place": "x", "phone": "?"})
    assert set(wrong.value.fields) == {"phone"}
    assert not FormAnswer.objects.exists()


def test_two_people_do_not_overwrite_each_other(cast, case):
    held = fill(cast, cast.crew, case, {"place": "一楼"})
    fill(cast, cast.crew_leader, case, {"place": "二楼"}, revision=held.revision)
    with pytest.raises(Conflict):
        fill(cast, cast.crew, case, {"place": "三楼"}, revision=held.revision)
    assert queries.answer_of(case.pk, "inspection").data["place"] == "二楼"


def test_submitting_asks_for_everything_and_passes_the_gates(cast, case):
    services.keep(actor=SYSTEM, subject_id=case.pk, form_code="inspection", data={"witness_name": "某人"}, submit=False)
    with pytest.raises(Invalid) as wrong:
        fill(cast, cast.crew, case, {"place": "一楼"}, submit=True)
    assert set(wrong.value.fields) == {"phone"}
    with pytest.raises(GateOpen) as held_back:
        fill(cast, cast.crew, case, {**GOOD, "kind": "fire"}, submit=True)
    assert set(held_back.value.fields) == {"finds"}
    held = fill(cast, cast.crew, case, {**GOOD, "kind": "fire", "finds": [{"what": "无灭火器", "points": 3}]}, submit=True)
    assert held.submitted_by_id == cast.crew.pk
    assert held.data["total"] == 3
    assert Event.objects.filter(kind="form.submitted").count() == 1
    with pytest.raises(Conflict) as needs_reason:
        fill(cast, cast.crew, case, {"place": "二楼"})
    assert needs_reason.value.code == "reason_needed"
    assert fill(cast, cast.crew, case, {"place": "二楼"}, reason="写错楼层").data["place"] == "二楼"


@pytest.mark.clause("R-04-3.7.2a")
def test_a_signed_part_is_shut_until_it_is_reopened_with_a_reason(cast, case):
    held = fill(cast, cast.crew, case, {"place": "一楼"})
    with pytest.raises(Invalid):
        services.sign_section(actor=cast.actor(cast.crew), answer_id=held.pk, section="look")
    fill(cast, cast.crew, case, {"phone_missing": "没有电话"})
    services.sign_section(actor=cast.actor(cast.crew), answer_id=held.pk, section="look")
    with pytest.raises(Signed):
        fill(cast, cast.crew, case, {"place": "二楼"})
    with pytest.raises(NotAllowed):
        services.sign_section(actor=cast.actor(cast.crew), answer_id=held.pk, section="lead")
    with pytest.raises(Invalid):
        services.reopen_section(actor=cast.actor(cast.crew), answer_id=held.pk, section="look", reason=" ")
    held = services.reopen_section(actor=cast.actor(cast.crew), answer_id=held.pk, section="look", reason="漏填")
    assert [(one["section"], one["by"], one.get("void")) for one in held.signatures] == [("look", cast.crew.pk, "漏填")]
    assert fill(cast, cast.crew, case, {"place": "二楼"}).data["place"] == "二楼"


def test_a_moment_waits_for_gates_and_signatures(cast, case):
    held = fill(cast, cast.crew, case, GOOD)
    with pytest.raises(GateOpen):
        services.pass_gates(held, blocks="complete")
    with pytest.raises(GateOpen) as unsigned:
        services.pass_gates(held, blocks="close")
    assert unsigned.value.code == "signature_missing"
    services.sign_section(actor=cast.actor(cast.repair_head), answer_id=held.pk, section="lead")
    services.pass_gates(queries.answer_of(case.pk, "inspection"), blocks="close")
    assert queries.unsigned(queries.answer_of(case.pk, "inspection"), before="close") == []


def test_a_confidential_part_is_hidden_from_others_and_from_those_it_names(cast, case):
    fill(cast, cast.dispatcher, case, {"witness_name": "住户甲"})
    held = fill(cast, cast.crew, case, {"finds": [{"what": "漏水", "who": cast.dispatcher.pk}]})
    definition = queries.definition_of(held.definition_id)
    assert "witness" not in policies.readable(cast.actor(cast.crew), definition, held.data)
    assert "witness" in policies.readable(cast.actor(cast.manager), definition, held.data)
    assert "witness" not in policies.readable(cast.actor(cast.dispatcher), definition, held.data)
    assert "witness_name" not in policies.readable_data(cast.actor(cast.crew), definition, held.data)
    event = Event.objects.get(kind="form.confidential")
    assert event.audience == "audit"
    assert not [one for one in Event.objects.exclude(pk=event.pk) if "住户甲" in str(one.data)]


def test_people_and_files_in_answers_must_exist(cast, case):
    with pytest.raises(Invalid) as wrong:
        fill(cast, cast.crew, case, {"finds": [{"what": "x", "who": 999999}], "photos": [424242]})
    assert set(wrong.value.fields) == {"finds.0.who", "photos"}


def test_an_answer_keeps_the_version_it_was_begun_with(cast, case):
    held = fill(cast, cast.crew, case, GOOD)
    newer = stored(name="现场检查（新）")
    assert newer.version == 2
    assert fill(cast, cast.crew, case, {"place": "三楼"}).definition_id == held.definition_id
    other = subject(cast.team, "T-2")
    assert fill(cast, cast.crew, other, GOOD).definition_id == newer.pk
    assert queries.current("inspection").name == "现场检查（新）"


def test_a_repeatable_form_is_filled_in_again(cast, case):
    stored(code="visit", repeatable=True)
    actor = cast.actor(cast.crew)
    first = services.answer(actor=actor, subject_id=case.pk, form_code="visit", data=GOOD)
    second = services.answer(actor=actor, subject_id=case.pk, form_code="visit", data=GOOD)
    assert (first.sequence, second.sequence) == (1, 2)
    again = services.answer(actor=actor, subject_id=case.pk, form_code="visit", data={"place": "九楼"}, sequence=2)
    assert again.pk == second.pk


def test_a_secret_subject_shows_its_forms_only_to_those_who_take_part(cast):
    stored()
    secret = subject(cast.team, "T-9", secrecy=1)
    with pytest.raises(NotFound):
        fill(cast, cast.crew, secret, GOOD)
    watch(subject_id=secret.pk, staff_id=cast.crew.pk)
    assert fill(cast, cast.crew, secret, GOOD).pk
