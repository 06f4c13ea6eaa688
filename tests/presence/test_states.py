"""An agent is in exactly one state at a time; the stays are the ledger, limits run on them, a lost connection ends them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kefu.engines.clock.models import Obligation
from kefu.engines.clock.ticker import tick
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotAllowed, NotFound
from kefu.touch.presence import handling, queries
from kefu.touch.presence.choices import State
from kefu.touch.presence.models import Agent, Stay
from tests.property_centre import DAY, MINUTE, NOW


def go(cast, staff, state, reason=""):
    handling.change(actor=cast.actor(staff), id=staff.pk, state=state, reason=reason)


def test_the_ledger_has_one_row_for_each_stay_without_gap_or_overlap(cast):
    go(cast, cast.agent, "ready")
    go(cast, cast.agent, "ready")
    with moment.frozen(NOW + 5 * MINUTE):
        go(cast, cast.agent, "busy", "case_work")
    with moment.frozen(NOW + 9 * MINUTE):
        go(cast, cast.agent, "offline")
    rows = queries.ledger(cast.agent.pk, NOW - DAY, NOW + DAY)
    assert [(row["state"], row["reason"]) for row in rows] == [("ready", ""), ("busy", "case_work"), ("offline", "")]
    assert [row["until"] for row in rows] == [rows[1]["since"], rows[2]["since"], None]
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.create(agent_id=Agent.objects.get().pk, state=State.READY, since=NOW)


def test_what_may_be_chosen_and_by_whom(cast):
    for state, reason in (("talking", ""), ("nothing", ""), ("away", ""), ("busy", "seat_fault")):
        with pytest.raises(Invalid):
            go(cast, cast.agent, state, reason)
    go(cast, cast.agent, "away", "seat_fault")
    lead = cast.actor(cast.manager)
    with pytest.raises(NotAllowed):
        handling.change(actor=lead, id=cast.agent.pk, state="ready")
    handling.change(actor=lead, id=cast.agent.pk, state="offline")
    assert queries.now_of(cast.agent.pk)["state"] == "offline"
    for stranger in (cast.crew, cast.receptionist):
        with pytest.raises(NotFound):
            handling.change(actor=cast.actor(stranger), id=cast.agent.pk, state="offline")
    with pytest.raises(NotFound):
        go(cast, cast.crew, "ready")


def test_a_meal_that_lasts_too_long_is_told_to_the_lead(cast):
    go(cast, cast.agent, "meal")
    assert queries.now_of(cast.agent.pk)["due"] == NOW + 30 * MINUTE
    with moment.frozen(NOW + 27 * MINUTE):
        tick()
    told = Notice.objects.filter(subject_id=Agent.objects.get().pk).values_list("recipient_id", "kind")
    assert list(told) == [(cast.agent.pk, "clock.warned")]
    with moment.frozen(NOW + 31 * MINUTE):
        tick()
        assert (cast.manager.pk, "clock.escalated") in set(told.all())
        go(cast, cast.agent, "ready")
    assert Obligation.objects.get(code="presence.meal").state == "late"
    assert queries.now_of(cast.agent.pk)["due"] is None


def test_who_loses_the_connection_is_signed_off_once_after_the_grace_time(cast):
    go(cast, cast.agent, "ready")
    go(cast, cast.receptionist, "ready")
    with moment.frozen(NOW + 2 * MINUTE):
        handling.connected([cast.receptionist.pk])
        assert handling.sign_off_disconnected() == 0
    with moment.frozen(NOW + timedelta(seconds=151)):
        assert handling.sign_off_disconnected() == 1
        assert handling.sign_off_disconnected() == 0
    held = queries.now_of(cast.agent.pk)
    assert (held["state"], held["reason"], set(queries.signed_off([cast.agent.pk, cast.receptionist.pk]))) == (
        "offline", "disconnected", {cast.agent.pk},
    )  # fmt: skip
    assert [staff for staff, _since in queries.ready()] == [cast.receptionist.pk]


def test_the_top_bar_changes_the_state_and_the_floor_shows_it(cast, signed_in):
    agent, lead = signed_in(cast.agent), signed_in(cast.manager)
    assert 'hx-post="/presence/me"' in agent.get("/").content.decode()
    assert "就绪" in agent.post("/presence/me", {"state": "ready"}).content.decode()
    assert "请选择原因" in agent.post("/presence/me", {"state": "away"}).content.decode()
    shown = lead.get("/floor").content.decode()
    assert "陈静" in shown
    assert "就绪" in shown
    assert agent.get("/floor").status_code == 403
    assert lead.post(f"/agents/{cast.agent.pk}/do/state", {"state": "offline"}).status_code == 303
    assert "陈静" not in lead.get("/floor").content.decode().partition('id="floor"')[2]
    assert "陈静" in lead.get("/floor?all=1").content.decode().partition('id="floor"')[2]
    assert signed_in(cast.crew).post("/presence/me").content == b""


def test_other_systems_read_and_change_states(cast, signed_in):
    agent, lead = signed_in(cast.agent), signed_in(cast.manager)
    answer = agent.post(f"/api/v1/agents/{cast.agent.pk}/commands/state", {"state": "ready"}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert [(row["number"], row["state"]) for row in lead.get("/api/v1/agents").json()["items"]] == [("021", "ready")]
    assert agent.get("/api/v1/agents").status_code == 403
