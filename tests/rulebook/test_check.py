"""Every mistake of a pack is found with its line and a remedy."""

import pytest
from django.utils import translation

from kefu.engines.rulebook.checks import check
from tests.rulebook.packs import BASE, write


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def test_a_sound_pack_has_no_problems(tmp_path):
    assert check(write(tmp_path)) == []


@pytest.mark.parametrize(
    ("change", "line", "what", "remedy"),
    [
        (("settings:", "setings:"), 8, "no section “setings”", "Did you mean “settings”"),
        (("value: 2, ", ""), 9, "“value” is missing", "Add it"),
        (("value: 2, ", "value: 2, valu: 3, "), 9, "“valu” is not known", "Did you mean “value”"),
        (("name: 铃声", "name: 7"), 9, "does not fit “name”", "quotes"),
        (("clauses: [R-90-1]}\nlists", "clauses: [R-90-7]}\nlists"), 9, "no clause “R-90-7”", "Did you mean “R-90-"),
        (("code: R-90-2,", "code: R-90-1,"), 7, "“R-90-1” stands twice", "pack.yaml, line 6"),
        (("code: price", "code: quality"), 14, "“quality” stands twice", "Correct"),
        (("2026-01-01", "2026-13-45"), 2, "“2026-13-45” is no date", "2026-03-01"),
        (("value: 2, ", "value: 2, valid_from: 1. März, "), 9, "is no date", "2026-03-01"),
        (("moment: greeting", "moment: hullo"), 18, "not allowed for “moment”", "Allowed are"),
        (('regulation: "900", number: "2"', 'regulation: "901", number: "2"'), 7, "“901” does not stand in “regulations”", "900"),
        (("name: 类型", "name: 类型\n    name: 又"), 13, "“name” stands twice", "Keep one"),
        (("value: 2, ", "value: [2, "), 9, "YAML is broken", "indentation"),
        (("value: 2, ", "value: &two 2, "), 9, "Anchors", "Write the value out"),
        (("texts:", "texts: none\nmore:"), 17, "must be a list", "- code"),
        (("value: 2, ", "value: &own [*own, *own], "), 9, "Anchors", "Write the value out"),
        (("value: 2, ", "value: *two, "), 9, "YAML is broken", "Check"),
        (("pack: {code: base, ", "pack: {"), 2, "“code” is missing", "Add it"),
        (('version: "1", valid', 'version: "1", requires: [nowhere], valid'), 2, "“nowhere” was not found", "Known are"),
        (('version: "1", valid', 'version: "1", requires: [base], valid'), 2, "in a ring", "Take one"),
    ],
)
def test_each_mistake_is_told_with_line_and_remedy(tmp_path, change, line, what, remedy):
    assert change[0] in BASE
    problems = check(write(tmp_path, text=BASE.replace(*change, 1)))
    told = [(problem.line, problem.what, problem.remedy) for problem in problems]
    assert any(at == line and what in text and remedy in fix for at, text, fix in told), told
    assert all(problem.file == "pack.yaml" and problem.column >= 1 for problem in problems)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"- a\n- b\n", b"a: [" * 3000, b"%TAG ! x\n---\n", "pack: 🙂\u202e".encode(), b"{" * 500]
)
def test_no_content_breaks_the_check(tmp_path, content):
    (tmp_path / "pack.yaml").write_bytes(content)
    assert check(tmp_path)


def test_a_missing_file_is_a_problem(tmp_path):
    assert check(tmp_path / "none.yaml")[0].what.startswith("The file cannot be read")
    assert check(tmp_path)[0].what.startswith("There is no YAML file")


def test_the_mistakes_are_told_in_chinese_too(tmp_path):
    with translation.override("zh-hans"):
        problem = check(write(tmp_path, text=BASE.replace("value: 2, ", "", 1)))[0]
    assert "缺少" in problem.what
