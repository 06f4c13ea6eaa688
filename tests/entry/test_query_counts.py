"""The snapshot of query counts holds, and says what went wrong."""

import pytest

from kefu.engines.jobs import queries
from kefu.timeline.models import Subject


def test_a_count_is_held(db, assert_queries):
    with assert_queries("jobs.waiting"):
        queries.waiting()


def test_a_query_too_many_is_shown(db, assert_queries):
    with pytest.raises(AssertionError, match=r"2 queries instead of 1(.|\n)*timeline_subject"), assert_queries("jobs.waiting"):
        list(Subject.objects.all()), queries.waiting()


def test_an_uncommitted_count_is_refused(db, assert_queries):
    with pytest.raises(AssertionError, match="no committed number"), assert_queries("nothing.known"):
        Subject.objects.exists()
