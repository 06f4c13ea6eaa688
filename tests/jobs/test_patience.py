"""What cannot be handed over now is tried again with longer pauses, and given up in the end."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import translation

from kefu.engines.jobs.patience import Patience, maybe
from kefu.kit import moment, sentences

PATIENCE = Patience((2, 10, 60), timedelta(hours=1))


def row(**changes):
    return SimpleNamespace(**{"since": moment.now(), "next_at": None, "tries": 0, "save": lambda update_fields: None} | changes)


def test_pauses_grow_and_the_last_one_stays():
    assert [PATIENCE.pause(tries).total_seconds() for tries in range(5)] == [2, 10, 60, 60, 60]


@pytest.mark.django_db
@pytest.mark.parametrize(("ago", "given_up"), [(0, False), (59, False), (60, True), (600, True)])
def test_it_is_given_up_after_the_whole_time_and_said_so(ago, given_up):
    over, later, held = [], [], row(since=moment.now() - timedelta(minutes=ago), tries=1)
    before = moment.now()
    PATIENCE.wait(held, "busy", over=over.append, later=later.append)
    assert (len(over), later) == ((1, []) if given_up else (0, ["busy"]))
    if given_up:
        with translation.override("en"):
            assert sentences.shown(over[0]) == "Given up after 1 hours. The server said: busy"
    else:
        assert held.tries == 2
        assert timedelta(seconds=10) <= held.next_at - before < timedelta(seconds=20)


def test_what_may_have_been_sent_is_said_in_both_languages():
    held = maybe("HTTP 502")
    for language, words in (("en", "It may have been sent"), ("zh-hans", "可能已经发出")):
        with translation.override(language):
            assert words in sentences.shown(held)
            assert "HTTP 502" in sentences.shown(held)
