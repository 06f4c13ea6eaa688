"""How every clause is carried out, proven, kept and broken."""

from __future__ import annotations

import argparse

HELP = "say per clause of the loaded regulations how it is carried out, proven, kept and broken"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="as JSON: {clauses: [{id, carried, proven, kept, broken, not_yet}], not_yet: N}"
    )
    parser.add_argument("--regulation", default="", metavar="CODE", help="only the clauses of this regulation (004)")


def run(options: argparse.Namespace) -> int:
    import orjson

    from kefu.insight.compliance import queries

    clauses = [row for row in queries.every_clause() if options.regulation in ("", row["regulation__code"])]
    rows = queries.rows(clauses, queries.standing(None))
    not_yet = sum(bool(row.not_yet) for row in rows)
    if options.json:
        print(orjson.dumps({"clauses": [_told(row) for row in rows], "not_yet": not_yet}, option=orjson.OPT_INDENT_2).decode())
        return 0
    for row in rows:
        rate = "--" if row.year.rate is None else f"{row.year.rate:.1%}"
        print(f"{row.clause['code']:<16} carried {len(row.carried):>2}  proven {len(row.proven):>2}  kept {rate:>6}  {row.not_yet}")
    print(f"not yet: {not_yet} of {len(rows)}")
    return 0


def _told(row: object) -> dict[str, object]:
    from kefu.insight.compliance.queries import Kept, Row

    assert isinstance(row, Row)

    def figures(kept: Kept) -> dict[str, object]:
        return {"due": kept.due, "met": kept.met, "late": kept.late, "open": kept.open, "rate": kept.rate, "events": kept.events}

    return {
        "id": row.clause["code"],
        "carried": [{"how": one["how"], "ref": one["ref"], "name": one["name"]} for one in row.carried],
        "proven": row.proven,
        "kept": {"month": figures(row.month), "year": figures(row.year)},
        "broken": row.year.broken,
        "not_yet": row.not_yet,
    }
