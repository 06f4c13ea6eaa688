"""The floor: the same work in plain SQL by the same driver behind a minimal WSGI function, on the same server (uvicorn and Kefu's bridge).

It knows no rights, masks, rules, forms, texts or search: it is what the database and the wire alone cost.
"""

from __future__ import annotations

import argparse
import json
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import orjson
import psycopg
import uvicorn

from kefu.entry.environment import SQLITE_PRAGMAS
from kefu.entry.front.bridge import Bridge

LIST = (
    "SELECT o.subject_id, s.number, t.name, t.name_en, t.kind, o.state, o.urgency, o.channel, o.name, o.phone, o.address, o.content, "
    "u.name, h.name, h.number, o.accepted_at, o.appointment_at, o.completed_at, o.redo_round, o.satisfaction FROM workorders_workorder o "
    "JOIN timeline_subject s ON s.id = o.subject_id JOIN workorders_ordertype t ON t.id = o.type_id "
    "LEFT JOIN people_unit u ON u.id = o.unit_id LEFT JOIN people_staff h ON h.id = o.handler_id "
)
NAMES = (
    "id", "number", "type", "type_en", "kind", "state", "urgency", "channel", "name", "phone", "address", "content", "unit", "handler",
    "handler_number", "accepted_at", "appointment_at", "completed_at", "redo_round", "satisfaction",
)  # fmt: skip
DUE = "SELECT subject_id, min(due_at) FROM clock_obligation WHERE subject_id IN ({}) AND state = 'running' GROUP BY subject_id"
LIMITS = (
    "SELECT id, code, name, name_en, state, started_at, due_at, met_at, overdue_at, addressed_to, clauses FROM clock_obligation "
    "WHERE subject_id = {} ORDER BY due_at"
)
EVENTS = (
    "SELECT e.id, e.kind, e.at, e.data, e.audience, e.clauses, p.name, p.number FROM timeline_event e "
    "LEFT JOIN people_staff p ON p.id = e.actor_id WHERE e.subject_id = {} ORDER BY e.id DESC LIMIT 200"
)


class Floor:
    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.lite = told["database"]["vendor"] == "sqlite"
        self.mark = "?" if self.lite else "%s"
        self.held = threading.local()
        if told["template"]:
            self._learn(told["template"])

    def _learn(self, template: dict[str, Any]) -> None:
        self.subject = self._insert(template["subject"], returning=True, without=("id",))
        self.order = self._insert(template["order"])
        self.obligations = self._insert(template["obligations"], without=("id",))
        self.events = self._insert(template["events"], without=("id", "xid"))

    def _insert(self, one: dict[str, Any], *, returning: bool = False, without: tuple[str, ...] = ()) -> tuple[str, list[dict[str, Any]]]:
        columns = [name for name in one["columns"] if name not in without]
        marks = ", ".join([self.mark] * len(columns))
        statement = f"INSERT INTO {one['table']} ({', '.join(columns)}) VALUES ({marks})" + (" RETURNING id" if returning else "")
        rows = [{name: value for name, value in zip(one["columns"], row, strict=True) if name in columns} for row in one["rows"]]
        return statement, rows

    def connection(self) -> Any:
        if not hasattr(self.held, "connection"):
            if self.lite:
                self.held.connection = sqlite3.connect(self.told["database"]["path"], timeout=10, isolation_level=None)
                self.held.connection.executescript(SQLITE_PRAGMAS)
            else:
                self.held.connection = psycopg.connect(**self.told["database"]["connect"], autocommit=True)
        return self.held.connection

    def ask(self, statement: str, *values: Any) -> list[Any]:
        found: list[Any] = self.connection().execute(statement, values).fetchall()
        return found

    def list(self) -> Any:
        rows = self.ask(LIST + "ORDER BY o.subject_id DESC LIMIT 51")[:50]
        due = dict(self.ask(DUE.format(", ".join([self.mark] * len(rows))), *[row[0] for row in rows]))
        return {"items": [{**dict(zip(NAMES, row, strict=True)), "next_due": due.get(row[0])} for row in rows]}

    def one(self, pk: int) -> Any:
        row = self.ask(LIST + f"WHERE o.subject_id = {self.mark}", pk)[0]
        limits = [list(line) for line in self.ask(LIMITS.format(self.mark), pk)]
        events = [
            {"id": line[0], "kind": line[1], "at": line[2], "data": line[3], "audience": line[4], "clauses": line[5], "name": line[6]}
            for line in self.ask(EVENTS.format(self.mark), pk)
        ]
        return {**dict(zip(NAMES, row, strict=True)), "obligations": limits, "events": events}

    def open(self, contact: int) -> Any:
        connection, mark, at = self.connection(), self.mark, datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        connection.execute("BEGIN IMMEDIATE" if self.lite else "BEGIN")
        try:
            customer = self.ask(
                "SELECT c.customer_id, u.name, u.tier, u.area FROM contacts_contact c "
                f"LEFT JOIN customers_customer u ON u.subject_id = c.customer_id WHERE c.subject_id = {mark}", contact,
            )[0]  # fmt: skip
            number = f"FL{at[:10].replace('-', '')}{self._number():06d}"
            statement, rows = self.subject
            pk = self.ask(statement, *({**rows[0], "number": number, "opened_at": at}).values())[0][0]
            statement, rows = self.order
            own = {"subject_id": pk, "contact_id": contact, "customer_id": customer[0], "tracking_code": number, "accepted_at": at}
            connection.execute(statement, list((rows[0] | own).values()))
            connection.execute(
                f"UPDATE contacts_contact SET outcome = 'order', led_to_id = {mark}, ended_at = {mark} WHERE subject_id = {mark}",
                (pk, at, contact),
            )
            connection.execute(f"UPDATE timeline_subject SET closed_at = {mark} WHERE id = {mark}", (at, contact))
            cursor = connection.cursor()
            statement, rows = self.obligations
            cursor.executemany(statement, [list((row | {"subject_id": pk}).values()) for row in rows])
            statement, rows = self.events
            cursor.executemany(statement, [list((row | {"subject_id": pk, "at": at}).values()) for row in rows])
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return {"id": pk, "number": number, "name": customer[1]}

    def _number(self) -> int:
        if not self.lite:
            return int(self.ask("SELECT nextval('numbering_gd')")[0][0])
        bump = (
            "INSERT INTO numbering_counter (prefix, value) VALUES ('FL', 1) "
            "ON CONFLICT (prefix) DO UPDATE SET value = value + 1 RETURNING value"
        )
        return int(self.ask(bump)[0][0])

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/list":
            body = self.list()
        elif path == "/open":
            contact = orjson.loads(environ["wsgi.input"].read())["contact_id"]
            body = self.open(contact)
        else:
            body = self.one(int(parse_qs(environ["QUERY_STRING"])["id"][0]))
        start("200 OK", [("Content-Type", "application/json")])
        return Whole([orjson.dumps(body, default=str)])


class Whole(list[bytes]):
    """An answer that is there at once, as Django's are."""

    streaming = False


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--facts", required=True)
    options = parser.parse_args()
    with open(options.facts) as stream:
        floor = Floor(json.load(stream))
    bridge = Bridge(floor, threads=6, limit=1024 * 1024)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await bridge(scope, receive, send)

    config = uvicorn.Config(
        application, http="httptools", lifespan="off", log_level="warning", access_log=False, server_header=False, timeout_keep_alive=60
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=options.socket)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
