"""Sentences that are stored: each reader has his language, no column bursts."""

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kefu.kit import sentences
from kefu.kit.errors import Invalid

WHY = _("This was not found.")


def read(stored, language):
    with translation.override(language):
        return sentences.shown(stored)


def test_a_stored_sentence_is_read_in_the_language_of_the_reader():
    with translation.override("zh-hans"):
        held = sentences.keep(WHY)
    assert read(held, "en") == "This was not found."
    assert read(held, "zh-hans") == "未找到相关内容。"
    inside = sentences.keep(_("%(name)s: %(why)s"), name="x.jpg", why=held)
    assert read(inside, "en") == "x.jpg: This was not found."
    assert read(inside, "zh-hans").startswith("x.jpg：")
    both = sentences.together([inside, "", held, "plain"])
    assert read(both, "en") == "x.jpg: This was not found.; This was not found.; plain"


def test_plain_words_and_broken_ones_are_shown_as_they_are():
    assert sentences.shown("") == ""
    assert sentences.shown("100% 坏了 %(x)s") == "100% 坏了 %(x)s"
    assert sentences.shown(sentences.MARK + '[["cut') == '[["cut'
    for odd in ("{}", "[]", "[1]", '[["a"]]', "[[1,2]]", '[["%(x)d",{"x":"y"}]]', '[["%(gone)s",{}]]', '[["%(gone)s",{"x":1}]]', "null"):
        assert isinstance(sentences.shown(sentences.MARK + odd), str)


@pytest.mark.parametrize("most", [120, 500])
def test_nothing_is_longer_than_its_column_and_long_words_are_cut_first(most):
    held = sentences.of_error(Invalid(_("%(name)s: %(why)s"), name="n" * 900, why=sentences.keep(WHY)), most)
    assert len(held) <= most
    assert read(held, "en").endswith(": This was not found.")
    many = sentences.together([sentences.keep(_("%(name)s: %(why)s"), name=f"{n}.jpg", why=WHY) for n in range(99)], most)
    assert len(many) <= most
    assert read(many, "en").startswith("0.jpg: This")
    assert read(sentences.keep("w" * 900, most), "en").startswith("www")
