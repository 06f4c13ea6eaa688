"""The linters of the house: what ruff, mypy and the import contracts cannot say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import proofs  # noqa: E402

FILE_LINES, FUNCTION_LINES = 400, 40
Fault = tuple[str, int, str]
Function = ast.FunctionDef | ast.AsyncFunctionDef

CAPABILITY_FLOORS = {"touch", "cases", "practice", "insight"}
CAPABILITY_FILES = {
    *("__init__", "choices", "models", "queries", "policies", "services", "schemas"),
    *("declares", "api", "pages", "tasks", "migrations"),
    # "rules" reads the capability's sections of a pack; the others are services that were split by what they do.
    # "settings" writes what an administrator changes, "settings_pages" shows it.
    # "registry" holds what a capability asks of those above it.
    *("rules", "routing", "asking", "handling", "settings", "settings_pages", "registry"),
    # What insight holds: the sources of its measures, paper forms, the Excel file, the pages of a day, which test proves what.
    *("measures", "papers", "workbook", "day_pages", "proofs"),
}
# What one capability may take from another. Foreign keys need the models; frozen figures are read from everywhere.
DOORS = {"services", "queries", "schemas", "choices", "policies", "declares", "routing", "asking", "handling", "registry"}
# People are open: every signature names a person or a unit.
PEOPLE_DOORS = DOORS | {
    "models",
    "actor",
    "audit",
    "http",
    "incompatible",
    "registry",
    "paths",
    "page_forms",
    "posts",
    "api_auth",
    "sign_in",
}
# Every service speaks of a Subject, so its table is a door; the events in it are written by timeline.services only.
TIMELINE_DOORS = DOORS | {"registry", "feed", "models", "waking"}
# Flows hold and lock the rows of the capabilities they join; entry and insight read everything.
FREE_FLOORS = {"entry", "insight", "flows"}

PROVING = ("assert", "expect", "check", "prove", "fail")
WORDS = re.compile("|".join([r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bXX" + r"X\b", "work" + "tree", "sub" + "agent"]))
PATHS = re.compile("|".join(["/wo" + r"rk/(main|shared|wt)\b", "/opt/ke" + "fu-venv", "/ro" + "ot/", "/ho" + r"me/\w"]))
HOSTS = re.compile(r"https?://([A-Za-z0-9.-]+)")
KNOWN_HOSTS = re.compile(
    r"(.*\.)?(localhost|example|invalid|test|example\.(com|org|net)|w3\.org|openapis\.org|json-schema\.org|openxmlformats\.org|apache\.org)"
    r"|127\.0\.0\.1|0\.0\.0\.0|testserver"
)
TEXT_FILES = {".py", ".html", ".md", ".toml", ".ts", ".scss", ".css", ".json", ".yaml", ".yml", ".po", ".sh", ".lock", ".txt", ".svg", ""}
HOSTLESS_FILES = TEXT_FILES - {".md", ".po", ""}


def tracked() -> list[str]:
    """Every file of the tree that git knows or would know."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        listed = [
            path.relative_to(ROOT).as_posix() for folder in ("kefu", "tests", "tools", "docs") for path in (ROOT / folder).rglob("*.*")
        ]
    return sorted({name for name in listed if name and (ROOT / name).is_file()})


def text_faults(name: str, text: str) -> Iterator[Fault]:
    """Words, paths and hosts that have no place in the tree."""
    hostless = PurePosixPath(name).suffix in HOSTLESS_FILES
    for number, line in enumerate(text.split("\n"), 1):
        for pattern, what in ((WORDS, "word"), (PATHS, "path of one machine")):
            if found := pattern.search(line):
                yield name, number, f"a {what} that has no place here: {found.group()!r}"
        for host in HOSTS.findall(line) if hostless else ():
            if not KNOWN_HOSTS.fullmatch(host):
                yield name, number, f"a foreign host: {host}"


def size_faults(name: str, text: str, tree: ast.Module) -> Iterator[Fault]:
    """Files and functions that ask to be split."""
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield name, 1, f"{lines} lines; split it at {FILE_LINES}"
    if name.startswith("tests/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, Function):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield name, node.lineno, f"{node.name} has {length} lines; split it at {FUNCTION_LINES}"


def ignore_faults(name: str, text: str) -> Iterator[Fault]:
    """``type: ignore`` must say what it ignores."""
    for number, line in enumerate(text.split("\n"), 1):
        if re.search(r"# type: ?ignore(?!\[)", line) and name != "tools/house.py":
            yield name, number, "type: ignore without a code"


def _proves(test: Function) -> bool:
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"raises", "warns"} or called.lstrip("_").startswith(PROVING):
                return True
    return False


def test_faults(name: str, tree: ast.Module) -> Iterator[Fault]:
    """Every test asserts something."""
    if not PurePosixPath(name).name.startswith("test_"):
        return
    for node in ast.walk(tree):
        if isinstance(node, Function) and node.name.startswith("test") and not _proves(node):
            yield name, node.lineno, f"{node.name} asserts nothing"


def capability_of(parts: tuple[str, ...]) -> tuple[str, ...]:
    """What a module belongs to: ``("kefu", "cases", "workorders")``, deeper for channels, or just the floor."""
    if len(parts) < 2 or parts[1] in {"kit", "people", "timeline", "entry", "flows"}:
        return parts[:2]
    return parts[:4] if parts[:3] == ("kefu", "touch", "channels") else parts[:3]


def file_faults(name: str) -> Iterator[Fault]:
    """A capability holds only the files that CONTRIBUTING.md lists."""
    parts = PurePosixPath(name).with_suffix("").parts
    if len(parts) < 4 or parts[1] not in CAPABILITY_FLOORS:
        return
    own = capability_of(parts)
    if len(parts) > len(own) and parts[len(own)] not in CAPABILITY_FILES and parts != (*own, "__init__"):
        yield name, 1, f"a capability has no file {parts[len(own)]!r} (CONTRIBUTING.md lists them)"


def _imports(tree: ast.Module) -> Iterator[tuple[int, tuple[str, ...]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kefu."):
            for one in node.names:
                yield node.lineno, (*node.module.split("."), one.name)
        elif isinstance(node, ast.Import):
            for one in node.names:
                if one.name.startswith("kefu."):
                    yield node.lineno, tuple(one.name.split("."))


def door_faults(name: str, tree: ast.Module) -> Iterator[Fault]:
    """From outside, a capability is entered by its doors only; its tables by models (foreign keys) and insight."""
    parts = PurePosixPath(name).with_suffix("").parts
    if parts[0] != "kefu" or len(parts) < 3 or parts[1] in FREE_FLOORS:
        return
    own = capability_of(parts)
    for line, target in _imports(tree):
        other = capability_of(target)
        if other == own or len(target) <= len(other) or target[1] == "kit":
            continue
        door = target[len(other)]
        if door == "models" and (parts[-1] == "models" or parts[len(own) : len(own) + 1] == ("models",)):
            continue
        if target[1] == "engines" and door != "models":
            continue
        if door not in (PEOPLE_DOORS if target[1] == "people" else TIMELINE_DOORS if target[1] == "timeline" else DOORS | {"registry"}):
            yield name, line, f"{'.'.join(target[: len(other) + 1])} is not a door (services, queries, schemas, choices, policies)"


def faults(name: str) -> Iterator[Fault]:
    """Everything wrong with one file."""
    path = ROOT / name
    if path.suffix not in TEXT_FILES or name.endswith(("package-lock.json", "LICENSE")):
        return
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        if path.suffix == ".py":
            yield name, 1, "not UTF-8"
        return
    yield from text_faults(name, text)
    if path.suffix != ".py" or "migrations" in path.parts:
        return
    tree = ast.parse(text, filename=name)
    yield from size_faults(name, text, tree)
    yield from ignore_faults(name, text)
    yield from test_faults(name, tree)
    yield from file_faults(name)
    yield from door_faults(name, tree)


def main() -> int:
    names = tracked()
    found = [fault for name in names for fault in faults(name)]
    if proofs.stale():
        found.append(("kefu/insight/compliance/proofs.json", 1, "stale: run python tools/proofs.py"))
    for name, line, what in found:
        print(f"{name}:{line}: {what}")
    print(f"house: {len(names)} files, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
