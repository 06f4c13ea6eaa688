"""The texts of the house: ``check`` that they are complete, ``compile`` them, print what is ``missing``.

python tools/texts.py check
python tools/texts.py compile
python tools/texts.py missing complaints      PO stubs of the texts of one capability (or of all)
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kefu"
sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog, Message  # noqa: E402
from babel.messages.extract import extract  # noqa: E402
from babel.messages.pofile import PoFileError, PoFileParser  # noqa: E402

from kefu.entry import texts  # noqa: E402

KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
JINJA = {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.do", "newstyle_gettext": "true"}
PLACE = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")


class Key(NamedTuple):
    """What a text is looked up by."""

    context: str | None
    id: str


class Said(NamedTuple):
    """Where the code says a text, and its plural if it has one."""

    places: list[str]
    plural: list[str]


Places = dict[Key, Said]


def sources() -> Iterator[tuple[Path, str]]:
    """Files that may hold texts, and how to read them."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in file.parts:
            yield file, "python"
    for folder in (PACKAGE / "templates", PACKAGE / "kit" / "components"):
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".html", ".txt", ".jinja", ".xml", ".svg"}:
                yield file, "jinja2.ext:babel_extract"


def extracted() -> Places:
    """Every text in the code, with the places it stands at."""
    found: Places = defaultdict(lambda: Said([], []))
    for file, method in sources():
        with file.open("rb") as stream:
            options = JINJA if method.startswith("jinja2") else {}
            for line, ids, _comments, context in extract(method, stream, KEYWORDS, options=options):
                first, *more = ids if isinstance(ids, (tuple, list)) else [ids]
                said = found[Key(context, first)]
                said.places.append(f"{file.relative_to(ROOT).as_posix()}:{line}")
                said.plural.extend(more[-1:])
    return found


class _Listing(Catalog):
    """A catalogue that remembers each entry that was read, also the second of the same text."""

    def __init__(self, **options: Any) -> None:
        self.entries: list[Message] = []
        super().__init__(**options)

    def __setitem__(self, id: Any, message: Message) -> None:  # noqa: A002 - Babel's name
        if id:
            self.entries.append(message)
        super().__setitem__(id, message)


class Entry(NamedTuple):
    """One translated text as it stands in a PO file."""

    key: Key
    model: str
    strings: tuple[str, ...]
    fuzzy: bool
    place: str


def translated(language: str) -> list[Entry]:
    """Every entry of every PO file of a language. Raises ``PoFileError`` for a file that cannot be read."""
    found = []
    for file in sorted((PACKAGE / "texts" / language).glob("*.po")):
        catalog = _Listing(locale=texts.LANGUAGES[language])
        with file.open("rb") as stream:
            try:
                PoFileParser(catalog, ignore_obsolete=True, abort_invalid=True).parse(stream)
            except PoFileError as error:
                raise PoFileError(f"{file.name}: {error}", catalog, error.line, error.lineno) from error
        for one in catalog.entries:
            first, *more = [one.id] if isinstance(one.id, str) else one.id
            strings = (one.string,) if isinstance(one.string, str) else tuple(one.string or ())
            place = f"{file.relative_to(ROOT).as_posix()}:{one.lineno}"
            found.append(Entry(Key(one.context, first), [first, *more][-1], strings, one.fuzzy, place))
    return found


def _mismatch(entry: Entry) -> bool:
    wanted = sorted(PLACE.findall(entry.model))
    return all(entry.strings) and any(sorted(PLACE.findall(text)) != wanted for text in entry.strings)


def _entry_faults(code: Places, entries: list[Entry]) -> Iterator[str]:
    seen: dict[Key, Entry] = {}
    for entry in entries:
        said = repr(entry.key.id)
        if entry.fuzzy:
            yield f"{entry.place}: fuzzy: {said}"
        if entry.key not in code:
            yield f"{entry.place}: obsolete (no code says it): {said}"
        if _mismatch(entry):
            yield f"{entry.place}: the places differ: {said} -> {entry.strings[0]!r}"
        first = seen.setdefault(entry.key, entry)
        if first.strings != entry.strings:
            yield f"{entry.place}: {said} is {entry.strings[0]!r} here but {first.strings[0]!r} at {first.place}"


def faults(code: Places, entries: list[Entry]) -> list[str]:
    """What is wrong with the translations, one line each."""
    done = {entry.key for entry in entries if entry.strings and all(entry.strings)}
    absent = [
        f"{said.places[0]}: missing: {key.id!r}" for key, said in sorted(code.items(), key=lambda one: one[1].places) if key not in done
    ]
    return [*absent, *_entry_faults(code, entries)]


def check() -> int:
    """Print every fault; 1 if there is one."""
    code = extracted()
    found = []
    for language in texts.LANGUAGES:
        try:
            found += faults(code, translated(language))
        except PoFileError as error:
            found.append(str(error))
    for line in found:
        print(line)
    print(f"texts: {len(code)} in the code, {len(found)} faults")
    return 1 if found else 0


def missing(capability: str) -> int:
    """Print PO stubs of untranslated texts whose first place names ``capability`` ("" for all)."""
    done = {entry.key for language in texts.LANGUAGES for entry in translated(language) if all(entry.strings)}
    for key, said in sorted(extracted().items(), key=lambda one: one[1].places):
        if key in done or not any(f"/{capability}" in place for place in said.places):
            continue
        print(f"#: {said.places[0]}")
        if key.context:
            print(f"msgctxt {_quoted(key.context)}")
        print(f"msgid {_quoted(key.id)}")
        print(f'msgid_plural {_quoted(said.plural[0])}\nmsgstr[0] ""\n' if said.plural else 'msgstr ""\n')
    return 0


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main(words: list[str]) -> int:
    if words[:1] == ["check"]:
        return check()
    if words[:1] == ["compile"]:
        texts.compile_all(PACKAGE, PACKAGE / "locale")
        return 0
    if words[:1] == ["missing"]:
        return missing(words[1] if len(words) > 1 else "")
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
