"""The settings of limits and calendars, as an administrator reads and presses them."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.engines.clock import holidays, rules, services
from kefu.engines.clock.models import CalendarException, LimitRule, WorkCalendar
from kefu.kit import moment
from kefu.timeline.models import Event
from tests.clock.test_running import calendars as calendars
from tests.clock.test_running import case as case
from tests.clock.test_running import limit
from tests.clock.test_vectors import at

NOW = at("2035-03-05 10:00")


@pytest.fixture
def admin(cast, signed_in, calendars):
    return signed_in(cast.admin)


def test_48_hours_become_24_from_a_date_on(admin, case):
    row = limit("severe", 48, "clock_hour", name="严重投诉处理结果")
    (running,) = services.reach(subject=case, moments=["case.opened"], at=NOW)
    with moment.frozen(NOW):
        assert "严重投诉处理结果" in admin.get("/settings/limits").content.decode()
        assert admin.get(f"/settings/limits/{row.pk}/do/change").status_code == 200
        typed = {
            "valid_from": "2035-03-09",
            "amount": "24",
            "unit": "clock_hour",
            "start": "at_once",
            "end": "same_instant",
            "rest": "as_is",
        }
        said = admin.post(f"/settings/limits/{row.pk}/do/change", {**typed, "pausable": "true"})
        assert said.status_code == 303, said.content.decode()
        page = admin.get(f"/settings/limits/{row.pk}", {"start": "2035-03-12T10:00"}).content.decode()
    assert "2035-03-14 10:00" in page
    assert "2035-03-13 10:00" in page
    assert list(LimitRule.objects.order_by("valid_from").values_list("amount", "valid_to")) == [
        (Decimal(48), at("2035-03-09 00:00")),
        (Decimal(24), None),
    ]
    running.refresh_from_db()
    assert running.due_at == at("2035-03-07 10:00")
    assert Event.objects.filter(kind="limit.changed").count() == 1


def test_the_page_of_the_limit_is_loaded_again_and_no_other(admin):
    row = limit("severe", 48, "clock_hour")
    typed = {"valid_from": "2035-03-09", "unit": "clock_hour", "start": "at_once", "end": "same_instant", "rest": "as_is"}
    for amount, where, status, address in (
        ("24", f"/settings/limits/{row.pk}?start=x", 204, f"/settings/limits/{row.pk}?start=x"),
        ("20", "/settings/limits", 204, "/settings/limits"),
        ("12", "/settings/limitsome", 200, None),
        ("10", "/desk/7", 200, None),
    ):
        newest = LimitRule.objects.order_by("-valid_from").values_list("pk", flat=True)[0]
        told = {**typed, "amount": amount, "valid_from": f"2035-03-{30 - int(amount):02}"}
        asked = {"HX-Request": "true", "HX-Current-URL": f"https://example.org{where}"}
        with moment.frozen(NOW):
            answer = admin.post(f"/settings/limits/{newest}/do/change", told, headers=asked)
        assert (answer.status_code, answer.headers.get("HX-Redirect")) == (status, address), answer.content.decode()


def test_figures_that_make_no_sense_are_told(admin):
    row = limit("days", 3, "working_day")
    typed = {"valid_from": "2026-12-05", "amount": "1.5", "unit": "working_day", "start": "next_day", "end": "end_of_day", "rest": "move"}
    assert admin.post(f"/settings/limits/{row.pk}/do/change", typed).status_code == 422
    assert LimitRule.objects.count() == 1
    assert admin.get(f"/settings/limits/{row.pk}?start=nonsense").status_code == 200


def test_calendars_and_holidays(admin):
    pk = WorkCalendar.objects.get(code="office").pk
    page = admin.get("/settings/calendars?year=2026").content.decode()
    assert "2026-02-14" in page
    assert "08:30-12:00 13:30-17:30" in page
    assert admin.get("/settings/calendars?year=2031").status_code == 200
    assert (
        admin.post(f"/settings/calendars/{pk}/do/set_day", {"date": "2026-03-06", "spans": "09:00-11:00", "name": "搬家"}).status_code
        == 303
    )
    assert CalendarException.objects.get().spans == [["09:00", "11:00"]]
    week = {"name": "办公", "mon": "09:00-18:00", "follows_holidays": "true"}
    assert admin.post(f"/settings/calendars/{pk}/do/change", week).status_code == 303
    assert WorkCalendar.objects.get(pk=pk).week == {"mon": [["09:00", "18:00"]]}
    assert admin.post(f"/settings/calendars/{pk}/do/change", {**week, "mon": "18:00-09:00"}).status_code == 422
    admin.post("/settings/calendars/holidays/set", {"date": "2026-12-31", "kind": "off", "name": "年会"})
    assert holidays.known()[2026][-1].date == date(2026, 12, 31)
    assert len(holidays.known()[2026]) == len(holidays.shipped()[2026]) + 1


def test_import_of_a_year(admin):
    days = {"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}
    file = SimpleUploadedFile("2027.json", json.dumps(days).encode())
    assert admin.post("/settings/calendars/holidays/import", {"file": file}).headers["Location"] == "/settings/calendars?year=2027"
    rules.forget()
    assert not rules.calendars.named("office").is_provisional(2027)
    for bad in (b"", b"\xff", b"[]", b'{"year": 2028}'):
        answer = admin.post("/settings/calendars/holidays/import", {"file": SimpleUploadedFile("x.json", bad or b" ")})
        assert answer.headers["Location"] == "/settings/calendars"
    assert set(holidays.known()) == {2024, 2025, 2026, 2027}


def test_who_manages_no_settings_sees_none(cast, signed_in, calendars):
    row = limit("severe", 48, "clock_hour")
    agent = signed_in(cast.agent)
    for address in ("/settings/limits", f"/settings/limits/{row.pk}", "/settings/calendars"):
        assert agent.get(address).status_code == 403
    assert agent.get(f"/settings/limits/{row.pk}/do/change").status_code == 404
    assert agent.post("/settings/calendars/holidays/set", {"date": "2026-12-31", "kind": "off"}).status_code == 403


def test_the_same_for_other_systems(admin, cast, signed_in):
    row = limit("severe", 48, "clock_hour")
    assert admin.get("/api/v1/limits").json()["rows"][0]["code"] == "severe"
    assert {one["code"] for one in admin.get("/api/v1/calendars").json()["rows"]} == {"office", "always"}
    assert [one["name"] for one in admin.get(f"/api/v1/limits/{row.pk}/commands").json()["commands"]] == ["change", "end"]
    assert signed_in(cast.agent).get("/api/v1/limits").status_code == 403
    question = {"calendar": "office", "start": "2026-02-13T16:00", "limit": {"amount": 4, "unit": "business_hour"}}
    assert admin.post("/api/v1/clock/due", question, "application/json").json() == {"due": "2026-02-14T11:00:00+08:00"}
    assert admin.post("/api/v1/clock/due", "nonsense", "application/json").status_code == 422
