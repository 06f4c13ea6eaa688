"""What is drawn once and kept: never for another language, never for other values, never more than is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext
from markupsafe import Markup

from kefu.engines.privacy.masking import MASKS, mask, masker
from kefu.kit import moment
from kefu.kit.kept import Kept
from kefu.kit.language import picker
from kefu.kit.pieces import deadline_tag, due_tags
from kefu.kit.tables import Column, Columns, heads_html, rows_html
from kefu.timeline.telling import course_html

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_the_same_is_drawn_once_in_each_language():
    asked: list[tuple[object, ...]] = []

    def piece(*given, **named):
        asked.append((*given, *named.values()))
        return gettext("Select")

    kept = Kept()
    with translation.override("en"):
        assert [kept(piece, "a", ("b", 1), size=2) for _again in range(3)] == ["Select"] * 3
    with translation.override("zh-hans"):
        assert kept(piece, "a", ("b", 1), size=2) != "Select"
        kept(piece, "a", ("b", 1), size=3)
        kept(piece, "a", ("b", True), size=2)
    assert asked == [("a", ("b", 1), 2), ("a", ("b", 1), 2), ("a", ("b", 1), 3), ("a", ("b", True), 2)]


def test_a_text_is_never_taken_for_the_same_text_that_is_safe():
    kept = Kept()

    def piece(label, inside=()):
        return Markup("<b>{}</b>{}").format(label, Markup("").join(inside))

    assert kept(piece, Markup("<i>x</i>")) == "<b><i>x</i></b>"
    assert kept(piece, "<i>x</i>") == "<b>&lt;i&gt;x&lt;/i&gt;</b>"
    assert kept(piece, "", (Markup("<i>x</i>"),)) == "<b></b><i>x</i>"
    assert kept(piece, "", ("<i>x</i>",)) == "<b></b>&lt;i&gt;x&lt;/i&gt;"


def test_what_cannot_be_compared_is_drawn_anew_and_no_more_is_held_than_wanted():
    kept, rows = Kept(most=10), [1]
    assert kept(len, rows) == 1
    rows.append(2)
    assert kept(len, rows) == 2
    for number in range(50):
        assert kept(str, number) == str(number)
        assert len(kept._held) <= 10


def test_rows_hold_percent_signs_braces_and_hostile_ids():
    columns = [Column("title", "100 %s {id}"), Column("cost", "Cost", "number")]
    drawn = rows_html(columns, [{"id": '5%"', "title": "50 % {id} <b>", "cost": 1234}], row_url="/x%20/{id}", batch=[("a", "A")])
    assert 'href="/x%20/5%&#34;">50 % {id} &lt;b&gt;</a>' in drawn
    assert 'value="5%&#34;"' in drawn
    assert ">1,234</td>" in drawn


def test_columns_are_made_once_a_language_and_keep_what_stands_around_their_rows():
    made = []

    @Columns.by_language
    def columns():
        made.append(translation.get_language())
        return [Column("title", gettext("Select"), fixed=True), Column("n", "N", "number", unit="h", width="4rem", optional=True)]

    for _again in range(2):
        for language in ("en", "zh-hans"):
            with translation.override(language):
                heads = heads_html(columns())
                assert heads == heads_html(list(columns()))
                assert gettext("Select") in heads
                rows = [{"id": n, "title": f"<{n}>", "n": n} for n in range(2)]
                assert rows_html(columns(), rows, "/a/{id}") == rows_html(list(columns()), rows, "/a/{id}")
                assert rows_html(columns(), rows, "/b/{id}") == rows_html(list(columns()), rows, "/b/{id}")
    assert made == ["en", "zh-hans"]


def test_a_line_of_the_course_follows_all_that_its_event_holds():
    event = {"id": 1, "kind": "note.added", "at": AT, "data": {"text": "x"}, "audience": "staff", "clauses": ["R-1"]}
    event |= {"actor__name": "<王>", "actor__number": "021"}
    with translation.override("en"):
        first = course_html([event])
        assert "&lt;王&gt;" in first
        assert course_html([event]) == first
        assert "021" not in course_html([event | {"actor__number": "", "actor__name": None}])
        assert "Visible to the customer" in course_html([event | {"audience": "customer"}])
        assert 'course-text prewrap">more' in course_html([event | {"body": "more"}])
        assert course_html([event | {"text": "told"}]) != first
    with translation.override("zh-hans"):
        assert "Visible to the customer" not in course_html([event | {"audience": "customer"}])


def test_due_times_of_a_list_are_drawn_as_one_limit_is():
    for language in ("en", "zh-hans"):
        with translation.override(language), moment.frozen(AT):
            tag = due_tags()
            for hours in (-300.0, -1, -0.001, 0, 0.5, 3.99, 4, 4.01, 30, 500):
                due = AT + timedelta(hours=hours)
                assert tag(due) == deadline_tag({"due_at": due}, with_name=False)


def test_a_masker_masks_as_the_mask_of_its_class():
    for kind in (*MASKS, "plain", "nobody-declared"):
        for value in (
            "",
            None,
            "张建国",
            "13900001234",
            "0571-88886666",
            "+86 139 0000 1234",
            "绿洲花园3号楼",
            "a@b.c",
            "１３９００００１２３４",
        ):
            assert masker(kind)(value) == mask(kind, value)


def test_a_picker_picks_as_the_language_wants():
    with translation.override("en"):
        assert [picker()("中", "E"), picker()("中", "")] == ["E", "中"]
    with translation.override("zh-hans"):
        assert picker()("中", "E") == "中"
