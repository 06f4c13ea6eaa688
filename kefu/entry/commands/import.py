"""Import rows from Excel or CSV, all of them or none."""  # noqa: N999 - the command is called so

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "import customers from an Excel or CSV file: everything or nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["customers"])
    parser.add_argument("file", type=Path, help=".xlsx, or CSV in UTF-8 or GB18030")
    parser.add_argument(
        "--columns", metavar="CODE=PLACE,...", default="", help="which column is which, counted from 1 (default: by its head)"
    )
    parser.add_argument("--as", dest="username", help="in whose name (default: the system)")


def run(options: argparse.Namespace) -> int:
    from kefu.kit.errors import KefuError

    try:
        return _import(options)
    except OSError as error:
        print(f"{options.file}: {error.strerror or error}", file=sys.stderr)
    except KefuError as error:
        print(f"{options.file}: {error.message()}", file=sys.stderr)
        for name, text in error.fields.items():
            print(f"  {name}: {text}", file=sys.stderr)
    return 1


def _import(options: argparse.Namespace) -> int:
    from kefu.engines.imports import queries, services
    from kefu.engines.imports.models import State
    from kefu.entry.commands.user import staff_named
    from kefu.people.actor import SYSTEM, load

    actor = (load(staff_named(options.username).pk) or SYSTEM) if options.username else SYSTEM
    with options.file.open("rb") as file:
        run = services.begin(actor=actor, kind="customer", upload=file, name=options.file.name)
    chosen = dict(part.split("=", 1) for part in options.columns.split(",") if "=" in part)
    mapping = {**run.mapping, **{code: int(place) - 1 for code, place in chosen.items() if place.isdecimal()}}
    run = services.start(actor=actor, run_id=run.pk, mapping=mapping, at_once=True)
    if run.state != State.DONE:
        for line, column, text in queries.faults(run):
            print(f"{line}\t{column}\t{text}", file=sys.stderr)
        print(f"{options.file}: {run.fault_count} faults, nothing was imported", file=sys.stderr)
        return 1
    print(f"rows={run.rows} created={run.created} changed={run.changed} same={run.same}")
    return 0
