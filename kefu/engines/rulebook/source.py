"""A pack as text: YAML files read into plain values that remember their lines."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

SHIPPED = Path(__file__).resolve().parents[2] / "packs"
MAX_BYTES = 4_000_000
MAX_DEPTH = 40


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a pack: where it stands (line and column count from 1), what is wrong, what to do."""

    file: str
    line: int
    column: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what} {self.remedy}"


@dataclass
class Found:
    """A value of a file with the place of every part: ``places`` maps a path of keys and indexes to (line, column)."""

    file: str
    value: Any
    places: dict[tuple[Any, ...], tuple[int, int]]

    def place(self, path: tuple[Any, ...]) -> tuple[int, int]:
        """The place of ``path``, or of the nearest part above it that stands in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def problem(self, path: tuple[Any, ...], what: str, remedy: str) -> Problem:
        line, column = self.place(path)
        return Problem(self.file, line, column, what, remedy)


@dataclass
class Source:
    """The files of one pack."""

    files: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sha256: str = ""


class _Anchored(Exception):
    """A part that an alias may stand for; ``args`` holds its mark."""


class _Builder:
    """Turns YAML nodes into plain values and notes places. Text that looks like 004 stays text."""

    def __init__(self, file: str) -> None:
        self.found = Found(file, None, {})
        self.problems: list[Problem] = []

    def build(self, node: Node, path: tuple[Any, ...]) -> Any:
        if node.anchor is not None:  # before it is gone into: what stands for itself many times over, or within itself, has no end
            raise _Anchored(node.start_mark)
        self.found.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if len(path) > MAX_DEPTH:
            self.say(path, _("This is nested too deeply."), _("Flatten it."))
            return None
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        return self.scalar(node, path) if isinstance(node, ScalarNode) else None

    def mapping(self, node: MappingNode, path: tuple[Any, ...]) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key is None:
                self.found.places[(*path, "?")] = place
                self.say((*path, "?"), _("A key must be a word."), _("Write it as “name: value”."))
            elif key in made:
                self.found.places[(*path, "?")] = place
                self.say((*path, "?"), _("The key “%(key)s” stands twice here.") % {"key": key}, _("Keep one of the two."))
            else:
                self.found.places[(*path, key)] = place
                made[key] = self.build(value_node, (*path, key))
        return made

    def scalar(self, node: ScalarNode, path: tuple[Any, ...]) -> Any:
        text: str = node.value
        word = str(node.tag).rpartition(":")[2]
        if word == "null":
            return None
        if word == "bool":
            return text.lower() == "true"
        if word == "int" and not (len(text) > 1 and text.startswith("0")):
            return _number(int, text)
        if word == "float":
            return _number(float, text)
        if word == "timestamp":
            return _number(date.fromisoformat, text)
        return text

    def say(self, path: tuple[Any, ...], what: str, remedy: str) -> None:
        self.problems.append(self.found.problem(path, what, remedy))


def _number(make: Any, text: str) -> Any:
    """``text`` as a number or date, or itself where it only looks like one."""
    try:
        return make(text)
    except ValueError:
        return text


def _parse(file: str, content: bytes) -> tuple[Found | None, list[Problem]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, [Problem(file, 1, 1, _("The file is not UTF-8 text."), _("Save it with the encoding UTF-8."))]
    if "\x00" in text or len(content) > MAX_BYTES:
        return None, [Problem(file, 1, 1, _("This is no text file of a pack."), _("A pack file holds at most 4 MB of text."))]
    try:
        return _composed(file, text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return None, [
            Problem(
                file,
                line,
                column,
                _("The YAML is broken here: %(why)s.") % {"why": error.problem or error.context or ""},
                _("Check colon, quotes and indentation of this line and the one above."),
            )
        ]
    except (YAMLError, RecursionError) as error:
        why = str(error).splitlines()[0] if str(error) else ""
        return None, [Problem(file, 1, 1, _("The YAML cannot be read: %(why)s.") % {"why": why}, _("Check the file in a text editor."))]


def _composed(file: str, text: str) -> tuple[Found | None, list[Problem]]:
    if not text.strip():
        return None, []
    node = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    if node is None:
        return None, []
    builder = _Builder(file)
    try:
        builder.found.value = builder.build(node, ())
    except _Anchored as error:
        mark = error.args[0]
        what = _("Anchors (&) and aliases (*) are not used in packs.")
        return None, [Problem(file, mark.line + 1, mark.column + 1, what, _("Write the value out."))]
    return builder.found, builder.problems


@lru_cache(maxsize=64)
def _parsed(file: str, content: bytes, language: str) -> tuple[Found | None, tuple[Problem, ...]]:
    found, problems = _parse(file, content)
    return found, tuple(problems)


def read(path: Path) -> Source:
    """Read a pack: a folder with YAML files, or one file. Nothing is raised for bad content; ``problems`` tells."""
    source = Source()
    files = sorted((*path.glob("*.yaml"), *path.glob("*.yml"))) if path.is_dir() else [path]
    if path.is_dir() and not files:
        source.problems.append(Problem(path.name, 1, 1, _("There is no YAML file in this folder."), _("A pack starts with pack.yaml.")))
    contents = []
    for file in files:
        try:
            contents.append((file.name, file.read_bytes()))
        except OSError as error:
            what = _("The file cannot be read: %(why)s.") % {"why": error.strerror or error}
            source.problems.append(Problem(file.name, 1, 1, what, _("Check its name and its permissions.")))
    add(source, contents)
    return source


def add(source: Source, contents: list[tuple[str, bytes]]) -> None:
    """Read files given as (name, content) into ``source``."""
    digest = hashlib.sha256()
    for name, content in contents:
        digest.update(name.encode() + b"\x00" + content + b"\x00")
        found, problems = _parsed(name, content, get_language() or "")
        source.problems.extend(problems)
        if found is not None:
            source.files.append(found)
    source.sha256 = digest.hexdigest()


def shipped() -> list[str]:
    """The codes of the packs that come with the package."""
    return sorted(folder.name for folder in SHIPPED.iterdir() if (folder / "pack.yaml").exists())


def shipped_stamp() -> int:
    """Changes when a file of a shipped pack changes."""
    return hash(tuple((str(file), file.stat().st_mtime_ns) for file in sorted(SHIPPED.glob("*/*.y*ml"))))


def find(pack: str | Path) -> Path:
    """The place of a pack given by its code (a shipped one) or by a path."""
    name = str(pack)
    if name.replace("-", "").isalnum() and (SHIPPED / name / "pack.yaml").exists():
        return SHIPPED / name
    return Path(pack)
