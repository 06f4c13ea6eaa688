"""The document a stranger works by."""

from __future__ import annotations

import json

from django.test import Client

from kefu.entry.api import api
from kefu.entry.cli import main
from kefu.entry.commands.openapi import KEPT, document
from kefu.entry.openapi import TAGS

DOCUMENT = api.get_openapi_schema()
OPERATIONS = [(path, method, one) for path, methods in DOCUMENT["paths"].items() for method, one in methods.items()]


def test_the_committed_document_tells_the_truth(capsys):
    assert KEPT.read_text() == document()
    assert main(["openapi", "--check"]) == 0


def test_the_check_says_when_it_is_stale(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["openapi", "--check"]) == 1
    assert "stale" in capsys.readouterr().err


def test_every_operation_has_a_name_a_summary_a_known_tag_and_its_refusals():
    names = [one["operationId"] for _path, _method, one in OPERATIONS]
    assert len(names) == len(set(names))
    for path, method, one in OPERATIONS:
        assert one["summary"], path
        assert set(one["tags"]) <= set(TAGS), (path, one["tags"])
        assert {"401", "403", "422", "503"} <= set(one["responses"]), path
        assert ("404" in one["responses"]) == ("{" in path), path
        assert method == "get" or {"400", "409"} <= set(one["responses"]), path


def test_every_reference_leads_somewhere():
    def references(part):
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for value in part.values():
                yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    found = set(references(json.loads(document())))
    assert found
    for one in found:
        place = DOCUMENT
        for name in one.removeprefix("#/").split("/"):
            place = place[name]


def test_two_schemas_of_one_name_are_told_apart():
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["WorkorderDecide"]["properties"]) == {"remark"}
    assert set(schemas["ComplaintDecide"]["properties"]) == {"closing_way", "result", "staff_action"}


def test_the_way_in_is_told_and_open_to_read(db):
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"bearer", "session"}
    problem = DOCUMENT["components"]["responses"]["Invalid"]["content"]["application/problem+json"]["example"]
    assert problem["code"] == "invalid"
    assert DOCUMENT["components"]["schemas"]["ContactIn"]["example"]["phone"] == "13800001234"
    assert Client().get("/api/v1/openapi.json").status_code == 200


def test_the_command_line_makes_a_key_that_opens(cast, capsys):
    assert main(["user", "token", "021", "--rights", "contacts.take"]) == 0
    key = capsys.readouterr().out.strip()
    known = Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/me").json()
    assert (known["number"], known["rights"]) == ("021", ["contacts.take"])
    assert main(["user", "token", "021", "--rights", "settings.manage"]) == 1
    assert main(["user", "token", "nobody"]) == 1
    assert main(["user", "token", "021"]) == 0
