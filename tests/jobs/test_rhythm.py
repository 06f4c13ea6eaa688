"""When something that repeats is next due."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.engines.jobs import rhythm
from kefu.engines.jobs.registry import Periodic

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("spec", "after", "due"),
    [
        ("every 90", "2026-03-01 10:00", "2026-03-01 10:01:30"),
        ("at 03:40", "2026-03-01 03:39", "2026-03-01 03:40"),
        ("at 03:40", "2026-03-01 03:40", "2026-03-02 03:40"),
        ("cron */15 8-9 * * *", "2026-03-01 09:45", "2026-03-02 08:00"),
        ("cron 0 9 * * 1-5", "2026-03-06 10:00", "2026-03-09 09:00"),
        ("cron 0 9 * * 7", "2026-03-02 10:00", "2026-03-08 09:00"),
        ("cron 30 8 1 * *", "2026-12-01 08:30", "2027-01-01 08:30"),
        ("cron 0 0 29 2 *", "2026-03-01 00:00", "2028-02-29 00:00"),
        ("cron 0 0 1 * 1", "2026-03-03 00:00", "2026-03-09 00:00"),
        ("cron 5,10 0 * * *", "2026-03-03 00:05", "2026-03-03 00:10"),
    ],
)
def test_next_due(spec, after, due):
    assert rhythm.following(spec, local(after), SHANGHAI) == local(due)


@pytest.mark.parametrize(
    "spec", ["", "every 0", "every x", "at 25:00", "cron * * * *", "cron 60 * * * *", "cron 5-1 * * * *", "cron */0 * * * *", "on 3"]
)
def test_what_is_no_rhythm(spec):
    with pytest.raises(ValueError):  # noqa: PT011 - parsing raises many sentences
        rhythm.parse(spec)


def test_a_day_that_never_comes():
    with pytest.raises(ValueError, match="never comes"):
        rhythm.following("cron 0 0 31 2 *", local("2026-01-01 00:00"), SHANGHAI)


@given(st.integers(1_700_000_000, 1_900_000_000), st.integers(0, 59), st.integers(0, 23))
def test_daily_is_the_next_such_time_and_within_a_day(after, minute, hour):
    start = datetime.fromtimestamp(after, UTC)
    due = rhythm.following(f"cron {minute} {hour} * * *", start, SHANGHAI)
    assert (due.astimezone(SHANGHAI).hour, due.astimezone(SHANGHAI).minute) == (hour, minute)
    assert 0 < (due - start).total_seconds() <= 86_400


def test_an_entry_has_one_rhythm():
    with pytest.raises(ValueError, match="one of"):
        Periodic("x", "x", print)
    with pytest.raises(ValueError, match="one of"):
        Periodic("x", "x", print, every=5, at="08:00")
