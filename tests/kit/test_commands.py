"""Commands as pages and over the API: drawn by schema, refused in words, carried out."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import orjson
import pytest
from django.db import models
from django.urls import path
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Router, Schema

from kefu.kit import http
from kefu.kit.asking import asked
from kefu.kit.choices_registry import ChoiceSource, choice_sources
from kefu.kit.command_api import add_commands
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import Command, CommandSet, NoFields
from kefu.kit.errors import Conflict, KefuError, NotFound
from kefu.kit.schema_fields import fields_of
from tests.kit.reading import Node, read

given: list[dict[str, Any]] = []
HOSTILE = "<b>停水</b> \U0001f600"


class Tone(models.TextChoices):
    CALM = "calm", "Calm"
    LOUD = "loud", "Loud"


class Level(Enum):
    LOW = 1
    HIGH = 2


class Extension(Schema):
    reason: str = asked(_("Reason"), min_length=2, max_length=500, help=_("As the customer says it"))
    until: datetime = asked(_("Time"))
    unit: int = asked(_("Unit"), choices="test_units")
    tone: Tone = asked(_("Kind"), Tone.CALM)
    marks: list[str] = asked(_("Marks"), [], choices=[("a", "Mark A"), ("b", "Mark B")])
    urgent: bool = asked(_("Urgent"), False)
    hours: int | None = asked(_("Number"), None, ge=1, le=72)


def extend(*, actor: Any, id: int, **fields: Any) -> None:
    if fields["hours"] == 13:
        raise Conflict("Extended once already.", fields={"hours": "Not thirteen."})
    given.append({"actor": actor.number, "id": id, **fields})


def close(*, actor: Any, id: int) -> int:
    given.append({"closed": id})
    return id


def allowed(actor: Any, id: int) -> set[str]:
    if id == 404:
        raise NotFound()
    return {"extend", "close"} if id != 9 else set()


COMMANDS = CommandSet(
    "thing",
    allowed,
    (
        Command("extend", _("Save"), extend, Extension, tone="primary", done="It is extended."),
        Command("close", _("Close"), close, NoFields, tone="danger", confirm=_("Yes"), leads_to=lambda result, id: f"/elsewhere/{result}"),
    ),
)
router = Router()
add_commands(router, COMMANDS, "things", lambda actor, id: {"state": "open"})
test_api = NinjaAPI(urls_namespace="test-things")
test_api.add_router("", router)


@test_api.exception_handler(KefuError)
def _refused(request, error):
    return http.problem(error)


@pytest.fixture
def client(cast, signed_in, settings):
    if "test_units" not in choice_sources:
        choice_sources.add(ChoiceSource("test_units", lambda actor, id: [(1, "Repair"), (2, "Cleaning")]))
    from kefu.entry import urls

    class Here:
        urlpatterns = [*urls.urlpatterns, *command_urls(COMMANDS, "things", "thing"), path("test-api/", test_api.urls)]

    settings.ROOT_URLCONF = Here
    given.clear()
    cast.agent.language = "en"
    cast.agent.save()
    return signed_in(cast.agent)


HTMX = {"HX-Request": "true"}
GOOD = {"reason": HOSTILE, "until": "2026-11-22T18:00", "unit": "2", "marks": ["a", "b"], "tone": "loud"}


def page(answer) -> Node:
    return read(answer.content)


def test_the_form_is_drawn_from_the_schema(client):
    form = page(client.get("/things/3/do/extend", headers=HTMX))
    assert form.one("h2").text == "Save"
    assert form.field("Reason").tag == "textarea"
    assert form.field("Reason")["maxlength"] == "500"
    assert "As the customer says it" in form.text
    assert form.field("Time")["type"] == "datetime-local"
    assert [one.text for one in form.field("Unit").all("option")] == ["Please choose", "Repair", "Cleaning"]
    assert [one["value"] for one in form.all("input", type="radio") if "checked" in one.attributes] == ["calm"]
    assert form.field("Mark B")["type"] == "checkbox"
    assert (form.field("Number")["min"], form.field("Number")["max"]) == ("1", "72")
    assert "required" not in form.field("Number").attributes


def test_a_plain_visit_shows_a_whole_page(client):
    whole = page(client.get("/things/3/do/extend"))
    assert whole.one("h1").text == "Save"
    assert whole.one("form", class_="command-form").get("hx-post") == ""


def test_errors_stand_under_the_fields_and_what_was_typed_stays(client):
    answer = client.post("/things/3/do/extend", {**GOOD, "reason": "x", "until": "soon", "unit": "", "hours": "99"}, headers=HTMX)
    assert answer.status_code == 422
    form = page(answer)

    def error(label: str) -> str:
        return form.one(id=form.field(label)["aria-describedby"]).one(role="alert").text

    assert error("Reason") == "At least 2 characters."
    assert error("Time") == "Enter a date and time as yyyy-mm-dd HH:mm."
    assert error("Unit") == "This must be filled in."
    assert error("Number") == "Must be at most 72."
    assert form.field("Reason").text == "x"
    assert form.field("Number")["value"] == "99"
    assert "checked" in form.field("Loud").attributes
    assert given == []


def test_a_refusal_of_the_service_shows_in_the_form(client):
    answer = client.post("/things/3/do/extend", {**GOOD, "hours": "13"}, headers=HTMX)
    assert answer.status_code == 409
    form = page(answer)
    assert form.one(class_="alert").text == "Extended once already."
    assert "Not thirteen." in form.text
    assert form.field("Reason").text == HOSTILE


def test_success_in_the_drawer_says_so_and_names_what_changed(client):
    answer = client.post("/things/3/do/extend", GOOD, headers=HTMX)
    assert answer.status_code == 200
    assert "It is extended." in page(answer).one(id="messages").text
    assert orjson.loads(answer.headers["HX-Trigger"])["kefu-given"] == {"kind": "thing", "id": "3", "event": "extend"}
    (done,) = given
    assert (done["actor"], done["id"], done["reason"], done["unit"], done["marks"]) == ("021", 3, HOSTILE, 2, ["a", "b"])
    assert done["until"].isoformat() == "2026-11-22T18:00:00+08:00"
    assert (done["tone"], done["urgent"], done["hours"]) == (Tone.LOUD, False, None)


def test_success_on_the_page_leads_to_the_record_and_says_so_once(client):
    answer = client.post("/things/3/do/extend", {**GOOD, "urgent": "true"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/things/3")
    assert given[0]["urgent"] is True
    client.cookies.update(answer.cookies)
    assert "It is extended." in client.get("/things/3/do/extend").content.decode()
    assert "It is extended." not in client.get("/things/3/do/extend").content.decode()


def test_an_important_command_asks_to_confirm(client):
    answer = client.post("/things/3/do/close", {}, headers=HTMX)
    assert answer.status_code == 422
    assert "Please confirm." in page(answer).text
    assert given == []
    answer = client.post("/things/3/do/close", {"_confirm": "yes"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/elsewhere/3"
    assert given == [{"closed": 3}]


def test_hidden_unknown_or_not_now(client):
    assert client.get("/things/404/do/extend").status_code == 404
    assert client.post("/things/404/do/extend", {}).status_code == 404
    assert client.get("/things/3/do/nonsense").status_code == 404
    assert client.get("/things/9/do/extend").status_code == 409


def test_a_guest_is_led_to_sign_in(client):
    client.cookies.clear()
    assert client.get("/things/3/do/extend").headers["Location"].startswith("/sign-in")


def test_the_api_has_the_same_commands(client):
    document = test_api.get_openapi_schema()
    here = "/test-api/things/{id}/commands"
    assert set(document["paths"]) == {here, f"{here}/extend", f"{here}/close"}
    assert document["paths"]["/test-api/things/{id}/commands/extend"]["post"]["operationId"] == "thing_extend"
    assert document["components"]["schemas"]["ThingExtension"]["properties"]["reason"]["title"] == "Reason"


def test_the_api_gives_commands(client):
    listed = client.get("/test-api/things/3/commands").json()["commands"]
    assert [one["name"] for one in listed] == ["extend", "close"]
    assert listed[0]["schema"]["required"] == ["reason", "until", "unit"]
    body = {"reason": "late part", "until": "2026-11-22T18:00:00Z", "unit": 1}
    answer = client.post("/test-api/things/3/commands/extend", body, content_type="application/json")
    assert answer.json() == {"id": 3, "state": "open", "allowed": ["extend", "close"]}
    assert given[0]["unit"] == 1
    assert client.post("/test-api/things/3/commands/close").status_code == 200
    assert client.post("/test-api/things/3/commands/extend", {}, content_type="application/json").status_code == 422


def test_enumerations_without_labels_and_plain_pydantic_fields():
    from pydantic import Field as Plain

    class Simple(Schema):
        level: Level
        note: str = Plain("", title="A note", description="Say it", json_schema_extra={"widget": "textarea"})

    level, note = fields_of(Simple)
    assert (level.widget, list(level.choices)) == ("radio", [(1, "LOW"), (2, "HIGH")])
    assert (note.label, note.hint, note.widget) == ("A note", "Say it", "textarea")
