"""Tags from a managed list, and segments: saved conditions over customers, read page by page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.engines.filters import services as filters
from kefu.kit.errors import Invalid, NotAllowed
from kefu.touch.customers import queries, routing, services
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
