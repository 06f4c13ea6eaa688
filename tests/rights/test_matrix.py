"""Every address of pages and API x every person -> the status of a plain GET and an empty POST, made from the router.

The table is rights_matrix.json; an address without a row fails. ``KEFU_MATRIX=write pytest tests/rights`` writes it; the commit shows what
changed. The records asked for lie in the repair department: whoever may not see them gets 404, never 403, so nothing is told of them.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from kefu.cases.callbacks.models import CallbackTask
from kefu.people import actor as actors
from kefu.people import sign_in
from kefu.timeline.models import Subject
from tests import cases
from tests.announcements.test_announcements import published
from tests.conversations.makers import written
from tests.knowledge.making import approved

TABLE = Path(__file__).with_name("rights_matrix.json")
WHO = ("agent", "receptionist", "crew_leader", "cleaning_head", "employee", "manager", "auditor", "admin", "guest")
SKIPPED = ("static/", "live", "-/components", "sign-out")
CASE = re.compile(r"<(?:int|str|slug|path|uuid):(\w+)>|<(\w+)>")


def addresses() -> list[str]:
    def walk(patterns, prefix: str):
        for one in patterns:
            route = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, route)
            elif isinstance(one, URLPattern):
                yield route

    return sorted(route for route in set(walk(get_resolver().url_patterns, "")) if not route.startswith(SKIPPED))


@pytest.fixture
def centre(cast):
    """One order with the crew, one complaint about the repair department, one callback, one contact, one customer, one conversation, one
    article that holds."""
    customer = cases.resident(cast)
    order = cases.accepted(cast)
    complaint = cases.judged(cast, unit_id=cast.repair.pk)
    done = cases.completed(cast)
    talk = written(cast).pk
    return {
        "orders": order.pk, "complaints": complaint.pk, "callbacks": CallbackTask.objects.get(subject=done.pk).pk,
        "customers": customer.pk, "contacts": order.contact_id, "desk": cases.call(cast).pk, "s": order.pk,
        "inbox": talk, "conversations": talk, "knowledge": approved(cast).pk, "announcements": published(cast).pk, "agents": cast.agent.pk,
    }  # fmt: skip


def concrete(route: str, centre: dict[str, int]) -> str:
    parts = route.removeprefix("api/v1/").split("/")
    held = centre.get(parts[0], 0) or (centre["orders"] if "subject" in route else 987_654)
    words = {
        "command": "note",
        "field": "name",
        "code": "F-1",
        "kind": "workorder",
        "name": "x",
        "key": "x",
        "task_id": "00000000-0000-4000-8000-000000000000",
    }

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return words.get(name, str(held))

    return "/" + CASE.sub(fill, route)


def status(client: Client, method: str, url: str) -> int:
    """Asked and taken back, the session too."""
    cookies = client.cookies.output()
    block = transaction.atomic()
    block.__enter__()
    try:
        return getattr(client, method)(url).status_code
    finally:
        transaction.set_rollback(True)
        block.__exit__(None, None, None)
        if method == "post" and not url.startswith("/api/"):
            client.cookies.load(cookies.replace("Set-Cookie: ", ""))
            sign_in._sessions.clear()
            actors.forget()


def test_every_address_for_everybody(centre, cast, signed_in):
    # Who may what is no matter of the database; that each page can be asked there is, and three see nearly all.
    who = WHO if connection.vendor == "sqlite" else [name for name in WHO if name in ("agent", "manager", "admin")]
    clients = {name: Client() if name == "guest" else signed_in(getattr(cast, name)) for name in who}
    found: dict[str, dict[str, str]] = {}
    for route in addresses():
        url = concrete(route, centre)
        found[route] = {name: f"{status(client, 'get', url)} {status(client, 'post', url)}" for name, client in clients.items()}
    if os.environ.get("KEFU_MATRIX") == "write" and who == WHO:
        TABLE.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n")
    wanted = {route: {name: row[name] for name in who} for route, row in json.loads(TABLE.read_text()).items()}
    assert set(found) == set(wanted), f"addresses without a row: {sorted(set(found) ^ set(wanted))}"
    assert {route: row for route, row in found.items() if row != wanted[route]} == {}, "differing rows; KEFU_MATRIX=write"
    broken = {route: row for route, row in found.items() if any(int(one[:3]) >= 500 or int(one[4:]) >= 500 for one in row.values())}
    assert broken == {}


def test_who_may_not_see_a_record_learns_nothing_of_it(centre, cast, signed_in):
    commands = {"orders": ("accept", "note", "dispatch", "complete"), "complaints": ("judge", "note", "analyse"), "callbacks": ("record",)}
    for name in ("cleaning_head", "admin"):
        client = signed_in(getattr(cast, name))
        for kind, names in commands.items():
            for command in names:
                hidden, missing = f"/{kind}/{centre[kind]}/do/{command}", f"/{kind}/987654321/do/{command}"
                assert client.post(hidden).status_code == client.post(missing).status_code == 404, hidden
                assert client.get(hidden).status_code == 404, hidden
    assert Subject.objects.filter(pk=centre["orders"], closed_at=None).exists()
