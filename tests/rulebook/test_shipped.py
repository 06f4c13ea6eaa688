"""The packs that ship: sound, loadable twice, every clause in exactly one of them."""

from collections import Counter
from pathlib import Path

import pytest

from kefu.engines.rulebook import checks, loader
from kefu.engines.rulebook.models import Clause, Regulation
from kefu.engines.rulebook.source import shipped
from kefu.people.actor import SYSTEM
from kefu.people.models import Post
from kefu.people.registry import rights

IDS = (Path(__file__).parent / "clause_ids.txt").read_text().split()


def test_three_packs_ship():
    assert {"general", "property", "power-95598"} <= set(shipped())


@pytest.mark.parametrize("code", shipped())
def test_a_shipped_pack_has_no_mistakes(code):
    assert checks.check(code) == []


@pytest.mark.django_db
@pytest.mark.parametrize("code", shipped())
def test_a_shipped_pack_loads_twice_without_change(code):
    assert loader.load(code, actor=SYSTEM)
    assert loader.load(code, actor=SYSTEM) == []


def test_every_clause_of_the_sources_is_in_exactly_one_pack():
    found = Counter(read.row.code for code in shipped() for read in checks.open_book(code).rows.get("clauses", ()))
    assert sorted(found) == sorted(IDS)
    assert set(found.values()) == {1}


def test_every_clause_is_told_in_both_languages_and_has_a_group():
    for code in shipped():
        for read in checks.open_book(code).rows.get("clauses", ()):
            row = read.row
            assert row.summary, row.code
            assert row.summary_en, row.code
            assert row.group, row.code
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in row.summary_en), row.code


@pytest.mark.django_db
def test_the_property_regulation_is_complete_and_its_duties_are_carried_or_named_for_later():
    loader.load("property", actor=SYSTEM)
    assert Regulation.objects.filter(code__in=["000", "001", "003", "004"]).count() == 4
    assert Clause.objects.filter(regulation__code="004").count() == 38
    assert Post.objects.get(code="receptionist").clauses == ["R-03-6.1.1"]
    assert "settings.manage" in rights
