"""E-mail from the command line."""

from __future__ import annotations

import argparse

HELP = "Read e-mail messages, or take them in."
READY = False  # reading needs no database; ``ingest`` prepares it itself


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    read = verbs.add_parser("read", help="print one JSON line a message: header, texts, new text, attachments; nothing is stored")
    read.add_argument("files", nargs="*", metavar="FILE", help="message (.eml) or mbox; - or nothing: standard input")
    take = verbs.add_parser("ingest", help="take letters into the inbox, as a mail server hands them over; what cannot be read is kept")
    take.add_argument("files", nargs="*", metavar="FILE", help="message (.eml) or mbox; - or nothing: standard input")
    take.add_argument("--to", default="", metavar="ADDRESS", help="the mailbox; without it the addresses of the letter tell")

    fetch = verbs.add_parser("fetch", help="look once into the mailboxes and take in what is new; one JSON line a mailbox")
    fetch.add_argument("addresses", nargs="*", metavar="ADDRESS", help="only these mailboxes")


def run(options: argparse.Namespace) -> int:
    from kefu.entry.commands import _mail

    if options.verb == "fetch":
        return _mail.fetch(options.addresses)
    names = options.files or ["-"]
    return _mail.ingest(names, options.to) if options.verb == "ingest" else _mail.read(names)
