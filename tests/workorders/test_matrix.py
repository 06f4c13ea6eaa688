"""Every state, situation and post against the committed table. ``KEFU_MATRIX=write`` writes it anew; the commit shows what changed."""

import os

from tests.workorders import matrix


def test_the_matrix_is_as_committed():
    lines = matrix.lines()
    if os.environ.get("KEFU_MATRIX") == "write":
        matrix.TABLE.write_text("\n".join(lines) + "\n")
    assert lines == matrix.TABLE.read_text().splitlines()


def test_who_only_reads_or_runs_the_machine_gives_no_command():
    for line in matrix.lines():
        post, names = line[32:58].strip(), line[58:].strip()
        if post in {"auditor", "administrator", "guest of no post"}:
            assert names == "-", line


def test_nothing_moves_an_order_that_is_over():
    for line in matrix.lines():
        if line.startswith(("archived", "void")):
            assert line[58:].strip() in {"-", "correct"}, line
