"""Runs beside a centre, with its settings: fills it, and tells the benchmark what to ask for. Prints one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime
from typing import Any


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=0)
    parser.add_argument("--contacts", type=int, default=0)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import translation

    from kefu.entry import demo
    from kefu.entry.demo import bulk

    call_command("migrate", interactive=False, verbosity=0)
    demo.WEEKS = 1  # the many orders stand for the rest
    demo.ensure(told)
    with translation.override("zh-hans"):
        if options.orders:
            bulk.make(options.orders, months=24, progress=told)
        print(json.dumps(facts(options.contacts), default=str))
    return 0


def told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def facts(contacts: int) -> dict[str, Any]:
    """A session, a token, an order with 20 events, contacts to open orders from, and the rows that opening one writes."""
    from django.conf import settings

    from kefu.people.actor import SYSTEM, load
    from kefu.people.models import Staff
    from kefu.people.services import make_token

    staff = Staff.objects.get(number="010")
    actor = load(staff.pk)
    assert actor is not None
    token = make_token(actor=actor, name="bench", rights=sorted(actor.rights))[1]
    waiting = [_contact(actor, place) for place in range(contacts)]
    return {
        "cookie": f"{settings.SESSION_COOKIE_NAME}={_session(staff.pk)}",
        "token": token,
        "order": _long_order(actor),
        "contacts": waiting,
        "record": RECORD,
        "template": _template(actor) if contacts else None,
        "database": _database(),
        "system": SYSTEM.name,
    }


RECORD: dict[str, Any] = {
    "name": "张建国", "phone": "13900001234", "address": "绿洲花园3号楼2单元0501室", "content": "厨房水龙头关不紧，一直滴水",
    "wishes": "无",
    "appointment_at_missing": "随时", "read_back": True, "confirmed": True,
}  # fmt: skip


def _session(staff_id: int) -> str:
    from django.contrib.sessions.backends.db import SessionStore

    from kefu.people.models import Staff
    from kefu.people.sign_in import STAFF_KEY, VERSION_KEY

    store = SessionStore()
    store[STAFF_KEY] = staff_id
    store[VERSION_KEY] = Staff.objects.values_list("sign_in_version", flat=True).get(pk=staff_id)
    store.create()
    assert store.session_key is not None
    return store.session_key


def _contact(actor: Any, place: int) -> int:
    from kefu.touch.contacts import services as contacts
    from kefu.touch.contacts.choices import Channel
    from kefu.touch.customers.models import Customer

    customer = Customer.objects.order_by("pk").values_list("pk", flat=True)[place % 50]
    made, _new = contacts.receive(
        actor=actor, channel=Channel.API, customer_id=customer, **{name: RECORD[name] for name in ("name", "phone", "address", "content")}
    )
    return int(made.pk)


def _long_order(actor: Any) -> int:
    """A made-up order of the middle with 20 events on its page."""
    from kefu.cases.workorders.models import WorkOrder
    from kefu.timeline.models import Event
    from kefu.timeline.services import record_one

    order = WorkOrder.objects.filter(state__in=["working", "suspended"]).order_by("-pk").values_list("pk", flat=True)[0]
    for turn in range(20 - Event.objects.filter(subject_id=order).count()):
        record_one(
            actor_id=actor.id, subject_id=order, kind="note.added", data={"note": 0, "text": f"第 {turn + 1} 次联系客户，等配件到货"}
        )
    return int(order)


def _template(actor: Any) -> dict[str, Any]:
    """Opens one order and reads back what it wrote, for the floor to write the same by plain SQL."""
    from django.db import connection

    from kefu.flows import open_from_contact

    contact = _contact(actor, 0)
    order = open_from_contact.open_order(actor=actor, contact_id=contact, order_type="repair.public.light", record=RECORD)
    found: dict[str, Any] = {}
    questions = {
        "subject": ("timeline_subject", "id", order.pk),
        "order": ("workorders_workorder", "subject_id", order.pk),
        "obligations": ("clock_obligation", "subject_id", order.pk),
        "events": ("timeline_event", "subject_id", order.pk),
    }
    with connection.cursor() as cursor:
        for name, (table, column, pk) in questions.items():
            cursor.execute(f"SELECT * FROM {table} WHERE {column} = %s ORDER BY 1", [pk])
            columns = [one[0] for one in cursor.description]
            found[name] = {"table": table, "columns": columns, "rows": [[plain(value) for value in row] for row in cursor.fetchall()]}
    return found


def plain(value: Any) -> Any:
    return value.isoformat(" ") if isinstance(value, datetime) else value


def _database() -> dict[str, Any]:
    from django.db import connection

    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return {"vendor": "sqlite", "path": str(held["NAME"])}
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {"vendor": "postgresql", "connect": {name: held[key] for name, key in names.items() if held[key]}}


if __name__ == "__main__":
    sys.exit(main())
