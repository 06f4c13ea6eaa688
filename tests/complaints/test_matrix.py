"""Every state, situation and post against the committed table. ``KEFU_MATRIX=write`` writes it anew; the commit shows what changed."""

import os

from tests.complaints import matrix


def test_the_matrix_is_as_committed():
    lines = matrix.lines()
    if os.environ.get("KEFU_MATRIX") == "write":
        matrix.TABLE.write_text("\n".join(lines) + "\n")
    assert lines == matrix.TABLE.read_text().splitlines()


def test_the_one_complained_of_and_departments_elsewhere_only_remark():
    for line in matrix.lines():
        post, names = line[35:60].strip(), line[60:].strip()
        if post in {"the one complained of", "head elsewhere", "agent"}:
            assert names in {"-", "note"}, line


def test_nothing_moves_a_complaint_that_is_over():
    for line in matrix.lines():
        if line.startswith(("archived", "withdrawn")):
            assert line[60:].strip() == "-", line
