"""Per clause: carried out, proven, kept and broken; counted by hand over the made month."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace

import pytest

from kefu.engines.measures import services
from kefu.engines.measures.services import fill_all
from kefu.engines.rulebook.loader import load
from kefu.engines.rulebook.models import Clause, Regulation
from kefu.entry import cli
from kefu.insight.compliance import queries
from kefu.insight.compliance.queries import Kept
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.people.actor import SYSTEM
from kefu.timeline.services import record_one
from tests.reports.makers import HOUR, at, complaint, made_month, obligation
from tools import proofs

NOW = at(30, 8)


@pytest.fixture
def month(cast):
    """The made month, read on its last day, under a regulation of three clauses."""
    row = Regulation.objects.create(code="004", name="作业流程", pack="property")
    for position, (code, later) in enumerate([("R-04-3.7.1", ""), ("R-04-3.6.5", ""), ("R-04-9.9", "phone")]):
        Clause.objects.create(code=code, regulation=row, number=code[5:], position=position, summary=f"条文 {code}", later=later)
    with moment.frozen(NOW):
        made = made_month(cast)
        case = made.complaints.a.subject_id
        record_one(actor_id=None, subject_id=case, kind="complaint.decided", clauses=("R-04-3.7.1", "R-04-3.6.1"), at=at(6))
        record_one(actor_id=None, subject_id=case, kind="complaint.told", clauses=("R-04-3.7.1",), at=at(6, month=10))
        yield made


def by_id(actor=None):
    return {row.clause["code"]: row for row in queries.rows(queries.every_clause(), queries.standing(actor))}


def test_how_often_a_clause_was_kept_is_counted_by_hand(month):
    rows = by_id()
    assert rows["R-04-3.7.1"].month == Kept(met=1, late=0, open=1, events=1)
    assert rows["R-04-3.7.1"].year == Kept(met=2, late=0, open=1, events=2)
    assert rows["R-04-3.6.5"].month == Kept(met=0, late=1, open=0, events=0)
    assert rows["R-04-3.7.1"].month.rate == 0.5
    assert rows["R-04-9.9"].month.rate is None
    live = {code: (row.month, row.year) for code, row in rows.items()}
    fill_all(back=60)
    assert {code: (row.month, row.year) for code, row in by_id().items()} == live


def test_what_is_not_carried_out_says_so(month):
    rows = by_id()
    assert rows["R-04-9.9"].not_yet == "phone"
    assert rows["R-04-3.7.1"].not_yet == ""
    assert {"measure", "event"} <= {one["how"] for one in rows["R-04-3.7.1"].carried}
    Clause.objects.filter(code="R-04-9.9").update(later="")
    assert by_id()["R-04-9.9"].not_yet == "nothing"


def test_a_head_counts_the_own_unit_and_sees_the_own_cases(month, cast):
    actor = cast.actor(cast.cleaning_head)
    rows = by_id(actor=None if actor.can("compliance.see") else _with_right(actor))
    assert rows["R-04-3.7.1"].month == Kept(met=0, late=0, open=1, events=None)
    assert queries.open_overdue(_with_right(actor), ["complaint.severe_result"])[0]["subject__number"] == month.complaints.c.subject.number
    assert queries.late(_with_right(actor), ["complaint.invalid_explain"]).rows == []


def _with_right(actor):
    return replace(actor, rights=actor.rights | {"compliance.see"})


def read(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_page_shows_each_clause_and_where_it_was_broken(month, cast, signed_in):
    client = signed_in(cast.manager)
    words = read(client.get("/compliance"))
    assert "条文 R-04-3.7.1" in words
    assert "按时 1，超时完成 0，超时未完成 1" in words
    assert "条文 R-04-9.9" in words
    assert "条文 R-04-9.9" not in read(client.get("/compliance?regulation=004&tab=broken"))
    assert "条文 R-04-3.7.1" not in read(client.get("/compliance?regulation=004&tab=not_yet"))
    one = client.get("/compliance/R-04-3.7.1")
    assert f'href="/s/{month.complaints.c.pk}"' in one.content.decode()
    assert month.complaints.b.subject.number in read(client.get("/compliance/R-04-3.6.5"))
    assert client.get("/compliance/R-99").status_code == 404
    assert client.get("/compliance?regulation=999").status_code == 404
    assert signed_in(cast.agent).get("/compliance").status_code == 403


def test_late_cases_come_by_pages(month, cast, signed_in):
    rule = month.complaints.b.subject.obligations.get().rule
    for number in range(60):
        obligation(complaint(cast.repair, at(10)).subject, rule, at(11), at(11) + (number + 1) * HOUR)
    client = signed_in(cast.manager)
    first = client.get("/compliance/R-04-3.6.5").content.decode()
    following = re.search(r'href="(/compliance/R-04-3.6.5\?after=[^"]+)"', first)
    assert following
    assert client.get(following[1]).content.decode().count('href="/s/') == 11


def test_the_page_costs_the_same_whatever_happened(month, cast, signed_in, assert_queries):
    fill_all(back=400)
    client = signed_in(cast.manager)
    for name, address in (("compliance.index", "/compliance"), ("compliance.clause", "/compliance/R-04-3.7.1")):
        client.get(address)
        with assert_queries(name):
            client.get(address)


def test_the_pages_say_when_today_stood_so(month, cast, signed_in, monkeypatch):
    monkeypatch.setattr(services, "FEW", 1)
    client = signed_in(cast.manager)
    plain = [client.get(address).content.decode() for address in ("/compliance", "/compliance/R-04-3.7.1")]
    assert services.stand_today()
    told = [client.get(address).content.decode() for address in ("/compliance", "/compliance/R-04-3.7.1")]
    for one, other in zip(plain, told, strict=True):
        assert "截至" not in one
        assert re.search(r"当天数据截至 \d\d:\d\d", other)
        assert re.findall(r'<td class="num"[^>]*>[^<]*<', one) == re.findall(r'<td class="num"[^>]*>[^<]*<', other)


def test_the_command_prints_every_clause(month, capsys):
    assert cli.main(["compliance", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["not_yet"] == 1
    first = told["clauses"][0]
    assert set(first) == {"id", "carried", "proven", "kept", "broken", "not_yet"}
    assert (first["id"], first["broken"], first["kept"]["month"]["met"]) == ("R-04-3.7.1", 1, 1)
    assert cli.main(["compliance", "--regulation", "none"]) == 0
    assert "not yet: 0 of 0" in capsys.readouterr().out


def test_the_regulation_of_the_property_pack_is_all_there(db):
    load("property", actor=SYSTEM)
    rows = queries.overview()
    assert next(row for row in rows if row["code"] == "004")["clauses"] > 30
    assert queries.chosen("", rows) == "004"
    with pytest.raises(NotFound):
        queries.chosen("x", rows)


def test_the_proofs_are_those_of_the_tests():
    assert not proofs.stale(), "run python tools/proofs.py"


def test_marks_are_read_from_files_classes_and_tests():
    text = """
pytestmark = pytest.mark.clause("R-1-1")
class TestIt:
    @pytest.mark.clause("R-1-2", "R-1-3")
    def test_a(self): ...
def test_b(): ...
def helper(): ...
"""
    assert list(proofs.of_file("f.py", ast.parse(text))) == [
        ("R-1-1", "f.py::TestIt::test_a"), ("R-1-2", "f.py::TestIt::test_a"), ("R-1-3", "f.py::TestIt::test_a"), ("R-1-1", "f.py::test_b"),
    ]  # fmt: skip
