"""Two people do the same thing at the same instant: one gets it, the other a clear refusal, and nothing is there twice."""

from __future__ import annotations

import pytest

from tests.installation import copy_of

RUN = "from tests.chaos import races\nresult = races.outcomes()"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory, _template):
    """All races, run once in a process of their own."""
    with copy_of(_template, tmp_path_factory.mktemp("races") / "state") as installation:
        return installation.python(RUN, KEFU_HOSTS="*")


@pytest.mark.parametrize("race", ["two_accept", "two_dispatch", "two_judge", "two_close"])
def test_exactly_one_gets_it_and_the_other_is_told(outcomes, race):
    outcome = outcomes[race]
    assert outcome["told"] in (["done", "not_now"], ["conflict", "done"]), outcome
    assert outcome["events"] == 1
    assert outcome["one"]


def test_a_case_is_sealed_once(outcomes):
    assert outcomes["two_close"]["sealed"] == 1


def test_two_imports_of_one_file_make_each_customer_once(outcomes):
    outcome = outcomes["two_imports"]
    assert outcome["customers"] == 40, outcome
    assert sum(created for _state, created in outcome["states"]) == 40
    assert {"done"} <= {state for state, _created in outcome["states"]} <= {"done", "refused"}
    assert outcome["same"] == ["conflict", "done"], "one run is carried out once"


def test_one_contact_leads_to_one_order(outcomes):
    assert outcomes["two_open"] == {"told": ["done"] * 4, "orders": 1}


def test_one_key_is_one_contact(outcomes):
    assert outcomes["same_key"] == {"told": ["done"] * 4, "status": [200, 200, 200, 201], "ids": 1}


def test_eight_hands_never_take_one_number_twice(outcomes):
    outcome = outcomes["numbers"]
    assert outcome["told"] == ["done"] * 8
    assert (outcome["taken"], outcome["different"]) == (200, 200)
    assert outcome["values"] == list(range(1, 201)), "nobody turned back, so there is no gap"


def test_eight_hands_open_orders_with_numbers_of_their_own(outcomes):
    assert outcomes["numbers_in_transactions"] == {"told": ["done"] * 8, "orders": 24, "different": 24}
