"""Compiling the texts of kefu/texts/ into the one catalogue that Django loads. Knows neither Django nor the database."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LANGUAGES = {"zh-Hans": "zh_Hans"}
_STAMP = "texts.stamp"


def fingerprint(package: Path) -> str:
    """A hash over all PO files; a few milliseconds."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted((package / "texts").glob("*/*.po")):
        digest.update(f"{file.parent.name}/{file.name}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def fresh(package: Path, target: Path) -> bool:
    """Whether the catalogue in ``target`` was compiled from the PO files there are (or there are none to compile)."""
    if not (package / "texts").is_dir():
        return True
    stamp = target / _STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint(package)


def merged(folder: Path) -> Catalog:
    """All PO files of one language as one catalogue; fuzzy texts are left out."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    whole = Catalog(locale=LANGUAGES[folder.name], project="kefu", charset="utf-8", fuzzy=False)
    for file in sorted(folder.glob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=LANGUAGES[folder.name], abort_invalid=True):
                if message.id and message.string and not message.fuzzy:
                    whole.add(message.id, message.string, context=message.context)
    return whole


def compile_all(package: Path, target: Path) -> None:
    """Write ``<target>/<locale>/LC_MESSAGES/django.mo`` for each language; several processes may do so at once."""
    from babel.messages.mofile import write_mo

    print_of_sources = fingerprint(package)
    for name, locale in LANGUAGES.items():
        folder = target / locale / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"django.{os.getpid()}.tmp"
        with draft.open("wb") as stream:
            write_mo(stream, merged(package / "texts" / name))
        draft.replace(folder / "django.mo")
    draft = target / f"{_STAMP}.{os.getpid()}.tmp"
    draft.write_text(print_of_sources)
    draft.replace(target / _STAMP)


def ensure(package: Path, target: Path) -> None:
    """Compile if the PO files changed; an installation whose folders cannot be written keeps the catalogue it came with."""
    try:
        if not fresh(package, target):
            compile_all(package, target)
    except OSError:
        return
