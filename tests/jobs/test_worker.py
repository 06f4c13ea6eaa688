"""Real worker processes: killed in the middle, two at once, stopped in order."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.installation import Installation, wait_for

QUEUE = """
from kefu.engines.jobs.services import enqueue
from tests.jobs import work
result = [str(enqueue(work.{task}, {path!r}, name)) for name in {names!r}]
"""
STATES = """
from django_tasks_db.models import DBTaskResult
result = sorted(DBTaskResult.objects.filter(task_path__startswith="tests.").values_list("status", flat=True))
"""


def queue(installation: Installation, task: str, path, names: list[str]) -> None:
    installation.python(QUEUE.format(task=task, path=str(path), names=names))


def lines(path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def notes(tmp_path):
    return tmp_path / "notes"


def test_work_of_a_killed_worker_is_done_by_the_next(installation, notes):
    queue(installation, "slow", notes, ["a", "b"])
    first = installation.start("worker")
    wait_for(lambda: len(lines(notes)) == 2)
    first.kill()
    first.communicate()
    second = installation.start("worker")
    wait_for(lambda: len(lines(notes)) == 4)
    notes.with_name("notes.go").touch()
    wait_for(lambda: installation.python(STATES) == ["SUCCESSFUL", "SUCCESSFUL"])
    second.terminate()
    second.communicate(timeout=30)
    assert sorted(lines(notes)) == ["begin a", "begin a", "begin b", "begin b", "end a", "end b"]


def test_two_workers_do_each_task_once(installation, notes):
    names = [f"task {number}" for number in range(60)]
    queue(installation, "note", notes, names)
    workers = [installation.start("worker") for _each in range(2)]
    wait_for(lambda: len(lines(notes)) >= 60, 40)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.communicate(timeout=30)
    assert sorted(lines(notes)) == sorted(names)
    assert installation.python(STATES) == ["SUCCESSFUL"] * 60


def test_a_stopped_worker_finishes_what_it_has(installation, notes):
    queue(installation, "slow", notes, ["a", "b", "c"])
    worker = installation.start("worker")
    wait_for(lambda: len(lines(notes)) == 2)
    threads = Path(f"/proc/{worker.pid}/task")
    before = len(list(threads.iterdir()))
    worker.terminate()
    wait_for(lambda: len(list(threads.iterdir())) < before)  # it has heard: those that wait for their hour have ended
    notes.with_name("notes.go").touch()
    worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert installation.python(STATES) == ["READY", "SUCCESSFUL", "SUCCESSFUL"]


def test_serve_starts_again_what_falls(installation, notes):
    with installation.serving() as serving:
        worker, web = serving.children("worker")[0], serving.children("web")[0]
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: serving.children("worker") not in ([], [worker]))
        queue(installation, "note", notes, ["after the fall"])
        wait_for(lambda: lines(notes) == ["after the fall"])
        assert serving.children("web") == [web]
        assert any("worker ended unexpectedly" in line for line in serving.lines)


def test_children_end_when_the_supervisor_is_killed(installation):
    with installation.serving() as serving:
        children = serving.children("worker") + serving.children("web")
        assert len(children) == 2
        serving.process.kill()
        wait_for(lambda: not any(alive(pid) for pid in children))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
