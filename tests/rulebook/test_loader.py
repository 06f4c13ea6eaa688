"""Loading: one transaction, twice without change, packs upon packs, dated values."""

from datetime import UTC, datetime, timedelta

import pytest

from kefu.engines.rulebook import loader, queries
from kefu.engines.rulebook.models import Clause, CodeItem, Enforcement, Load, Pack, Setting, TextCard
from kefu.kit import moment
from kefu.people.actor import SYSTEM
from kefu.people.models import Post
from tests.rulebook.packs import BASE, write

pytestmark = pytest.mark.django_db
MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
UPON = """
pack: {code: upon, name: 上层, version: "1", valid_from: 2026-01-01, requires: [base]}
settings:
  - {code: voice.ring, name: 铃声, value: 3, clauses: [R-90-1]}
texts:
  - {code: hello, moment: greeting, name: 问候, text: 您好！}
"""


@pytest.fixture(autouse=True)
def _in_march():
    queries.forget()
    with moment.frozen(MARCH):
        yield
    queries.forget()


def load(pack):
    changes = loader.load(pack, actor=SYSTEM)
    queries.forget()
    return changes


def told(changes):
    return {(change.kind, change.key, change.what) for change in changes}


def test_loading_twice_changes_nothing(tmp_path):
    pack = write(tmp_path)
    assert ("settings", "voice.ring", "new") in told(load(pack))
    assert load(pack) == []
    assert loader.diff(pack) == []
    assert {change.what for change in loader.plan(pack)} == {"same"}
    assert Load.objects.count() == Pack.objects.count() == 1


def test_clauses_know_what_carries_them_out(tmp_path):
    load(write(tmp_path))
    book = queries.regulation("900")
    assert [clause["code"] for clause in book["clauses"]] == ["R-90-1", "R-90-2"]
    assert {(one["how"], one["ref"]) for one in book["clauses"][0]["carried"]} == {("setting", "voice.ring"), ("text", "hello")}
    assert {one["ref"] for one in book["clauses"][1]["carried"]} == {"subjects", "subjects.quality"}
    assert queries.clause("R-90-2")["later"] == "quality"


def test_a_row_that_no_longer_cites_a_clause_no_longer_carries_it(tmp_path):
    load(write(tmp_path))
    load(write(tmp_path, text=BASE.replace("text: 您好, clauses: [R-90-1]", "text: 您好")))
    assert not Enforcement.objects.filter(ref="hello").exists()


def test_a_changed_value_begins_now_and_the_past_keeps_the_old_one(tmp_path):
    load(write(tmp_path))
    with moment.frozen(MARCH + timedelta(days=30)):
        changed = load(write(tmp_path, text=BASE.replace("value: 2", "value: 4")))
        assert [(change.what, change.describe) for change in changed] == [("changed", "2 → 4")]
        assert queries.setting("voice.ring") == 4
    assert queries.setting("voice.ring", at=MARCH) == 2
    assert queries.setting("voice.ring", at=datetime(2025, 6, 1, tzinfo=UTC)) is None


def test_a_change_can_be_dated_ahead(tmp_path):
    load(write(tmp_path))
    load(write(tmp_path, text=BASE.replace("value: 2", "value: 4, valid_from: 2026-07-01")))
    assert queries.setting("voice.ring") == 2
    assert queries.setting("voice.ring", at=datetime(2026, 7, 2, tzinfo=UTC)) == 4
    assert Setting.objects.get(key="voice.ring", pack="base", valid_to__isnull=False).value == 2


def test_a_pack_takes_rows_of_the_one_below_and_neither_undoes_the_other(tmp_path):
    base, upon = write(tmp_path), write(tmp_path, "upon", UPON)
    load(base)
    assert ("settings", "voice.ring", "changed") in told(load(upon))
    assert queries.setting("voice.ring") == 3
    assert TextCard.objects.get(code="hello").text == "您好！"
    assert load(base) == []
    assert load(upon) == []
    assert TextCard.objects.get(code="hello").valid
    assert set(Enforcement.objects.filter(ref="voice.ring").values_list("pack", flat=True)) == {"upon"}


def test_a_pack_brings_the_packs_it_requires(tmp_path):
    write(tmp_path)
    load(write(tmp_path, "upon", UPON))
    assert set(Pack.objects.values_list("code", flat=True)) == {"base", "upon"}
    assert Clause.objects.count() == 2


def test_a_dropped_choice_leaves_new_cases_but_stays_named(tmp_path):
    load(write(tmp_path))
    changed = load(write(tmp_path, text=BASE.replace("      - {code: price, name: 价格}\n", "")))
    assert told(changed) == {("lists", "subjects.price", "gone")}
    assert [item["code"] for item in queries.code_items("subjects")] == ["quality"]
    assert queries.code_name("subjects", "price") == "价格"
    load(write(tmp_path))
    assert len(queries.code_items("subjects")) == 2


def test_a_choice_that_the_centre_wrote_itself_is_left_alone(tmp_path):
    load(write(tmp_path))
    CodeItem.objects.filter(code="price").update(name="收费", pack="")
    assert load(write(tmp_path)) == []
    assert queries.code_name("subjects", "price") == "收费"


def test_a_faulty_pack_is_refused_with_its_problems(tmp_path):
    with pytest.raises(loader.FaultyPack) as refused:
        load(write(tmp_path, text=BASE.replace("R-90-1]}\nlists", "R-90-9]}\nlists")))
    assert len(refused.value.problems) == 1
    assert not Pack.objects.exists()


def test_all_or_nothing(tmp_path, monkeypatch):
    """A failure at the very end leaves no row of the first section."""
    seen = []

    def breaking(*args):
        seen.append(Clause.objects.count())
        raise ZeroDivisionError

    monkeypatch.setattr(loader, "_note", breaking)
    with pytest.raises(ZeroDivisionError):
        load(write(tmp_path))
    assert seen == [2]
    assert not Clause.objects.exists()
    assert not Pack.objects.exists()


def test_texts_for_a_moment(tmp_path):
    load(write(tmp_path))
    assert [card["text"] for card in queries.text_cards("greeting", "phone")] == ["您好"]
    assert queries.text_cards("closing", "phone") == []


POSTS = """
posts:
  - {code: desk, name: 前台, rights: [orders.see]}
"""


def test_a_post_changed_by_hand_stays_until_the_pack_itself_changes_it(tmp_path):
    load(write(tmp_path, text=BASE + POSTS))
    Post.objects.filter(code="desk").update(name="接待", scope="all")
    assert load(write(tmp_path, text=BASE + POSTS)) == []
    assert Post.objects.get(code="desk").scope == "all"
    changed = load(write(tmp_path, text=BASE + POSTS.replace("[orders.see]", "[orders.see, orders.fly]")))
    assert told(changed) == {("posts", "desk", "changed")}
    assert Post.objects.get(code="desk").rights == ["orders.fly", "orders.see"]
    assert "orders.fly" in changed[0].describe
