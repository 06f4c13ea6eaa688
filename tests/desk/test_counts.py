"""How many statements the busiest pages need, however many rows they show."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases.callbacks.models import CallbackTask
from tests import cases
from tests.conversations.makers import written


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch):
    """What the process keeps for seconds stays kept, however slow the machine."""
    held = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: held)


def test_pages_keep_their_counts(cast, signed_in, assert_queries):
    resident = cases.resident(cast)
    orders = [cases.completed(cast) for _ in range(3)]
    complaint = cases.judged(cast)
    contact = cases.call(cast, customer_id=resident.pk)
    talk = written(cast)
    client = signed_in(cast.receptionist)
    task = CallbackTask.objects.first()
    pages = {
        "orders.list": "/orders?tab=all", "orders.one": f"/orders/{orders[0].pk}", "complaints.list": "/complaints",
        "complaints.one": f"/complaints/{complaint.pk}", "desk": "/desk", "desk.one": f"/desk/{contact.pk}", "callbacks.list": "/callbacks",
        "callbacks.one": f"/callbacks/{task.pk}", "home": "/", "customers.one": f"/customers/{resident.pk}",
        "inbox.list": "/inbox?tab=waiting", "inbox.one": f"/inbox/{talk.pk}",
    }  # fmt: skip
    for name, url in pages.items():
        client.get(url)
        with assert_queries(f"page.{name}"):
            assert client.get(url).status_code in {200, 303}, url


def test_a_list_does_not_ask_more_for_more_rows(cast, signed_in):
    client = signed_in(cast.receptionist)
    cases.order(cast)
    client.get("/orders")
    with CaptureQueriesContext(connection) as few:
        client.get("/orders")
    for _ in range(5):
        cases.order(cast)
    client.get("/orders")
    with CaptureQueriesContext(connection) as many:
        client.get("/orders")
    assert len(few) == len(many)
