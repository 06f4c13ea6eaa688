"""Posts and units planned from rows."""

import pytest

from kefu.kit.errors import Invalid, NotAllowed
from kefu.people import posts
from kefu.people.models import Post, Unit

ROW = {"code": "guide", "name": "引导员", "name_en": "Guide", "rights": ["people.see"], "scope": "unit", "clauses": ["R-1"]}


def what(rows):
    return [change.what for change in posts.plan_posts(rows)]


def test_loading_twice_changes_nothing(cast):
    assert what([ROW]) == ["new"]
    posts.apply_posts(posts.plan_posts([ROW]))
    assert what([ROW]) == ["same"]
    Post.objects.filter(code="guide").update(alias="大堂经理")
    (change,) = posts.plan_posts([{**ROW, "scope": "all", "rights": ["audit.see"]}])
    assert change.line() == "rights +audit.see −people.see; scope unit → all"
    posts.apply_posts([change])
    post = Post.objects.get(code="guide")
    assert (post.scope, post.rights, post.alias) == ("all", ["audit.see"], "大堂经理")


def test_a_scope_nobody_knows_is_refused(cast):
    with pytest.raises(Invalid):
        posts.plan_posts([{**ROW, "scope": "galaxy"}])


def test_rights_of_capabilities_to_come_are_kept_but_told(cast):
    assert posts.unknown_rights([{**ROW, "rights": ["phone.fly", "people.see"]}]) == {"guide": ["phone.fly"]}
    posts.apply_posts(posts.plan_posts([{**ROW, "rights": ["phone.fly"]}]))
    posts.change_post(actor=cast.actor(cast.admin), code="guide", alias="", rights=["people.see"], scope="unit")
    assert Post.objects.get(code="guide").rights == ["people.see", "phone.fly"]


def test_units_are_made_in_order_and_never_moved(cast):
    rows = [{"code": "north", "name": "北区", "kind": "branch"}, {"code": "n1", "name": "一组", "parent": "north", "kind": "team"}]
    posts.apply_units(posts.plan_units(rows))
    north, team = Unit.objects.get(code="north"), Unit.objects.get(code="n1")
    assert team.path == f"{north.path}{team.pk:06d}"
    assert [change.what for change in posts.plan_units([*rows, {"code": "repair", "name": "维修部", "parent": "north"}])] == [
        "same",
        "same",
        "changed",
    ]
    with pytest.raises(Invalid):
        posts.plan_units([{"code": "x", "name": "x", "parent": "nowhere"}])


def test_the_last_managing_post_keeps_that_right(cast):
    with pytest.raises(Invalid):
        posts.change_post(actor=cast.actor(cast.admin), code="sysadmin", alias="", rights=["settings.manage"], scope="own")
    with pytest.raises(NotAllowed):
        posts.change_post(actor=cast.actor(cast.manager), code="agent", alias="", rights=[], scope="own")
    with pytest.raises(Invalid):
        posts.change_post(actor=cast.actor(cast.admin), code="agent", alias="", rights=["no.such"], scope="own")
