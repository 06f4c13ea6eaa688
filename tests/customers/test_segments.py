"""Tags from a managed list, and segments: saved conditions over customers, read page by page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kefu.engines.filters import services as filters
from kefu.engines.filters.tree import BadTree
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotAllowed
from kefu.touch.customers import queries, routing, services
from kefu.touch.customers.choices import ConsentWay, CustomerKind, Purpose, ReachedBy
from kefu.touch.profiles import services as profiles
from kefu.touch.profiles.choices import LinkKind
from tests import cases

IN_ARREARS = {
    "all": [{"field": "tag", "op": "in", "value": ["in_arrears", "merchant"]}, {"field": "area", "op": "starts", "value": "绿洲"}]
}


@pytest.fixture
def three(cast):
    actor = cast.actor(cast.manager)
    found = [cases.resident(cast, f"住户{number}", f"1381234000{number}") for number in range(3)]
    services.tag(actor=actor, id=found[0].pk, tags=["in_arrears", "newcomer"])
    services.tag(actor=actor, id=found[1].pk, tags=["merchant"])
    return found


def names(row):
    return [(one["name"], one["tone"]) for one in row]


def test_tags_come_from_the_list_and_are_few(cast, three):
    actor = cast.actor(cast.agent)
    first = three[0].pk
    assert names(queries.tags_of([first])[first]) == [("新入住", "info"), ("欠费", "danger")]
    for wrong in (["nonsense"], [f"x{number}" for number in range(9)]):
        with pytest.raises(Invalid):
            services.tag(actor=actor, id=first, tags=wrong)
    with pytest.raises(NotAllowed):
        services.tag(actor=cast.actor(cast.crew), id=first, tags=[])
    services.tag(actor=actor, id=first, tags=[])
    assert queries.codes_of(first) == []


def test_a_merge_joins_the_tags_and_a_split_gives_them_back(cast, three):
    actor = cast.actor(cast.manager)
    first, second, _third = three
    services.tag(actor=actor, id=second.pk, tags=["merchant", "newcomer"])
    made = routing.merge(actor=actor, id=first.pk, other=second.pk)
    assert set(queries.codes_of(first.pk)) == {"in_arrears", "newcomer", "merchant"}
    routing.split(actor=actor, id=first.pk, merge=made.pk)
    assert set(queries.codes_of(first.pk)) == {"in_arrears", "newcomer"}
    assert set(queries.codes_of(second.pk)) == {"merchant", "newcomer"}


@pytest.mark.clause("R-03-5.1.3")
def test_a_segment_is_a_saved_view_read_page_by_page(cast, three, signed_in):
    actor = cast.actor(cast.manager)
    view = filters.keep_view(actor=actor, kind="customer", name="欠费商户", tree=IN_ARREARS)
    manager = signed_in(cast.manager)
    with CaptureQueriesContext(connection) as asked:
        page = manager.get("/api/v1/customers", {"segment": view.pk, "limit": 1}).json()
    assert not [one["sql"] for one in asked if "COUNT(" in one["sql"].upper() and "customers" in one["sql"]]
    second = manager.get("/api/v1/customers", {"segment": view.pk, "limit": 1, "after": page["next"]}).json()
    assert [one["id"] for one in page["items"] + second["items"]] == [three[1].pk, three[0].pk]
    assert second["next"] is None
    shown = manager.get("/customers", {"view": view.pk}).content.decode()
    assert "欠费商户" in shown
    assert three[0].subject.number in shown
    assert three[2].subject.number not in shown
    assert [row["subject_id"] for row in queries.rows(actor, tree={"field": "tag", "op": "empty"}).rows] == [three[2].pk]
    assert three[1].subject.number not in manager.get("/customers?tag=in_arrears").content.decode()
    other = filters.keep_view(actor=actor, kind="workorder", name="工单", tree={})
    assert manager.get("/api/v1/customers", {"segment": other.pk}).status_code == 404


def found(cast, field, op, value=None):
    tree = {"field": field, "op": op, **({} if value is None else {"value": value})}
    return {row["name"] for row in queries.rows(cast.actor(cast.manager), tree=tree).rows}


@pytest.mark.parametrize("channel", ["sms", "phone"])
def test_consent_segments_say_what_is_said_of_one_customer(cast, three, channel):
    actor = cast.actor(cast.agent)
    said = {"actor": actor, "way": ConsentWay.SPOKEN, "evidence": "录音 7"}
    services.note_consent(id=three[0].pk, purpose=Purpose.MARKETING, given=True, **said)
    services.note_consent(id=three[1].pk, purpose=Purpose.MARKETING, given=True, channel=ReachedBy(channel), **said)
    services.note_consent(id=three[1].pk, purpose=Purpose.MARKETING, given=False, **said)
    services.note_consent(id=three[1].pk, purpose=Purpose.SURVEY, given=False, channel=ReachedBy.EMAIL, **said)
    services.change(actor=actor, id=three[2].pk, name=three[2].name, do_not_call=True)
    names = {one.name for one in three}
    for purpose in (Purpose.MARKETING, Purpose.SURVEY):
        for way in ReachedBy:
            may = {one.name for one in three if not queries.refusal(one.pk, channel=way, purpose=purpose)}
            assert found(cast, "reachable", "eq", f"{purpose.value}.{way.value}") & names == may, (purpose, way)
            assert found(cast, "reachable", "ne", f"{purpose.value}.{way.value}") & names == names - may
    assert found(cast, "agreed", "in", [f"marketing.{channel}"]) == {three[0].name}
    assert found(cast, "objected", "eq", f"marketing.{channel}") == {three[1].name}
    assert found(cast, "objected", "eq", "survey.email") == {three[1].name}
    assert found(cast, "do_not_call", "eq", True) == {three[2].name}
    assert found(cast, "agreed", "eq", "marketing.pigeon") == found(cast, "objected", "eq", "x") == set()


def test_segments_by_household_company_and_contract_heed_the_day(cast, three):
    actor, today = cast.actor(cast.agent), timezone.localdate(moment.now())
    home = services.create(actor=actor, name="绿洲 3-2-501", kind=CustomerKind.HOME)
    firm = services.create(actor=actor, name="绿洲商贸", kind=CustomerKind.FIRM)
    profiles.link(actor=actor, id=three[0].pk, kind=LinkKind.HOUSEHOLD, number=home.subject.number)
    profiles.link(actor=actor, id=three[1].pk, kind=LinkKind.COMPANY, number=firm.subject.number, since=today + timedelta(days=1))
    profiles.add_contract(actor=actor, id=three[0].pk, number="RQ-100", matter="供气", began=today, ended=today + timedelta(days=20))
    profiles.add_contract(actor=actor, id=three[1].pk, number="RQ-200", matter="供气", ended=today - timedelta(days=1))
    assert found(cast, "household", "eq", home.subject.number) == found(cast, "household", "not_empty") == {three[0].name}
    assert found(cast, "company", "eq", firm.subject.number) == set()
    assert {one.name for one in three} <= found(cast, "company", "empty")
    assert found(cast, "contract", "starts", "rq-") == found(cast, "contract_matter", "in", ["供气", "供水"]) == {three[0].name}
    assert found(cast, "contract_ended", "within", {"next": 30, "unit": "day"}) == {three[0].name}
    assert found(cast, "contract_ended", "between", [str(today - timedelta(days=3)), str(today)]) == {three[1].name}
    assert three[0].name not in found(cast, "contract", "ne", "RQ-100")
    for field, op, value in (("household", "within", "today"), ("contract_ended", "eq", "soon"), ("agreed", "empty", None)):
        with pytest.raises(BadTree):
            found(cast, field, op, value)


def test_the_fields_of_other_capabilities_are_offered_and_kept_in_a_view(cast, three, signed_in):
    manager = signed_in(cast.manager)
    offered = {one["code"] for one in manager.get("/api/v1/filters/customer/fields").json()}
    assert {"household", "company", "contract", "agreed", "objected", "reachable", "do_not_call"} <= offered
    tree = {"all": [{"field": "household", "op": "empty"}, {"field": "reachable", "op": "in", "value": ["survey.sms"]}]}
    view = filters.keep_view(actor=cast.actor(cast.manager), kind="customer", name="可回访散户", tree=tree)
    assert manager.get("/api/v1/customers", {"segment": view.pk}).status_code == 200
    assert three[0].subject.number in manager.get("/customers", {"view": view.pk}).content.decode()
