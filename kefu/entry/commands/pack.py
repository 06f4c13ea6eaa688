"""Rule packs: what ships, what is loaded, what a file would change."""

from __future__ import annotations

import argparse
import os

HELP = "Check, compare and load rule packs."


def arguments(parser: argparse.ArgumentParser) -> None:
    default = "zh-hans" if os.environ.get("LANG", "").lower().startswith("zh") else "en"
    parser.add_argument("--language", choices=["zh-hans", "en"], default=default, help="language of the messages (default: from LANG)")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="packs that ship with Kefu and packs that are loaded")
    for verb, what in (
        ("check", "find every mistake of a pack; needs no database"),
        ("diff", "what loading would change"),
        ("load", "load a pack and those it requires, all or nothing"),
        ("show", "what a pack holds"),
    ):
        child = verbs.add_parser(verb, help=what)
        child.add_argument("pack", metavar="PACK", help="code of a shipped pack, a folder or a YAML file")
        if verb == "load":
            child.add_argument("--as", dest="username", help="in whose name (default: the system)")


def run(options: argparse.Namespace) -> int:
    from kefu.entry.commands import _packs

    return _packs.run(options)
