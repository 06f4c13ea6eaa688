"""E-mail from the command line."""

from __future__ import annotations

import argparse

HELP = "Read e-mail messages."
READY = False  # reading needs no database


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    read = verbs.add_parser("read", help="print one JSON line a message: header, texts, new text, attachments; nothing is stored")
    read.add_argument("files", nargs="*", metavar="FILE", help="message (.eml) or mbox; - or nothing: standard input")


def run(options: argparse.Namespace) -> int:
    from kefu.entry.commands import _mail

    return _mail.read(options.files or ["-"])
