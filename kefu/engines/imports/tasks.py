"""Large files are imported in the background."""

from __future__ import annotations

from kefu.engines.imports import running
from kefu.engines.jobs.services import job


@job(tries=3)
def carry_out(run_id: int) -> None:
    """Idempotent: a finished import is left alone, a broken off one begins anew."""
    running.execute(run_id)
