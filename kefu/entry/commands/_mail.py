"""`kefu mail read` and `kefu mail ingest`: one JSON line a message, whatever the bytes are."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from kefu.engines.mail import reading

_MBOX = re.compile(rb"(?:\A|\n\r?\n)From [^\r\n]{1,300}\d\d:\d\d[^\r\n]{0,60}\r?\n(?=[!-9;-~]{1,80}:)")


def messages(data: bytes) -> Iterator[bytes]:
    """The messages of a file: of an mbox each, else the whole."""
    if not data.startswith(b"From "):
        yield data
        return
    starts = [found.end() for found in _MBOX.finditer(data)]
    ends = [found.start() for found in _MBOX.finditer(data)][1:]
    if len(starts) < 2:
        yield data
        return
    for start, end in zip(starts, [*ends, len(data)], strict=True):
        yield data[start:end].replace(b"\n>From ", b"\nFrom ")


def _bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(reading.MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(reading.MAX_BYTES + 1)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    try:
        data = _bytes(name)
    except OSError as error:
        yield {"error": error.strerror or str(error), "file": name}
        return
    for number, one in enumerate(messages(data), 1):
        place: dict[str, Any] = {"file": name} if number == 1 else {"file": name, "number": number}
        try:
            yield reading.read(one).as_json() | place
        except reading.NotAMail as error:
            yield {"error": str(error)} | place
        except Exception as error:  # one message never stops the others
            yield {"error": f"could not be read: {type(error).__name__}: {error}"} | place


def _encoded(line: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(line)
    except TypeError:  # a lone surrogate
        import json

        return json.dumps(line, ensure_ascii=True).encode("ascii")


def read(names: list[str]) -> int:
    """Print the lines; exit status 1 if any message could not be read."""
    bad = False
    for name in names:
        for line in _lines(name):
            bad = bad or "error" in line
            sys.stdout.buffer.write(_encoded(line) + b"\n")
            sys.stdout.buffer.flush()
    return 1 if bad else 0


NO_USER, TRY_AGAIN, TOO_LARGE = 67, 75, 65  # sysexits.h: a mail server bounces the first and the last, and offers the second again


def ingest(names: list[str], to: str) -> int:
    """Take the letters in, one JSON line each. Status 0: all are kept, in the inbox or in quarantine."""
    import django

    django.setup()
    from django.db import InterfaceError, OperationalError

    from kefu.kit.errors import Unavailable
    from kefu.touch.channels.email import queries, services

    account = queries.by_address(to) if to else None
    if to and account is None:
        print(f"no mailbox has the address {to}", file=sys.stderr)
        return NO_USER
    for name in names:
        data = _bytes(name)
        if len(data) > reading.MAX_BYTES:
            print(f"larger than {reading.MAX_BYTES // 1024 // 1024} MB", file=sys.stderr)
            return TOO_LARGE
        try:
            for one in messages(data):
                done = services.ingest(one, account=account)
                sys.stdout.buffer.write(orjson.dumps({"result": done.result, "id": done.id, "file": name}) + b"\n")
        except (Unavailable, OperationalError, InterfaceError) as error:
            print(f"cannot be stored now: {error}", file=sys.stderr)
            return TRY_AGAIN
        sys.stdout.buffer.flush()
    return 0


def fetch(addresses: list[str]) -> int:
    """One round through the mailboxes, several at a time. Status 1 if any could not be read to the end, 67 for an unknown address."""
    import django

    django.setup()
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from kefu.touch.channels.email import queries

    known = {one.lower(): pk for pk, one in queries.fetched()}
    wanted = [one.strip().lower() for one in addresses] or sorted(known)
    for one in wanted:
        if one not in known:
            print(f"no mailbox with an IMAP server has the address {one}", file=sys.stderr)
            return NO_USER

    def go(address: str) -> dict[str, Any]:
        try:
            return {"mailbox": address, **_round(known[address])}
        finally:
            if len(wanted) > 1:
                connection.close()

    bad = False
    if len(wanted) == 1:
        lines: Iterator[dict[str, Any]] = map(go, wanted)
    else:
        lines = ThreadPoolExecutor(max_workers=8).map(go, wanted)
    for line in lines:
        bad = bad or "error" in line
        sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()
    return 1 if bad else 0


def _round(account_id: int) -> dict[str, Any]:
    from django.db import DatabaseError

    from kefu.engines.post.servers import Trouble
    from kefu.kit.errors import Unavailable
    from kefu.touch.channels.email import asking
    from kefu.touch.channels.email.models import Mailbox

    try:
        return dict(asking.round_of(Mailbox.objects.get(pk=account_id)).results)
    except (Trouble, DatabaseError, Unavailable) as error:
        return {"error": str(error)}
