"""How text is cut."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.engines.search import cut, services
from kefu.engines.search.services import Document


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("停水通知", ["停水", "水通", "通知"]),
        ("3栋12单元", ["3栋", "栋1", "2单", "单元"]),
        ("５６７８", ["567", "678"]),
        ("Elevator", ["ele", "lev", "eva", "vat", "ato", "tor"]),
        ("😀停电！停水", ["停电", "停水"]),
        ("水", []),
        ("", []),
    ],
)
def test_pieces(text, pieces):
    assert cut.pieces(cut.normal(text)) == pieces


def test_a_phone_with_marks_is_found_without_them():
    text = cut.normal("电话：138-0013 8000，座机 010-62345678")
    assert cut.holds(text, cut.terms("13800138000"))
    assert cut.holds(text, cut.terms("138-0013-8000"))
    assert cut.holds(text, cut.terms("01062345678"))


def test_the_end_of_a_long_number_stands_for_it():
    assert cut.asking("gd202600000777") == ["007", "077", "777"]
    assert cut.asking("13栋停水") == ["3栋", "栋停", "停水"]


words = st.text(st.characters(codec="utf-8"), max_size=40)


@given(words, words)
def test_what_is_asked_of_a_text_stands_among_its_pieces(before, word):
    text = cut.normal(f"{before}{word} end")
    for term in cut.terms(word):
        if term in text:
            assert set(cut.asking(term)) <= set(cut.pieces(text))


@given(words)
def test_every_run_of_two_characters_finds_its_text(word):
    text = cut.normal(word)
    for one in text.split():
        for start in range(len(one) - 1):
            pair = one[start : start + 2]
            assert cut.holds(text, cut.terms(pair))


@pytest.mark.parametrize("body", ["三楼停水 GD20260001 请来 138-1234-5678", "", "停水停水 ABC"])
def test_a_body_cut_beforehand_is_stored_like_one_cut_here(body):
    plain = Document(7, "order", "停水通知", body, "王 138 1234 5678")
    assert services._new(replace(plain, ready=cut.beforehand(body))) == services._new(plain)
    assert services._new(replace(plain, ready=cut.beforehand("别的"))) == services._new(plain)
