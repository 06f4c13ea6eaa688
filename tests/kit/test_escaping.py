"""Quick escaping writes exactly what the careful one writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from kefu.kit.escaping import escaped


@given(st.text(st.sampled_from("漏水<>&\"'a ;#3\u202e\U0001f600"), max_size=12))
def test_text_is_written_as_markupsafe_writes_it(text):
    assert escaped(text) == str(escape(text))


def test_markup_stays_and_everything_else_becomes_safe_text():
    assert escaped(Markup("<b>a</b>")) == "<b>a</b>"
    assert escaped(7) == "7"
    assert escaped(gettext_lazy("<i>")) == "&lt;i&gt;"
