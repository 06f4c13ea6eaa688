"""What is found, by whom, and in which order."""

from dataclasses import replace

import pytest

from kefu.engines.search import queries, services, store
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Subject
from kefu.timeline.registry import SubjectKind, subject_kinds
from kefu.timeline.services import watch

ORDER = SubjectKind("search-order", "工单", "S", lambda pk: f"/orders/{pk}")
CUSTOMER = SubjectKind("search-customer", "客户", "C", lambda pk: f"/customers/{pk}")


@pytest.fixture(autouse=True)
def _kinds():
    subject_kinds.add(ORDER, CUSTOMER)
    yield
    for kind in (ORDER, CUSTOMER):
        subject_kinds._items.pop(kind.code)


def make(number, title, body="", hidden="", *, kind=ORDER, unit=None, **more):
    subject = Subject.objects.create(kind=kind.code, number=number, title=title, unit_path=unit.path if unit else "", **more)
    services.index(subject_id=subject.pk, kind=kind.code, title=title, body=body, hidden=hidden)
    return subject


def numbers(text, actor=SYSTEM, **more):
    return [hit.number for hit in queries.find(actor=actor, text=text, **more)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "停水",
        "三楼",
        "楼停",
        "5678",
        "138",
        "13812345678",
        "S202600017",
        "00017",
        "Pump",
        "umP",
        "3栋2单元",
        "停水 5678",
        "水",
        "栋",
        "停水，业主",
    ],
)
def test_words_numbers_and_fragments_are_found(text):
    make("S202600017", "三楼停水了", "水泵房 PUMP 坏了，请派人。3栋2单元业主", "13812345678 S202600017")
    make("S202600018", "电梯困人", "一楼", "13900001111 S202600018")
    assert numbers(text) == ["S202600017"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "  ", "！？", "😀", "停电", "楼三", "5679", "\x00", "停水 电梯", "AND", '"'])
def test_what_is_not_there_is_not_found(text):
    make("S1", "三楼停水", "", "13812345678")
    assert numbers(text) == []


@pytest.mark.django_db
def test_newest_first_in_pages():
    for number in range(250):
        make(f"S{number:04d}", "停水")
    first = queries.find(actor=SYSTEM, text="停水", limit=20)
    assert [hit.number for hit in first] == [f"S{number:04d}" for number in range(249, 229, -1)]
    second = queries.find(actor=SYSTEM, text="停水", limit=20, after=first[-1].subject_id)
    assert [hit.number for hit in second] == [f"S{number:04d}" for number in range(229, 209, -1)]
    assert len(queries.find(actor=SYSTEM, text="停水", limit=300)) == 250


@pytest.mark.django_db
def test_a_whole_number_comes_first():
    old = make("S0001", "电梯")
    make("S0002", "停水", "与 S0001 同一事由")
    assert numbers("s0001") == ["S0001", "S0002"]
    assert numbers("S0001", limit=1) == [old.number]


@pytest.mark.django_db
def test_kinds_narrow():
    make("S1", "停水")
    make("C1", "停水小区", kind=CUSTOMER)
    assert numbers("停水", kinds=[CUSTOMER.code]) == ["C1"]
    assert sorted(numbers("停水", kinds=[CUSTOMER.code, ORDER.code])) == ["C1", "S1"]
    assert numbers("停水", kinds=[]) == []
    assert numbers("水", kinds=[ORDER.code]) == ["S1"]


@pytest.mark.django_db
def test_a_changed_text_replaces_the_old_one_and_a_removed_one_is_gone():
    subject = make("S1", "停水")
    services.index(subject_id=subject.pk, kind=ORDER.code, title="停电")
    assert numbers("停水") == []
    assert numbers("停电") == ["S1"]
    assert list(store.candidates(["停水"])) == []
    services.remove([subject.pk])
    assert numbers("停电") == []
    assert list(store.candidates(["停电"])) == []


def test_only_what_the_person_may_see(cast):
    make("S1", "停水", unit=cast.repair)
    make("S2", "停水", unit=cast.centre)
    make("S3", "停水", unit=cast.centre, secrecy=1)
    make("S4", "停水", unit=cast.cleaning, owner=cast.clerk)
    assert numbers("停水", cast.actor(cast.clerk)) == ["S4", "S2"]
    assert numbers("停水", cast.actor(cast.repair_head)) == ["S1"]
    assert numbers("S3", cast.actor(cast.clerk)) == []
    assert numbers("水", cast.actor(cast.repair_head)) == ["S1"]


def test_own_records_are_found_behind_many_of_others(cast, monkeypatch):
    monkeypatch.setattr(queries, "EXAMINED", 100)
    make("S0", "停水", unit=cast.repair)
    for number in range(1, 150):
        make(f"S{number}", "停水", unit=cast.cleaning)
    assert numbers("停水", cast.actor(cast.repair_head)) == ["S0"]


def test_what_is_behind_many_is_found_by_every_way_into_the_scope(cast, monkeypatch):
    monkeypatch.setattr(queries, "EXAMINED", 100)
    make("S0", "停水", unit=cast.repair)
    make("S1", "停水", unit=cast.cleaning, owner=cast.repair_head)
    followed = make("S2", "停水", unit=cast.cleaning)
    watch(subject_id=followed.pk, staff_id=cast.repair_head.pk)
    make("S3", "停水", unit=cast.repair, secrecy=1)
    make("S4", "停电", unit=cast.repair)
    for number in range(5, 150):
        make(f"S{number}", "停水", unit=cast.cleaning)
    actor = cast.actor(cast.repair_head)
    assert numbers("停水", actor) == ["S2", "S1", "S0"]
    assert numbers("停水", actor, limit=1) == ["S2"]
    assert numbers("停水", actor, after=followed.pk) == ["S1", "S0"]
    assert numbers("停水", actor, kinds=[CUSTOMER.code]) == []


def test_a_person_without_any_scope_finds_nothing_of_others(cast, monkeypatch):
    monkeypatch.setattr(queries, "EXAMINED", 100)
    for number in range(150):
        make(f"S{number}", "停水", unit=cast.cleaning)
    nobody = replace(cast.actor(cast.repair_head), path_ranges=(), rights=frozenset())
    assert numbers("停水", nobody) == []


@pytest.mark.django_db
def test_hidden_text_and_long_numbers_are_not_shown():
    make("C1", "李女士 13812345678", "来电 13812345678 反映三楼停水", "身份证 110101199001011234", kind=CUSTOMER)
    (hit,) = queries.find(actor=SYSTEM, text="110101199001011234")
    assert "110101" not in hit.title + hit.snippet
    assert hit.title == "李女士 138****5678"
    assert hit.snippet == "来电 138****5678 反映三楼停水"


@pytest.mark.django_db
def test_indexing_many_says_how_many_changed():
    made = [Subject.objects.create(kind=ORDER.code, number=f"S{number}") for number in range(5)]
    documents = [services.Document(one.pk, ORDER.code, "停水" * (one.pk % 3 + 1)) for one in made]
    assert services.index_many(documents) == 5
    assert services.index_many(documents) == 0
    assert len(numbers("停水")) == 5


def test_the_doors(cast, signed_in):
    make("S1", "三楼停水", "水泵", unit=cast.centre)
    client = signed_in(cast.clerk)
    page = client.get("/search", {"q": "停水"}).content.decode()
    assert "三楼停水" in page
    assert f'href="/orders/{Subject.objects.get().pk}"' in page
    fragment = client.get("/search/quick", {"q": "停水"}, headers={"HX-Request": "true"}).content.decode()
    assert "三楼停水" in fragment
    assert "<html" not in fragment
    assert client.get("/api/v1/search", {"q": "水泵"}).json()[0]["number"] == "S1"
    assert client.get("/search", {"q": "x" * 5000, "after": "9" * 40, "kind": "\x00"}).status_code == 200
    assert client.get("/api/v1/search", {"q": "水泵", "limit": 0}).status_code == 422
