"""A customer lives in a household, works for a company and holds contracts; both sides tell it."""

from datetime import date

import pytest

from kefu.engines.search import queries as search
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.timeline.models import Event
from kefu.touch.customers import routing
from kefu.touch.customers import services as files
from kefu.touch.profiles import queries, services
from kefu.touch.profiles.choices import LinkKind
from kefu.touch.profiles.models import Contract, Link

HOUSEHOLD, COMPANY = LinkKind.HOUSEHOLD, LinkKind.COMPANY


@pytest.fixture
def people(cast):
    """A flat, a firm, and a person."""
    actor = cast.actor(cast.agent)
    home = files.create(actor=actor, name="3 栋 1201", kind="home", code="A-1201", address="文一路 18 号 3 栋 1201")
    firm = files.create(actor=actor, name="安康药房", kind="firm", phones=["057188886666"])
    person = files.create(actor=actor, name="张伟", phones=["13812345678"])
    return actor, home, firm, person


def told(actor, customer):
    return [(one["kind_name"], one["number"], one["name"], one["role"], one["past"]) for one in queries.links(actor, customer.pk)]


def test_each_side_is_seen_from_the_other_and_the_name_is_masked(cast, people):
    actor, home, firm, person = people
    services.link(actor=actor, id=home.pk, kind=HOUSEHOLD, number="13812345678", role="业主", since=date(2020, 5, 1))
    services.link(actor=actor, id=person.pk, kind=COMPANY, number=firm.subject.number)
    assert told(actor, person) == [
        ("所属单位", firm.subject.number, "安**", "", False),
        ("所属家庭", home.subject.number, "3**", "业主", False),
    ]
    assert told(actor, home) == [("家庭成员", person.subject.number, "张**", "业主", False)]
    assert told(actor, firm) == [("单位员工", person.subject.number, "张**", "", False)]
    assert set(Event.objects.filter(kind="customer.linked").values_list("subject_id", flat=True)) == {home.pk, firm.pk, person.pk}
    assert "张" not in str(list(Event.objects.filter(kind="customer.linked").values_list("data", flat=True)))
    with pytest.raises(Conflict):
        services.link(actor=actor, id=person.pk, kind=HOUSEHOLD, number="a-1201".upper())
    for id_, kind, number in (
        (person.pk, HOUSEHOLD, firm.subject.number),
        (person.pk, COMPANY, "A-1201"),
        (person.pk, HOUSEHOLD, "KH0"),
        (home.pk, HOUSEHOLD, "A-1201"),
    ):
        with pytest.raises(Invalid):
            services.link(actor=actor, id=id_, kind=kind, number=number)
    with pytest.raises(NotAllowed):
        services.link(actor=cast.actor(cast.crew), id=person.pk, kind=HOUSEHOLD, number="A-1201")
    assert queries.links(cast.actor(cast.employee), person.pk) == []


def test_a_link_ends_or_was_a_mistake(people):
    actor, home, firm, person = people
    lives = services.link(actor=actor, id=person.pk, kind=HOUSEHOLD, number="A-1201", since=date(2020, 5, 1))
    works = services.link(actor=actor, id=person.pk, kind=COMPANY, number="057188886666")
    with pytest.raises(Invalid):
        services.unlink(actor=actor, id=person.pk, link=lives.pk, until=date(2020, 4, 30))
    with pytest.raises(Invalid):
        services.unlink(actor=actor, id=firm.pk, link=lives.pk)
    services.unlink(actor=actor, id=home.pk, link=lives.pk, until=date(2026, 2, 28))
    services.unlink(actor=actor, id=person.pk, link=works.pk)
    assert told(actor, person) == [("所属家庭", home.subject.number, "3**", "", True)]
    assert told(actor, firm) == []
    services.link(actor=actor, id=person.pk, kind=HOUSEHOLD, number="A-1201")
    assert len(told(actor, home)) == 2


def test_contracts_are_found_by_their_number_and_shown_to_those_who_live_there(people):
    actor, home, _firm, person = people
    made = services.add_contract(
        actor=actor, id=home.pk, number="HT-2024-001", matter="物业服务", place="文一路 18 号 3 栋 1201", began=date(2024, 1, 1)
    )
    services.link(actor=actor, id=person.pk, kind=HOUSEHOLD, number="A-1201")
    shown = queries.profile(actor, person.pk)["contracts"]
    assert [(one["number"], one["holder"], one["place"]) for one in shown] == [("HT-2024-001", home.subject.number, "文一路****")]
    assert [hit.subject_id for hit in search.find(actor=actor, text="HT-2024-001", kinds=["customer"])] == [home.pk]
    with pytest.raises(Conflict):
        services.add_contract(actor=actor, id=home.pk, number="HT-2024-001", matter="x")
    with pytest.raises(Invalid):
        services.end_contract(actor=actor, id=person.pk, contract=made.pk)
    services.end_contract(actor=actor, id=home.pk, contract=made.pk, ended=date(2025, 12, 31))
    assert [one["past"] for one in queries.contracts(home.pk)] == [True]
    wrong = services.add_contract(actor=actor, id=home.pk, number="HT-X", matter="车位租赁")
    services.end_contract(actor=actor, id=home.pk, contract=wrong.pk)
    assert list(Contract.objects.values_list("number", flat=True)) == ["HT-2024-001"]


def test_merged_files_keep_one_link_and_get_their_own_back(cast, people):
    _agent, home, _firm, person = people
    actor = cast.actor(cast.manager)
    twin = files.create(actor=actor, name="张先生", phones=["13987654321"])
    for one in (person, twin):
        services.link(actor=actor, id=one.pk, kind=HOUSEHOLD, number="A-1201")
        services.add_contract(actor=actor, id=one.pk, number="M-7", matter="水表")
    services.link(actor=actor, id=twin.pk, kind=HOUSEHOLD, number=person.subject.number)
    services.add_contract(actor=actor, id=twin.pk, number="M-8", matter="电表")
    made = routing.merge(actor=actor, id=person.pk, other=twin.pk)
    assert [one["number"] for one in queries.links(actor, person.pk)] == [home.subject.number]
    assert [one["number"] for one in queries.links(actor, home.pk)] == [person.subject.number]
    assert {one["number"] for one in queries.contracts(person.pk)} == {"M-7", "M-8"}
    routing.split(actor=actor, id=person.pk, merge=made.pk)
    assert Link.objects.filter(customer=twin).count() == 2
    assert {one["number"] for one in queries.contracts(twin.pk)} == {"M-7", "M-8"}


def test_links_on_the_page(people, cast, signed_in):
    _actor, home, _firm, person = people
    agent = signed_in(cast.agent)
    page = f"/customers/{person.pk}"
    assert agent.post(f"{page}/do/link", {"kind": "household", "number": "A-1201", "role": "租户"}).status_code == 303
    assert agent.post(f"/customers/{home.pk}/do/add_contract", {"number": "HT-9", "matter": "物业服务"}).status_code == 303
    told = agent.get(page).content.decode()
    assert f'href="/customers/{home.pk}"' in told
    assert "租户" in told
    assert "HT-9" in told
    assert "1201" not in agent.get(f"{page}/do/unlink").content.decode().replace("A-1201", "")
