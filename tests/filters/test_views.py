"""Saved views, previews, the filter row and the builder's plain form."""

import pytest
from django.http import QueryDict
from django.utils import translation

from kefu.engines.filters import bar, queries, services
from kefu.engines.filters.fields import FieldSet, FieldSpec, field_sets
from kefu.engines.filters.tree import BadTree
from kefu.engines.filters.words import in_words
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.timeline.models import Subject
from kefu.timeline.queries import visible_to as subjects_of

FIELDS = FieldSet(
    "filter-test",
    (
        FieldSpec("title", "标题", "text", "title"),
        FieldSpec("urgency", "紧急程度", "choice", "kind", choices=lambda: [("high", "紧急"), ("low", "一般")]),
        FieldSpec("unit", "部门", "unit", "unit_path"),
        FieldSpec("owner", "责任人", "staff", "owner_id"),
        FieldSpec("secret", "保密", "bool", lambda op, value, at: queries.Q(secrecy=int(value))),
        FieldSpec("level", "等级", "number", "secrecy", integer=True),
        FieldSpec("opened", "受理时间", "datetime", "opened_at"),
    ),
    rows=subjects_of,
    columns=("number", "title"),
    right="orders.see",
)
TREE = {"field": "title", "op": "contains", "value": "水"}


@pytest.fixture(autouse=True)
def _declared():
    field_sets.add(FIELDS)
    yield
    field_sets._items.pop(FIELDS.kind)


def give_right(*staff):
    from kefu.people.models import Holding, Post

    post = Post.objects.create(code="viewer", name="viewer", rights=["orders.see"])
    for one in staff:
        Holding.objects.create(staff=one, post=post, unit=one.unit)


@pytest.fixture
def stage(cast):
    give_right(cast.clerk, cast.receptionist, cast.crew, cast.manager)
    return cast


def keep(actor, name="停水", **more):
    return services.keep_view(actor=actor, kind="filter-test", name=name, tree=TREE, **more)


def test_a_view_is_its_owners_until_shared(stage):
    agent, colleague, crew = (stage.actor(one) for one in (stage.clerk, stage.receptionist, stage.crew))
    view = keep(agent)
    assert [row["name"] for row in queries.views(agent, "filter-test")] == ["停水"]
    assert queries.views(colleague, "filter-test") == []
    services.keep_view(actor=agent, id=view.pk, kind="filter-test", name="停水", tree=TREE, shared_with="unit")
    assert [row["id"] for row in queries.views(colleague, "filter-test")] == [view.pk]
    assert queries.views(crew, "filter-test") == []
    with pytest.raises(NotFound):
        services.remove_view(actor=crew, id=view.pk)
    with pytest.raises(NotAllowed):
        services.remove_view(actor=colleague, id=view.pk)
    services.remove_view(actor=agent, id=view.pk)
    assert queries.views(agent, "filter-test") == []


def test_sharing_with_everybody_needs_the_right(stage):
    with pytest.raises(NotAllowed):
        keep(stage.actor(stage.clerk), shared_with="all")
    view = keep(stage.actor(stage.manager), shared_with="all")
    assert view.pk in [row["id"] for row in queries.views(stage.actor(stage.clerk), "filter-test")]


def test_a_name_is_held_once_and_views_keep_their_order(stage):
    agent = stage.actor(stage.clerk)
    first, second = keep(agent, "一"), keep(agent, "二")
    with pytest.raises(Conflict):
        keep(agent, "一")
    services.order_views(actor=agent, kind="filter-test", ids=[second.pk, first.pk, 999])
    assert [row["name"] for row in queries.views(agent, "filter-test")] == ["二", "一"]


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": "x" * 61}, {"sort": "a;b"}, {"shared_with": "world"}, {"columns": [""]}, {"icon": "x" * 40}],
)
def test_a_view_that_does_not_fit_is_refused(stage, changes):
    with pytest.raises(Invalid):
        services.keep_view(**{"actor": stage.actor(stage.clerk), "kind": "filter-test", "name": "a", "tree": TREE, **changes})


def test_preview_shows_only_what_the_person_may_see(stage):
    for number in range(3):
        Subject.objects.create(kind="x", number=f"C{number}", title="停水", unit_path=stage.centre.path)
    Subject.objects.create(kind="x", number="T1", title="停水", unit_path=stage.cleaning.path)
    shown = queries.preview(stage.actor(stage.clerk), "filter-test", TREE, limit=2)
    assert (shown.count, shown.more, [row["number"] for row in shown.rows]) == (3, False, ["C2", "C1"])
    with pytest.raises(NotFound):
        queries.preview(stage.actor(stage.employee), "filter-test", TREE)
    with pytest.raises(NotFound):
        queries.preview(stage.actor(stage.clerk), "nothing", TREE)


def test_preview_counts_to_a_hundred(stage):
    Subject.objects.bulk_create([Subject(kind="x", number=f"N{n}", title="水", unit_path=stage.centre.path) for n in range(120)])
    shown = queries.preview(stage.actor(stage.clerk), "filter-test", TREE)
    assert (shown.shown_count, len(shown.rows)) == ("100+", 10)


def test_preview_and_views_through_the_doors(stage, signed_in):
    client = signed_in(stage.clerk)
    Subject.objects.create(kind="x", number="C1", title="停水", unit_path=stage.centre.path)
    page = client.post("/filters/preview", {"kind": "filter-test", "tree": '{"field":"title","op":"contains","value":"水"}'})
    assert page.status_code == 200
    assert "C1 停水" in page.content.decode()
    plain = {"kind": "filter-test", "tree-rows": "1", "tree-0-field": "title", "tree-0-op": "contains", "tree-0-value": "电"}
    assert "C1" not in client.post("/filters/preview", plain).content.decode()
    bad = client.post("/filters/preview", {"kind": "filter-test", "tree": "{oops"}, headers={"HX-Request": "true"})
    assert bad.status_code == 422
    kept = client.post("/filters/views", {**plain, "view_name": "停电", "next": "/orders?x=1"})
    assert kept.status_code == 303
    assert kept.headers["Location"].startswith("/orders?view=")
    assert client.post("/filters/preview", {"kind": "other"}, headers={"HX-Request": "true"}).status_code == 404


def test_the_api_lists_fields_and_keeps_views(stage, signed_in):
    client = signed_in(stage.clerk)
    fields = client.get("/api/v1/filters/filter-test/fields").json()
    assert [field["code"] for field in fields] == [spec.code for spec in FIELDS.fields]
    made = client.post("/api/v1/views", {"kind": "filter-test", "name": "一", "tree": TREE}, content_type="application/json")
    assert made.status_code == 201
    refused = client.post(
        "/api/v1/filters/preview", {"kind": "filter-test", "tree": {"all": [{"field": "x"}]}}, content_type="application/json"
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "all.0.value"
    assert client.get("/api/v1/views?kind=filter-test").json()[0]["name"] == "一"
    assert client.delete(f"/api/v1/views/{made.json()['id']}").status_code == 204


def test_the_filter_row_reads_and_gives_back():
    fields = FIELDS.by_code
    params = QueryDict(
        "title=水&urgency=high&urgency=low&owner=me&opened_from=2026-03-01&opened_to=2026-03-31&page=2&level=&secret=true&unit=7"
    )
    tree = bar.read(params, fields)
    assert tree["all"][0] == {"field": "title", "op": "contains", "value": "水"}
    assert {"field": "urgency", "op": "in", "value": ["high", "low"]} in tree["all"]
    assert {"field": "unit", "op": "under", "value": 7} in tree["all"]
    assert {"field": "secret", "op": "eq", "value": True} in tree["all"]
    said = bar.back(tree)
    assert said["opened_from"] == ["2026-03-01"]
    assert said["secret"] == ["true"]
    again = QueryDict(mutable=True)
    for name, values in said.items():
        again.setlist(name, values)
    assert bar.read(again, fields) == tree
    assert bar.read(QueryDict(""), fields) == {}
    assert bar.read(QueryDict("opened=today"), fields) == {"all": [{"field": "opened", "op": "within", "value": "today"}]}
    with pytest.raises(BadTree) as caught:
        bar.read(QueryDict("opened_from=soon"), fields)
    assert list(caught.value.fields) == ["opened"]


def test_views_and_rows_join():
    assert bar.joined({}, None) == {}
    assert bar.joined(TREE, {}) == TREE
    assert bar.joined(TREE, TREE) == {"all": [TREE, TREE]}


def test_the_plain_form_says_spans_and_lists():
    post = QueryDict(mutable=True)
    post.update({"t-rows": "1", "t-join": "any", "t-0-field": "opened", "t-0-op": "within", "t-0-value": "last 7 day"})
    post.update({"t-1-field": "urgency", "t-1-op": "in", "t-1-value": "high， low", "t-2-field": "owner", "t-2-op": "empty"})
    assert bar.posted(post, "t", FIELDS.by_code) == {
        "any": [
            {"field": "opened", "op": "within", "value": {"last": 7, "unit": "day"}},
            {"field": "urgency", "op": "in", "value": ["high", "low"]},
            {"field": "owner", "op": "empty"},
        ]
    }


def test_in_words(cast):
    tree = {
        "all": [
            {"field": "unit", "op": "under", "value": cast.repair.pk},
            {"field": "urgency", "op": "eq", "value": "high"},
            {
                "any": [
                    {"field": "owner", "op": "eq", "value": "me"},
                    {"not": {"field": "opened", "op": "within", "value": {"last": 7, "unit": "day"}}},
                ]
            },
        ]
    }
    with translation.override("en"):
        assert in_words(tree, FIELDS.by_code) == (
            "部门 belongs to 工程部 and 紧急程度 is 紧急 and (责任人 is myself or not (受理时间 lies in the last 7 days))"
        )
    with translation.override("zh-hans"):
        assert (
            in_words(tree, FIELDS.by_code) == "部门 属于 工程部 且 紧急程度 = 紧急 且 （责任人 = 本人 或 不满足（受理时间 在 最近 7 天））"
        )
    assert in_words({}, {}) == ""


def test_builder_draws_rows_for_plain_people_and_json_for_the_island(cast):
    from django.template.loader import render_to_string

    flat = queries.builder(FIELDS.by_code, {"all": [TREE]})
    drawn = render_to_string("filters/_builder.html", {"builder": flat})
    assert '<option value="title" selected>标题</option>' in drawn
    assert 'value="水"' in drawn
    nested = queries.builder(FIELDS.by_code, {"not": TREE})
    drawn = render_to_string("filters/_builder.html", {"builder": nested})
    assert "tree-0-field" not in drawn
    assert "&#34;not&#34;" in drawn
