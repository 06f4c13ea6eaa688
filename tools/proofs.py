"""Which test proves which clause, read from the marks in the tests; which events cite which clause, read from the code.

python tools/proofs.py          write kefu/insight/compliance/proofs.json
python tools/proofs.py check    exit status 1 if it is stale
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "kefu" / "insight" / "compliance" / "proofs.json"
CLAUSE = re.compile(r"R-[0-9A-Z]+-[0-9A-Za-z.]+")
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")


def _marked(node: ast.AST) -> list[str]:
    """The clause ids of every ``clause(...)`` mark in a piece of code."""
    ids = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "clause":
            ids += [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return ids


def of_file(name: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(clause, test) for the tests of one file: marks of the file, of classes and of the tests themselves."""
    everywhere = [
        clause
        for node in tree.body
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "pytestmark" for target in node.targets)
        for clause in _marked(node)
    ]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            own = [clause for mark in node.decorator_list for clause in _marked(mark)]
            for inner in node.body:
                yield from _of_test(f"{name}::{node.name}", inner, [*everywhere, *own])
        else:
            yield from _of_test(name, node, everywhere)


def _of_test(where: str, node: ast.AST, more: list[str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
        for clause in [*more, *(clause for mark in node.decorator_list for clause in _marked(mark))]:
            yield clause, f"{where}::{node.name}"


def written(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(clause, event kind) for the events that a piece of code records and the clauses that it names with them."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            named = [one for node in ast.walk(function) if isinstance(node, ast.Assign) for one in _ids(node)]
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and (kind := _kind(call)):
                    for clause in _ids(call) or (
                        named if any(isinstance(one, ast.Name) and one.id == "clauses" for one in ast.walk(call)) else []
                    ):
                        yield clause, kind


def _ids(node: ast.AST) -> list[str]:
    return [
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str) and CLAUSE.fullmatch(one.value)
    ]


def _kind(call: ast.Call) -> str:
    """The kind of event that a call records, if it names clauses with it."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name != "Happened" and not any(word.arg == "clauses" for word in call.keywords):
        return ""
    told = [word.value for word in call.keywords if word.arg in {"event", "kind"}] + (list(call.args) if name == "Happened" else [])
    kinds = [one.value for one in told if isinstance(one, ast.Constant) and isinstance(one.value, str) and EVENT.fullmatch(one.value)]
    return kinds[0] if kinds else ""


def _pairs(folder: str, pattern: str, read: Callable[[str, ast.Module], Iterator[tuple[str, str]]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / folder).rglob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        for clause, what in read(name, ast.parse(path.read_text(encoding="utf-8"), filename=name)):
            found.setdefault(clause, set()).add(what)
    return {clause: sorted(whats) for clause, whats in sorted(found.items())}


def collected() -> str:
    """The file as it should be: tests by clause, and kinds of events by clause."""
    made = {"proven": _pairs("tests", "test_*.py", of_file), "written": _pairs("kefu", "*.py", lambda _name, tree: written(tree))}
    return json.dumps(made, indent=1) + "\n"


def stale() -> bool:
    """Whether the committed file differs from the tests; never where there are no tests."""
    return (ROOT / "tests").is_dir() and (not FILE.exists() or FILE.read_text(encoding="utf-8") != collected())


def main(words: list[str]) -> int:
    if words == ["check"]:
        if stale():
            print("proofs.json is stale: run python tools/proofs.py")
        return int(stale())
    FILE.write_text(collected(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
