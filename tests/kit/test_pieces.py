"""Every page piece, by what a person reads and can press. Texts are asked in English, the language of the code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import engines
from django.utils import translation

from kefu.kit import moment
from kefu.kit.commands import Command
from kefu.kit.fields import Field
from kefu.kit.tables import Column
from tests.kit.reading import Node, read

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def _english_at_ten():
    with translation.override("en"), moment.frozen(AT):
        yield


def draw(source: str, **context) -> Node:
    template = engines["jinja2"].from_string('{% import "ui.html" as ui with context %}' + source)
    return read(template.render(context))


def test_paged_table():
    columns = [
        Column("number", "Number", fixed=True),
        Column("title", "Title"),
        Column("cost", "Cost", "number", unit="yuan"),
        Column("state", "State", "own"),
    ]
    rows = [
        {"id": 7, "number": "WO-7", "title": HOSTILE, "cost": 12345, "state": "x"},
        {"id": 8, "number": "WO-8", "title": "", "cost": None, "state": "y"},
    ]
    page = draw(
        '{% call(row, column) ui.paged_table(columns, rows, "?after=z", row_url="/orders/{id}", batch=[("assign", "Assign")],'
        ' batch_url="/b/", live="order", row_live_url="/orders/{id}/row") %}<b>{{ row.state }}!</b>{% endcall %}',
        columns=columns,
        rows=rows,
    )
    assert [node.text for node in page.all("th")] == ["", "Number", "Title", "Cost (yuan)", "State"]
    first, second = page.one("tbody").all("tr")
    assert [node.text for node in first.all("td")] == ["", "WO-7", HOSTILE, "12,345", "x!"]
    assert [node.text for node in second.all("td")] == ["", "WO-8", "--", "--", "y!"]
    assert page.link("WO-7")["href"] == "/orders/7"
    assert (first["data-live"], first["hx-get"]) == ("order:7", "/orders/7/row")
    assert page.link("Next page")["href"] == "?after=z"
    assert page.link("Load more")["hx-target"] == "#rows"
    assert page.link("Assign")["hx-get"] == "/b/assign"
    assert [box["value"] for box in page.all("input", name="id")] == ["7", "8"]


def test_paged_table_takes_tuples_and_says_when_empty():
    columns = [Column(1, "Number"), Column(2, "Opened", "stamp")]
    page = draw("{{ ui.paged_table(columns, [(5, 'WO-5', at)]) }}", columns=columns, at=AT)
    assert [node.text for node in page.all("td")] == ["WO-5", "2026-11-22 10:00:00"]
    assert page.one("tr", id="row-5")
    empty = draw("{{ ui.paged_table(columns, [], empty_text='Take the first call.') }}", columns=columns)
    assert empty.all("table") == []
    assert "Nothing found Take the first call." in empty.text


def test_filter_bar_keeps_filters_in_the_address():
    fields = [Field(f"f{n}", f"Filter {n}") for n in range(6)]
    page = draw("{{ ui.filter_bar(fields, keep={'view': 'mine'}) }}", fields=[*fields[:5], Field("f5", "Filter 5", value="x")])
    form = page.one("form")
    assert form["method"] == "get"
    assert page.one("input", type="hidden")["value"] == "mine"
    assert "open" in page.one("details").attributes
    assert page.one("details").field("Filter 5")["value"] == "x"
    assert [page.link("Search").tag, page.link("Reset").tag] == ["button", "a"]
    closed = draw("{{ ui.filter_bar(fields) }}", fields=fields)
    assert "open" not in closed.one("details").attributes


def test_command_bar_shows_primary_first_and_the_rest_under_more():
    commands = [
        Command("void", "Void: never used again", print, tone="danger"),
        *(Command(f"c{n}", f"Command {n}", print) for n in range(3)),
        Command("accept", "Accept", print, tone="primary"),
    ]
    page = draw("{{ ui.command_bar(commands, '/orders/3/do/') }}", commands=commands)
    assert [node.text for node in page.all("a")] == ["Accept", "Command 0", "Command 1", "Command 2", "Void: never used again"]
    assert [node.text for node in page.one("details").all("a")] == ["Command 2", "Void: never used again"]
    assert page.link("Accept")["href"] == "/orders/3/do/accept"
    assert "text-danger" in page.link("Void: never used again")["class"]
    assert draw("{{ ui.command_bar([], '/x/') }}").text == ""


@pytest.mark.parametrize(
    ("row", "words", "look"),
    [
        ({"due_at": AT + timedelta(hours=30), "state": "open"}, "1 day 6 h left", ""),
        ({"due_at": AT + timedelta(hours=3), "state": "open"}, "3 h left", "is-soon"),
        ({"due_at": AT + timedelta(hours=9), "state": "open", "warn_at": AT}, "9 h left", "is-soon"),
        ({"due_at": AT - timedelta(hours=2), "state": "open"}, "2 h over", "is-over"),
        ({"due_at": AT, "state": "paused"}, "paused", "is-paused"),
        ({"due_at": AT, "state": "met", "settled_at": AT}, "kept", "is-met"),
        ({"due_at": AT, "state": "late", "settled_at": AT}, "kept late", "is-over"),
        ({"due_at": AT, "state": "void"}, "no longer due", ""),
    ],
)
def test_deadline_tag(row, words, look):
    page = draw("{{ ui.deadline_tag(row) }}", row={"name": "Result", "clauses": ["R-04-3.7.1"], **row})
    assert page.text == f"Result {words} R-04-3.7.1"
    tag = page.one(class_="deadline")
    assert look in tag["class"]
    title = page.one(class_="deadline-tag")["title"]
    assert "R-04-3.7.1" in title
    if row["state"] == "open":
        assert tag.tag == "kefu-deadline"
        assert datetime.fromisoformat(tag["due"]) == row["due_at"]
        assert "Due 2026-11-2" in title


def test_timeline_tells_declared_events_and_the_actor():
    events = [
        {"kind": "note.added", "at": AT, "actor__name": "陈静", "actor__number": "021", "clauses": ["R-04-1.4"], "body": HOSTILE},
        {"kind": "unknown.kind", "at": AT, "actor__name": None, "actor__number": None, "clauses": [], "audience": "customer"},
    ]
    first, second = draw("{{ ui.timeline(events) }}", events=events).all("li")
    assert "陈静 021 added a note" in first.text
    assert HOSTILE in first.text
    assert first.link("R-04-1.4")["href"] == "/compliance/R-04-1.4"
    assert "System unknown.kind Visible to the customer 2026-11-22 10:00:00" in second.text
    assert "Nothing has happened yet" in draw("{{ ui.timeline([]) }}").text


def test_figures():
    item = {"label": "On time", "value": "98.1%", "target": "98%", "url": "/rows", "definition": "Settled in time"}
    page = draw("{{ ui.stat_row([item]) }}", item=item)
    assert page.text == "On time 98.1% Target 98%"
    assert page.link("98.1%")["href"] == "/rows"
    listed = draw("{{ ui.figure_list([('Unit', none), ('Title', hostile)]) }}", hostile=HOSTILE)
    assert [node.text for node in listed.all("dd")] == ["--", HOSTILE]


def test_chart_has_its_table_beside_it():
    options = {"series": [{"name": "</script><script>alert(1)"}]}
    page = draw("{{ ui.chart(options, ['Day', 'Orders'], [['11-20', 1204], ['11-21', none]], 'Per day') }}", options=options)
    assert [node.text for node in page.all("td")] == ["1,204", "--"]
    assert len(page.all("script")) == 1


@pytest.mark.parametrize("widget", ["text", "textarea", "number", "date", "datetime", "select", "phone", "email", "unit"])
def test_every_input_has_label_hint_error_and_keeps_its_value(widget):
    values = {"number": 3, "date": AT.date(), "datetime": AT, "select": "b", "unit": "b"}
    shown = {"number": "3", "date": "2026-11-22", "datetime": "2026-11-22T10:00"}
    field = Field("x", "Label", widget, values.get(widget, HOSTILE), True, "A hint", "An error", [("a", "A"), ("b", "B")])
    page = draw("{{ ui.field(f) }}", f=field)
    control = page.field("Label")
    assert control["aria-invalid"] == "true"
    assert page.one(id=control["aria-describedby"]).text == "An error A hint"
    if widget in {"select", "unit"}:
        assert [one.text for one in control.all("option") if "selected" in one.attributes] == ["B"]
    elif widget == "textarea":
        assert control.text == HOSTILE
    else:
        assert control["value"] == shown.get(widget, HOSTILE)


def test_ticks_switches_and_hidden_fields():
    many = draw("{{ ui.field({'name': 'x', 'label': 'L', 'widget': 'checks', 'choices': [(1, 'A'), (2, 'B')], 'value': [2]}) }}")
    assert [box["value"] for box in many.all("input") if "checked" in box.attributes] == ["2"]
    assert "checked" in draw("{{ ui.field({'name': 'x', 'label': 'L', 'widget': 'switch', 'value': true}) }}").field("L").attributes
    assert draw("{{ ui.field({'name': 'x', 'widget': 'hidden', 'value': 5}) }}").one("input")["value"] == "5"
    assert "value" not in draw("{{ ui.field({'name': 'x', 'label': 'L', 'widget': 'photo'}) }}").field("L").attributes
    assert draw("{{ ui.field({'name': 'x', 'label': 'L', 'widget': 'password', 'value': 's'}) }}").field("L")["value"] == ""


def test_fields_stand_in_groups():
    page = draw("{{ ui.fields(fields) }}", fields=[Field("a", "A", group="First"), Field("b", "B", group="First"), Field("c", "C")])
    assert page.one("fieldset").one("legend").text == "First"
    assert len(page.one("fieldset").all("input")) == 2
    assert len(page.all("input")) == 3


def test_small_pieces():
    tabs = draw("{{ ui.tabs([('a', 'All', '?t=a', 3), ('b', 'Mine', '?t=b')], 'b') }}")
    assert tabs.text == "All 3 Mine"
    assert tabs.one("a", aria_current="page").text == "Mine"
    assert draw("{{ ui.progress(1.7) }}").one(role="progressbar")["aria-valuenow"] == "100"
    crumbs = draw("{{ ui.breadcrumbs([('Home', '/'), ('Here', '')]) }}")
    assert [node["href"] for node in crumbs.all("a")] == ["/"]
    assert draw("{{ ui.kbd('g h') }}").text == "g h"
    assert draw("{{ ui.person(none) }}").text.endswith("System")
    assert draw("{{ ui.person('陈静', '021') }}").text == "陈 陈静 021"
    assert draw("{{ ui.confirm('Sure?') }}").field("Sure?")["value"] == "yes"
    assert draw("{{ ui.state_tag(x, 'danger') }}", x=HOSTILE).text == HOSTILE
    assert draw("{{ ui.alert('No disk', 'danger') }}").one(role="alert").text == "No disk"
    live = draw("{% call ui.live('order', 3, '/orders/3/part') %}x{% endcall %}").one("div")
    assert (live["data-live"], live["hx-trigger"], live["hx-get"]) == ("order:3", "live", "/orders/3/part")


def test_masked_and_drawer():
    page = draw("{{ ui.masked('138****0000', '/reveal/1') }}")
    assert page.link("Show in full; this is logged")["href"] == "/reveal/1"
    assert draw("{{ ui.masked('', '/reveal/1') }}").text == "--"
    drawer = draw("{% call ui.drawer('Title', '/page') %}Body{% endcall %}")
    assert drawer.one("h2").text == "Title"
    assert drawer.link("Close").tag == "button"
    assert drawer.link("Open as a page")["href"] == "/page"
    assert draw("{{ ui.drawer_link('Open', '/x') }}").link("Open")["hx-target"] == "#drawer"


def test_empty_state_says_what_to_do():
    page = draw("{{ ui.empty_state('No orders', 'Take a call.', action_label='Open an order', action_url='/desk') }}")
    assert page.text == "No orders Take a call. Open an order"
    assert page.link("Open an order")["href"] == "/desk"
