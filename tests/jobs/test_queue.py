"""The queue: after the commit, with tries, in order, visible when it failed."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from kefu.engines.jobs import queries, queue
from kefu.engines.jobs.services import enqueue, enqueue_at, rerun
from kefu.engines.jobs.tasks import prune
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotAllowed, NotFound
from tests.jobs import work

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def notes(tmp_path):
    return tmp_path / "notes"


def lines(path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.django_db(transaction=True)
def test_work_of_a_transaction_that_is_undone_never_runs(notes):
    with transaction.atomic():
        enqueue(work.note, str(notes), "never")
        transaction.set_rollback(True)
    enqueue(work.note, str(notes), "done")
    assert queue.drain() == 1
    assert lines(notes) == ["done"]


def test_the_result_is_kept(db, notes):
    task = enqueue(work.note, str(notes), "four")
    queue.drain()
    row = DBTaskResult.objects.get(pk=task)
    assert (row.status, row.return_value) == (queue.DONE, 4)


def test_delayed_work_waits_for_its_time(db, notes):
    with moment.frozen(START):
        enqueue_at(START + timedelta(minutes=5), work.note, str(notes), "later")
        assert queue.drain() == 0
    with moment.frozen(START + timedelta(minutes=5)):
        assert queue.drain() == 1


def test_urgent_work_goes_first(db, notes):
    enqueue(work.note, str(notes), "second")
    enqueue(work.note.using(priority=50), str(notes), "first")
    queue.drain()
    assert lines(notes) == ["first", "second"]


def test_failed_work_is_tried_again_with_growing_pauses(db, notes):
    with moment.frozen(START):
        task = enqueue(work.fails_until, str(notes), 2)
        assert queue.drain() == 1
        row = DBTaskResult.objects.get(pk=task)
        assert (row.status, row.run_after) == (queue.READY, START + timedelta(seconds=10))
    with moment.frozen(START + timedelta(seconds=10)):
        assert queue.drain() == 1
        assert DBTaskResult.objects.get(pk=task).run_after == START + timedelta(seconds=70)
    with moment.frozen(START + timedelta(seconds=70)):
        assert queue.drain() == 1
    assert DBTaskResult.objects.get(pk=task).status == queue.DONE


def test_the_last_try_fails_for_good_and_shows(cast, notes):
    admin = cast.actor(cast.admin)
    task = enqueue(work.fails_until, str(notes), 99)
    for hours in range(3):
        with moment.frozen(moment.now() + timedelta(hours=hours)):
            queue.drain()
    shown = queries.failed(admin)
    assert [row["id"] for row in shown] == [task]
    assert shown[0]["exception_class_path"] == "builtins.RuntimeError"
    assert "not yet" in shown[0]["traceback"]
    assert len(lines(notes)) == 3


def test_a_refusal_is_final(db):
    task = enqueue(work.refused)
    queue.drain()
    assert DBTaskResult.objects.get(pk=task).status == queue.FAILED


def test_failed_work_is_run_again_by_who_may(cast):
    admin = cast.actor(cast.admin)
    task = enqueue(work.refused)
    with pytest.raises(Conflict):
        rerun(actor=admin, task_id=task)
    queue.drain()
    with pytest.raises(NotAllowed):
        rerun(actor=cast.actor(cast.agent), task_id=task)
    with pytest.raises(NotFound):
        rerun(actor=admin, task_id=uuid.uuid4())
    rerun(actor=admin, task_id=task)
    assert queries.waiting() == 1
    with pytest.raises(NotAllowed):
        queries.failed(cast.actor(cast.agent))


def test_work_of_a_dead_worker_is_put_back_but_not_for_ever(db, notes):
    task = enqueue(work.note, str(notes), "poison")
    for _time in range(queue.TRIES):
        assert queue.claim("dead") is not None
        assert queue.claim("other") is None
        assert queue.reclaim({"other"}) == 1
    assert DBTaskResult.objects.get(pk=task).status == queue.FAILED


def test_a_worker_thought_dead_cannot_overwrite(db, notes):
    task = enqueue(work.note, str(notes), "twice")
    with moment.frozen(START):
        held = queue.claim("sleepy")
        queue.reclaim(set())
    again = queue.claim("other")
    queue.run(held)
    assert DBTaskResult.objects.get(pk=task).status == queue.RUNNING
    queue.run(again)
    assert DBTaskResult.objects.get(pk=task).status == queue.DONE


def test_release_gives_the_try_back(db, notes):
    task = enqueue(work.note, str(notes), "x")
    queue.claim("leaving")
    queue.release("leaving")
    row = DBTaskResult.objects.get(pk=task)
    assert (row.status, row.worker_ids) == (queue.READY, [])


def test_old_results_are_forgotten(db, notes):
    enqueue(work.note, str(notes), "old")
    enqueue(work.refused)
    queue.drain()
    with moment.frozen(moment.now() + timedelta(days=3)):
        assert prune() == 1
    with moment.frozen(moment.now() + timedelta(days=31)):
        assert prune() == 1
    assert not DBTaskResult.objects.exists()
