"""Telling people: stand-ins, one row each, acknowledgement."""

from datetime import UTC, datetime, timedelta

import pytest

from kefu.engines.notify import queries, services
from kefu.engines.notify.models import Notice
from kefu.engines.notify.registry import NoticeKind, notice_kinds
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotFound
from kefu.people.models import Deputy, Staff

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
notice_kinds.add(
    NoticeKind("test.plain", "Order %(number)s: %(what)s"),
    NoticeKind("test.major", "Major: %(what)s", needs_ack=True),
)


def recipients():
    return set(Notice.objects.values_list("recipient_id", flat=True))


def test_an_undeclared_kind_is_a_mistake_of_the_house(cast):
    with pytest.raises(KeyError):
        services.tell(staff_ids=[cast.agent.pk], kind="nobody.declared")


def test_each_person_is_told_once_and_who_left_is_not(cast):
    Staff.objects.filter(pk=cast.crew.pk).update(is_active=False)
    told = services.tell(staff_ids=[cast.agent.pk, cast.agent.pk, cast.crew.pk], kind="test.plain")
    assert told == 1
    assert recipients() == {cast.agent.pk}


def test_a_stand_in_is_told_while_standing_in(cast, django_assert_num_queries):
    Deputy.objects.create(staff=cast.manager, deputy=cast.dispatcher, since=NOON, until=NOON + timedelta(days=1))
    with moment.frozen(NOON + timedelta(days=2)):
        services.tell(staff_ids=[cast.manager.pk], kind="test.plain")
    assert recipients() == {cast.manager.pk}
    with moment.frozen(NOON + timedelta(hours=1)), django_assert_num_queries(2):
        services.tell(staff_ids=[cast.manager.pk, cast.agent.pk], kind="test.plain")
    assert recipients() == {cast.manager.pk, cast.dispatcher.pk, cast.agent.pk}
    assert Notice.objects.get(recipient=cast.dispatcher).instead_of == cast.manager


def test_the_bell_counts_no_further_than_99(cast):
    actor = cast.actor(cast.agent)
    assert queries.badge(queries.unread(actor)) == ""
    Notice.objects.bulk_create(Notice(recipient=cast.agent, kind="test.plain") for _ in range(130))
    assert queries.unread(actor) == 100
    assert queries.badge(queries.unread(actor)) == "99+"
    assert len(queries.latest(actor)) == 8


def test_the_text_survives_missing_places(cast):
    services.tell(staff_ids=[cast.agent.pk], kind="test.plain", params={"what": "leak"})
    assert queries.latest(cast.actor(cast.agent))[0]["text"] == "Order : leak"


def test_nobody_reads_or_confirms_for_another(cast):
    services.tell(staff_ids=[cast.agent.pk], kind="test.major")
    notice = Notice.objects.get()
    other = cast.actor(cast.receptionist)
    assert services.mark_read(actor=other, ids=[notice.pk]) == 0
    with pytest.raises(NotFound):
        services.acknowledge(actor=other, id=notice.pk)
    assert queries.page(other).rows == []


def test_what_asks_a_confirmation_stays_until_it_is_given(cast):
    actor = cast.actor(cast.agent)
    with moment.frozen(NOON):
        services.tell(staff_ids=[cast.agent.pk], kind="test.major", ack_within=timedelta(minutes=15))
        services.tell(staff_ids=[cast.agent.pk], kind="test.plain")
    assert services.mark_read(actor=actor) == 1
    assert queries.unread(actor) == 1
    assert queries.unacknowledged(before=NOON + timedelta(minutes=10)) == []
    (late,) = queries.unacknowledged(before=NOON + timedelta(minutes=16))
    services.acknowledge(actor=actor, id=late.pk)
    services.acknowledge(actor=actor, id=late.pk)
    late.refresh_from_db()
    assert late.acked_at is not None
    assert late.read_at is not None
    assert queries.unacknowledged(before=NOON + timedelta(minutes=16)) == []
    with pytest.raises(Conflict):
        services.acknowledge(actor=actor, id=Notice.objects.get(kind="test.plain").pk)


def test_pages_follow_the_key(cast):
    actor = cast.actor(cast.agent)
    Notice.objects.bulk_create(Notice(recipient=cast.agent, kind="test.plain", params={"what": str(n)}) for n in range(7))
    seen, cursor = [], None
    while True:
        page = queries.page(actor, cursor=cursor, size=3)
        seen += [row["params"]["what"] for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
