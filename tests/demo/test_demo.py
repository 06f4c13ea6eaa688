"""The demo centre: everything in it came about through the real services."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db.models import Count

from kefu.cases.complaints.models import Complaint, Liability
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.entry import demo
from kefu.entry.demo import house
from kefu.people import credentials
from kefu.people.models import Staff, Unit
from kefu.timeline.models import Event, SealedCopy
from kefu.timeline.services import is_intact
from kefu.touch.announcements.models import Announcement, Receipt
from kefu.touch.channels.email.models import Quarantined
from kefu.touch.channels.sms.models import Template
from kefu.touch.channels.visits.models import Visit
from kefu.touch.conversations.models import Account, Conversation
from kefu.touch.customers.models import Likeness, Merge

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 8, tzinfo=UTC)


def quiet(_text: str) -> None:
    return


def test_a_week_of_work_stands_on_all_lists() -> None:
    demo.fill(quiet, now=NOW, weeks=1)
    demo.forget()
    states = dict(WorkOrder.objects.values_list("state").annotate(n=Count("pk")))
    assert set(states) >= {"new", "dispatched", "working", "suspended", "completed", "archived"}
    assert set(Complaint.objects.values_list("state", flat=True)) >= {"received", "classed", "judged", "decided", "closed"}
    blamed = set(Liability.objects.values_list("fault", "stand", "action"))
    assert blamed == {("found", "objected", "penalty"), ("delay", "asked", "")}
    assert Complaint.objects.filter(severity="severe", subject__obligations__overdue_at__isnull=False).exists()
    assert Complaint.objects.filter(validity="invalid", subject__obligations__code="complaint.invalid_explain").exists()
    for kind in ("case.urged", "case.supervised", "order.granted", "clock.warned", "clock.overdue", "clock.escalated", "callback.done"):
        assert Event.objects.filter(kind=kind).exists(), kind
    assert not Event.objects.filter(at__gt=NOW).exists()
    assert not Obligation.objects.filter(state="running", next_tick_at__lt=NOW).exists()
    assert all(is_intact(copy) for copy in SealedCopy.objects.all())
    _says_what_is_announced()
    assert set(Visit.objects.values_list("state", flat=True)) >= {"waiting", "serving", "left", "refused"}
    assert set(Template.objects.values_list("state", flat=True)) == {"draft", "approved", "refused"}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done", "dead"}
    assert not Receiver.objects.filter(active=True).exists()
    assert set(Conversation.objects.values_list("account__channel", flat=True)) >= {"email", "chat", "sms", "fax", "social"}
    assert set(Account.objects.filter(channel__in=("sms", "fax", "social")).values_list("active", flat=True)) == {False}
    assert (Likeness.objects.filter(settled_at=None).count(), Merge.objects.count(), Quarantined.objects.count()) == (2, 1, 1)


def _says_what_is_announced() -> None:
    """Read in time, overdue for some, to be read by today; the journal; information handed in, still owed, and overdue."""
    asked = Receipt.objects.exclude(due_at=None)
    assert asked.filter(read_at__isnull=False).exists()
    assert asked.filter(read_at=None, due_at__lt=NOW).exists()
    assert asked.filter(read_at=None, due_at__gt=NOW).exists()
    assert set(Announcement.objects.values_list("kind", "state")) == {
        ("notice", "published"), ("notice", "draft"), ("journal", "published"), ("information", "published"), ("information", "draft"),
    }  # fmt: skip
    assert set(Obligation.objects.filter(code="information.hand_in").values_list("state", flat=True)) >= {"met", "running"}
    assert Obligation.objects.filter(code="information.hand_in", overdue_at__isnull=False).exists()


def test_people_sign_in_with_what_is_printed() -> None:
    made = house.build_units()
    from kefu.engines.rulebook import loader
    from kefu.people.actor import SYSTEM

    loader.load("property", actor=SYSTEM)
    people = house.hire(made)
    assert people["021"].can("contacts.take")
    assert people["999"].can("people.manage")
    username, password, _post = demo.ensure(quiet)[0]
    known = credentials.check(username=username, password=password, address=None)
    assert known.username == "chenjing"
    assert not Staff.objects.get(username=username).must_change_password


def test_a_centre_with_people_is_left_alone() -> None:
    Unit.objects.create(code="x", name="x", path="000001")
    assert demo.ensure(quiet) == []
    assert Unit.objects.count() == 1
