"""The clock: what-if questions, one round of the ticker, official holidays."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

HELP = "answer when a limit ends, run one round of the ticker, see or import official holidays"
_DUE = """JSON lines in, JSON lines out. A line asks
{"calendar": {"timezone": "Asia/Shanghai", "week": {"mon": [["08:30","12:00"],["13:30","17:30"]], ...},
"holidays": ["2026-10-01", ...], "workdays": ["2026-10-10", ...]}, "start": "2026-09-30T11:00",
"limit": {"amount": 8, "unit": "business_hour"}, "pauses": [{"from": ..., "to": ...}]}
where "calendar" may also be the code of a calendar of the centre, and is answered by {"due": ...} or {"error": ...}.

Units: minute, clock_hour, business_hour (from the moment, to the same instant); working_day (the day after is day 1, ends at close of
business of the last day); calendar_day, month (the day after is day 1, end at 24:00, written 23:59:59, and a last day that is a rest
day moves to the next working day). A limit may name other rules: "start": at_once | next_day, "end": same_instant | end_of_day |
close_of_business, "rest": as_is | move, "pausable": true | false. A calendar may also hold
"exceptions": {"2026-05-04": [["09:00","12:00"]]}, "makeup" (spans of make-up workdays; otherwise those of a normal workday) and
"always": true (24x7). Times without an offset are wall times of the calendar."""


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    plain = argparse.RawDescriptionHelpFormatter
    verbs.add_parser("due", help="answer what-if questions from standard input", description=_DUE, formatter_class=plain)
    verbs.add_parser("tick", help="run one round of the ticker: warn, say what has run out, carry it upward")
    holidays = verbs.add_parser("holidays", help="see or import official holidays")
    ways = holidays.add_subparsers(dest="way", required=True, metavar="WAY")
    ways.add_parser("import", help="import a year in the form of holiday-cn").add_argument("file", type=Path)
    ways.add_parser("list", help="list a year").add_argument("year", type=int)


def run(options: argparse.Namespace) -> int:
    if options.verb == "due":
        return _due()
    if options.verb == "tick":
        return _tick()
    return _import(options.file) if options.way == "import" else _list(options.year)


def _due() -> int:
    import orjson

    from kefu.engines.clock.whatif import answer

    out = sys.stdout.buffer
    try:
        for number, line in enumerate(sys.stdin.buffer):
            text = (line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line).strip()
            if text:
                out.write(orjson.dumps(answer(text)) + b"\n")
                out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _tick() -> int:
    from kefu.engines.clock.ticker import tick

    print(" ".join(f"{name}={count}" for name, count in tick().items()))
    return 0


def _import(file: Path) -> int:
    import orjson

    from kefu.engines.clock import holidays, rules
    from kefu.kit.errors import KefuError

    try:
        year, days = holidays.read(orjson.loads(file.read_bytes().removeprefix(b"\xef\xbb\xbf")))
        count = holidays.store(year, days)
    except (OSError, ValueError) as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 1
    except KefuError as error:
        print(f"{file}: {error.message()}", file=sys.stderr)
        return 1
    rules.forget()
    print(f"{year}: {count}")
    return 0


def _list(year: int) -> int:
    from kefu.engines.clock import holidays

    days = holidays.known().get(year)
    if not days:
        print(f"{year}: no holidays are known; Monday to Friday are counted until they are imported", file=sys.stderr)
        return 1
    for day in days:
        print(f"{day.date} {day.kind:<4} {day.name}")
    return 0
