"""What is asked of answers to what customers write."""

import pytest

from kefu.engines.clock.models import Obligation
from tests.conversations.makers import written
from tests.property_centre import HOUR


@pytest.mark.clause("R-03-7.2.3")
def test_a_letter_is_answered_within_a_day(cast):
    talk = written(cast)
    owed = Obligation.objects.get(subject_id=talk.pk)
    assert (owed.code, owed.due_at - owed.started_at) == ("conversation.first_reply", 24 * HOUR)
    assert {"R-03-7.2.3", "R-01-3.1a"} == set(owed.clauses)
