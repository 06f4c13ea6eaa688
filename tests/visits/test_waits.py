"""How many are before a number and about how long: from real receptions of the counter, and nothing where there are none."""

from __future__ import annotations

import json

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.kit import moment
from kefu.touch.channels.visits import queries, services
from tests.browser import Browser
from tests.property_centre import DAY, MINUTE, NOW
from tests.visits.test_reception import came


def received(cast, minutes, counter="A", start=NOW):
    """Visitors who came together and were received at these minutes."""
    found = []
    for _one in minutes:
        with moment.frozen(start):
            found.append(came(cast, counter=counter))
    for visit, minute in zip(found, minutes, strict=True):
        with moment.frozen(start + minute * MINUTE):
            services.serve(actor=cast.actor(cast.agent), id=visit.pk)


def test_places_and_times_come_from_the_last_receptions_of_the_counter(cast, signed_in):
    received(cast, (1, 5, 10, 13))  # spans of 4, 5 and 3 minutes: 4 in the mean
    with moment.frozen(NOW + 20 * MINUTE):
        first, second, other = came(cast), came(cast), came(cast, counter="B")
        places = queries.places()
        assert [(places[one.pk].ahead, places[one.pk].about) for one in (first, second, other)] == [(0, 240), (1, 480), (0, None)]
        client = signed_in(cast.receptionist)
        board = Browser(client).open("/visits/board").text
        assert "A006 前面还有1人，约需 8 分钟" in board.replace("\xa0", " ")
        assert "B001 下一位" in board.replace("\xa0", " ")
        assert "B001 下一位，约需" not in board.replace("\xa0", " ")
        assert "前面还有1人，约需 8 分钟" in Browser(client).open("/visits").text
        rows = {row["ticket"]: (row["ahead"], row["about_seconds"]) for row in client.get("/api/v1/visits").json()["rows"]}
        assert (rows["A006"], rows["B001"], rows["A001"]) == ((1, 480), (0, None), (None, None))
        made = client.post("/api/v1/visits", data=json.dumps({"counter": "A"}), content_type="application/json").json()
        assert (made["ahead"], made["about_seconds"]) == (2, 720)
        services.call_next(actor=cast.actor(cast.agent), counter="A")
        assert queries.places()[second.pk].ahead == 0


def test_too_few_idle_or_old_receptions_tell_nothing(cast):
    received(cast, (1, 5, 9))  # two spans are no pace
    waits = came(cast)
    assert queries.places()[waits.pk].about is None
    with moment.frozen(NOW + 2 * MINUTE):  # nobody waited between: no span, however many
        for hour in range(4):
            with moment.frozen(NOW + hour * 60 * MINUTE):
                visit = came(cast, counter="B")
            with moment.frozen(NOW + (hour * 60 + 1) * MINUTE):
                services.serve(actor=cast.actor(cast.agent), id=visit.pk)
    assert "B" not in queries.paces()
    services.arrive(actor=cast.actor(cast.agent), counter="A", received=True)  # has not waited
    assert "A" not in queries.paces()
    received(cast, (30, 31, 33, 34), start=NOW)
    assert "A" in queries.paces()
    with moment.frozen(NOW + (queries.LAST_DAYS + 1) * DAY):
        assert queries.paces() == {}


def test_without_figures_the_place_stands_alone(cast, signed_in):
    desk = Browser(signed_in(cast.receptionist))
    desk.give("/visits/new", counter="A")
    desk.give("/visits/new", counter="A")
    assert [words for words in ("下一位", "前面还有1人", "约需") if words in desk.open("/visits").text] == ["下一位", "前面还有1人"]


def test_it_costs_two_statements_however_many_wait(cast):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            queries.places()
        return len(seen)

    assert cost() == 1
    came(cast)
    few = cost()
    for _one in range(5):
        came(cast)
    assert cost() == few == 2
