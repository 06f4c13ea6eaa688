"""``kefu search eval``: how well the search of this house answers questions whose answers are known."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

HELP = "measure how well questions find their answers"
READY = False


def arguments(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_subparsers(dest="way", required=True, metavar="WAY")
    child = ways.add_parser(
        "eval", help="index documents in a store of its own, ask all questions, print MRR@10, right at 1, within 10, time"
    )
    child.add_argument("documents", type=Path, metavar="DOCS.jsonl", help='a document a line: {"id": ..., "text": ...}')
    child.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl", help='a question a line: {"text": ..., "relevant": [ids]}')
    child.add_argument(
        "--postgresql", default="", metavar="ADDRESS", help="use a database made for this beside that one, instead of SQLite"
    )
    child.add_argument("--json", action="store_true", help="print one line of JSON")


def run(options: argparse.Namespace) -> int:
    """0, or 2 with a sentence for files that cannot be read."""
    try:
        documents = [(str(row["id"]), str(row["text"])) for row in _lines(options.documents, {"id", "text"})]
        questions = [(str(row["text"]), {str(one) for one in row["relevant"]}) for row in _lines(options.questions, {"text", "relevant"})]
    except (OSError, ValueError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if options.postgresql and not options.postgresql.startswith("postgresql://"):
        print(f"{options.postgresql}: an address begins with postgresql://", file=sys.stderr)
        return 2
    if not documents or not questions:
        print("There must be at least one document and one question.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="kefu-search-") as folder, _store(Path(folder), options.postgresql) as address:
        os.environ.update(KEFU_STATE=folder, KEFU_DATABASE=address)
        figures = _measure(documents, questions)
    _tell(figures, as_json=options.json)
    return 0


def _lines(path: Path, wanted: set[str]) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as wrong:
                raise ValueError(f"{path}, line {number}: this is no JSON.") from wrong
            if not isinstance(row, dict) or not wanted <= row.keys() or not isinstance(row.get("relevant", []), list):
                raise ValueError(f"{path}, line {number}: an object with {' and '.join(sorted(wanted))} is expected.")
            yield row


@contextmanager
def _store(folder: Path, address: str) -> Iterator[str]:
    """The address of an empty database that is gone afterwards."""
    if not address:
        yield str(folder / "eval.sqlite3")
        return
    import psycopg

    parts = urlsplit(address)
    name = f"kefu_search_eval_{os.getpid()}"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres", query="")), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _measure(documents: list[tuple[str, str]], questions: list[tuple[str, set[str]]]) -> dict[str, float]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", "search", verbosity=0)
    try:
        from kefu.engines.search import evaluation

        return evaluation.measure(documents, questions)
    finally:
        connections.close_all()


def _tell(figures: dict[str, float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({name: round(value, 9) for name, value in figures.items()}))
        return
    print(f"documents       {figures['documents']:.0f}")
    print(f"questions       {figures['questions']:.0f}")
    print(f"MRR@10          {figures['mrr_at_10']:.4f}")
    print(f"right at 1      {figures['right_at_1']:.4f}")
    print(f"within 10       {figures['within_10']:.4f}")
    print(f"time per query  {figures['ms_per_query']:.2f} ms (p95 {figures['ms_p95']:.2f} ms)")
