"""The page of background work, as an administrator reads and presses it."""

from kefu.engines.jobs import queue
from kefu.engines.jobs.services import enqueue
from tests.jobs import work


def test_failed_work_is_shown_and_run_again(signed_in, cast):
    task = enqueue(work.refused)
    queue.drain()
    client = signed_in(cast.admin)
    page = client.get("/settings/jobs").content.decode()
    assert "tests.jobs.work.refused" in page
    assert "kefu.kit.errors.Invalid" in page
    assert "jobs.prune" in page
    assert client.post(f"/settings/jobs/{task}/again").status_code == 303
    assert queue.ready().count() == 1
    client.post(f"/settings/jobs/{task}/again")
    told = client.get("/settings/jobs").content.decode()
    assert "只有失败的后台任务才能重新运行。" in told


def test_only_administrators_see_it(signed_in, cast):
    assert signed_in(cast.agent).get("/settings/jobs").status_code == 403
