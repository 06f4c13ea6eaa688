"""What happened in a customer's life with the firm: entered on form F-14, or known to Kefu, on the one line."""

from datetime import date

import pytest

from kefu.engines.forms import services as forms
from kefu.kit import moment
from kefu.kit.errors import NotAllowed
from kefu.touch.customers import queries as customers
from kefu.touch.customers import routing
from kefu.touch.customers import services as files
from kefu.touch.customers.models import LifeEvent
from kefu.touch.profiles import services
from kefu.touch.profiles.choices import LinkKind
from tests import cases


def lived(actor, customer):
    rows = customers.line(actor, customer.pk, kind="life").rows
    return [(one["at"].date().isoformat(), str(one["state"]), one["number"], one["title"]) for one in rows]


@pytest.mark.clause("R-03-5.1.2")
def test_an_event_entered_by_hand_stands_on_the_line_and_follows_its_form(cast):
    actor, customer = cast.actor(cast.agent), cases.resident(cast)
    told = {"event": "patrol", "on": "2026-02-01", "number": "M-7", "words": "燃气表间巡查"}
    with pytest.raises(NotAllowed):
        forms.answer(actor=cast.actor(cast.auditor), subject_id=customer.pk, form_code="F-14", data=told)
    held = forms.answer(actor=actor, subject_id=customer.pk, form_code="F-14", data=told, submit=True)
    forms.answer(actor=actor, subject_id=customer.pk, form_code="F-14", data={"event": "acceptance", "on": "2020-01-05"}, submit=True)
    assert [one[1:] for one in lived(actor, customer)] == [("上门巡查", "M-7", "燃气表间巡查"), ("验收", "登记", "")]
    forms.answer(actor=actor, subject_id=customer.pk, form_code="F-14", data={"event": "visited"}, sequence=held.sequence, reason="选错")
    assert [one[1] for one in lived(actor, customer)] == ["走访", "验收"]
    assert customers.line(actor, customer.pk, kind="life", channel="phone").rows == []


def test_kefu_writes_down_what_it_knows(cast):
    actor = cast.actor(cast.manager)
    home = files.create(actor=actor, name="3 栋 1201", kind="home", code="A-1201")
    person, twin = cases.resident(cast), cases.resident(cast, "张先生")
    tie = services.link(actor=actor, id=person.pk, kind=LinkKind.HOUSEHOLD, number="A-1201", since=date(2020, 5, 1))
    services.add_contract(actor=actor, id=person.pk, number="HT-1", matter="物业服务", began=date(2021, 1, 1), ended=date(2030, 1, 1))
    made = routing.merge(actor=actor, id=person.pk, other=twin.pk)
    routing.split(actor=actor, id=person.pk, merge=made.pk)
    assert [one[1] for one in lived(actor, person)] == ["档案重新拆分", "档案合并", "合同生效", "入住"]
    assert [one[1] for one in lived(actor, twin)] == ["档案重新拆分"]
    services.unlink(actor=actor, id=home.pk, link=tie.pk, until=date(2026, 2, 1))
    assert "迁出" in [one[1] for one in lived(actor, person)]
    with moment.frozen(moment.now().replace(year=2031)):
        assert lived(actor, person)[0][1:3] == ("合同终止", "HT-1")
    wrong = services.add_contract(actor=actor, id=person.pk, number="HT-2", matter="车位", began=date(2022, 1, 1))
    services.end_contract(actor=actor, id=person.pk, contract=wrong.pk)
    assert not LifeEvent.objects.filter(number="HT-2").exists()


def test_the_form_is_filled_on_its_page_and_the_name_stays_masked(cast, signed_in):
    customer = cases.resident(cast)
    agent, page = signed_in(cast.agent), f"/customers/{customer.pk}"
    new = f"/forms/subjects/{customer.pk}/F-14/new"
    assert new in agent.get(page).content.decode()
    assert "张伟" not in agent.get(new).content.decode()
    sent = {"_on": ["event", "on", "words"], "event": "patrol", "on": "2026-02-01", "words": "一切正常", "_do": "save"}
    for number in (1, 2):
        answered = agent.post(new, sent)
        assert answered.status_code == 303
        assert answered.headers["Location"].endswith("F-14" if number == 1 else "F-14/2")
    told = agent.get(page).content.decode()
    assert told.count("一切正常") == 2
    assert f"/forms/subjects/{customer.pk}/F-14/2" in told
    assert agent.get(f"/forms/subjects/{customer.pk}/F-3/new").status_code == 404
