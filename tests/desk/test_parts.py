"""The order list and the order page as htmx asks for them: the part alone, never in place of a page, with nobody else's rows."""

from __future__ import annotations

import pytest

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.workorders import asking, pages, queries
from kefu.cases.workorders.api import allowed_of
from kefu.cases.workorders.models import WorkOrder
from kefu.entry.centre import name as centre_name
from kefu.kit.commands import commands_of
from kefu.people.actor import forget
from kefu.people.models import Holding, Post, Staff
from kefu.touch.contacts import services as contacts
from tests import cases
from tests.kit.reading import read

HTMX = {"HX-Request": "true"}
PART = {**HTMX, "HX-Target": "orders-found"}


def part_of(client, address: str, **headers: str):
    return client.get(address, headers={**PART, **headers})


def rows_of(html) -> list[str]:
    return [row["id"] for row in read(html).one("tbody", id="orders").all("tr")]


def test_a_tab_answers_with_its_rows_and_the_tabs_alone(cast, signed_in):
    made = [cases.order(cast) for _ in range(3)]
    client = signed_in(cast.dispatcher)
    answer = part_of(client, "/orders?tab=dispatched")
    page = read(answer.content)
    assert page.all("html") == page.all("kefu-live") == page.all("form", class_="filter-bar") == []
    assert rows_of(answer.content) == [f"row-{order.pk}" for order in reversed(made)]
    tabs = page.one("ul", id="orders-tabs")
    assert tabs["hx-swap-oob"] == "morph"
    assert [tab["href"] for tab in tabs.all("a") if tab.get("aria-current")] == ["/orders?tab=dispatched"]
    assert page.one("input", form="orders-filter")["value"] == "dispatched"
    assert page.one("div", id="orders-found")["data-drawn"]
    whole = client.get("/orders?tab=dispatched")
    assert rows_of(whole.content) == rows_of(answer.content)
    assert read(whole.content).one("ul", id="orders-tabs").get("hx-swap-oob") == ""
    assert len(answer.content) < len(whole.content)


@pytest.mark.parametrize("headers", [{"HX-Boosted": "true"}, {"HX-Target": "main"}, {"HX-Target": ""}, {"HX-Request": ""}])
def test_only_who_asks_for_the_part_gets_it(cast, signed_in, headers):
    cases.order(cast)
    page = read(part_of(signed_in(cast.dispatcher), "/orders", **headers).content)
    assert page.one("html")
    assert page.one("form", class_="filter-bar")


@pytest.mark.parametrize("headers", [PART, {**HTMX, "HX-Target": "orders"}, {}])
def test_no_answer_is_kept_by_a_browser(cast, signed_in, headers):
    answer = signed_in(cast.dispatcher).get("/orders", headers=headers)
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"HX-Request", "HX-Boosted", "HX-Target"} <= {word.strip() for word in answer.headers["Vary"].split(",")}


def test_tabs_lead_to_whole_pages_while_filters_are_set(cast, signed_in):
    cases.order(cast, content="电梯困人")
    client = signed_in(cast.dispatcher)
    plain, filtered = (read(part_of(client, f"/orders?tab=open{more}").content) for more in ("", "&content=电梯"))
    assert {tab["hx-target"] for tab in plain.one("ul", id="orders-tabs").all("a")} == {"#orders-found"}
    assert {tab.get("hx-get") for tab in filtered.one("ul", id="orders-tabs").all("a")} == {""}
    assert filtered.one("tbody", id="orders").all("tr")
    assert read(part_of(client, "/orders?tab=open&content=空调").content).all("tr") == []
    assert part_of(client, "/orders?tree=%7Bnonsense").headers["HX-Retarget"] == "#messages"


def test_the_next_page_goes_on_where_this_one_ends(cast, signed_in, monkeypatch):
    made = [cases.order(cast) for _ in range(5)]
    monkeypatch.setattr("kefu.cases.workorders.queries.MAX_SIZE", 2)
    client, address, seen = signed_in(cast.dispatcher), "/orders?tab=open", []
    while address:
        answer = part_of(client, address)
        seen += rows_of(answer.content)
        further = read(answer.content).all("a", rel="next")
        assert [link["hx-target"] for link in further] in ([], ["#orders-found"])
        address = further[0]["href"] if further else ""
    assert seen == [f"row-{order.pk}" for order in reversed(made)]
    assert part_of(client, "/orders?after=nonsense").status_code == 422
    assert part_of(client, "/orders?after=WzkyMjMzNzIwMzY4NTQ3NzU4MDhd").status_code == 422


def test_what_a_person_sees_follows_the_posts_at_once(cast, signed_in):
    """Statements are kept by who asks: other rights or another reach make another statement."""
    cases.order(cast)
    elsewhere = cases.order(cast)
    WorkOrder.objects.filter(pk=elsewhere.pk).update(unit=cast.cleaning)
    elsewhere.subject.__class__.objects.filter(pk=elsewhere.pk).update(unit_path=cast.cleaning.path)
    crew, cleaner = signed_in(cast.repair_head), signed_in(cast.cleaning_head)
    assert f"row-{elsewhere.pk}" not in rows_of(part_of(crew, "/orders?tab=all").content)
    assert rows_of(part_of(cleaner, "/orders?tab=all").content) == [f"row-{elsewhere.pk}"]
    assert crew.get(f"/orders/{elsewhere.pk}", headers=HTMX).status_code == 404
    Holding.objects.filter(staff=cast.repair_head).update(unit=cast.cleaning)
    forget()
    assert rows_of(part_of(crew, "/orders?tab=all").content) == [f"row-{elsewhere.pk}"]
    assert crew.get(f"/orders/{elsewhere.pk}", headers=HTMX).status_code == 200
    Holding.objects.filter(staff=cast.repair_head).delete()
    forget()
    assert part_of(crew, "/orders?tab=all").status_code == 403
    assert crew.get(f"/orders/{elsewhere.pk}", headers=HTMX).status_code == 404


@pytest.mark.parametrize("more", [(), ("orders.urge", "orders.supervise")], ids=["as they are", "heads press too"])
def test_page_and_api_offer_what_the_full_judge_allows(cast, more):
    """At several steps of an order's life, for everybody who sees it: who sees it only as a helping unit presses nobody."""
    head = Post.objects.get(code="unit_head")
    Post.objects.filter(pk=head.pk).update(rights=[*head.rights, *more])
    forget()
    steps = [cases.order(cast), cases.accepted(cast), cases.accepted(cast), cases.completed(cast)]
    dispatcher, helped, let_go = cast.actor(cast.dispatcher), steps[1], steps[2]
    for order in (helped, let_go):
        asking.ask_helper(actor=dispatcher, id=order.pk, unit_id=cast.cleaning.pk, demand="清理积水")
    asking.withdraw_help(actor=dispatcher, id=let_go.pk, help_id=let_go.helps.get().pk, reason="已不需要")
    full, seen = commands_of("workorder"), set()
    for order in steps:
        for person in Staff.objects.all():
            actor = cast.actor(person)
            if not queries.visible_to(actor).filter(pk=order.pk).exists():
                continue
            row = queries.whole(actor, order.pk)
            offered = pages._allowed(actor, row, pages._lists(row))
            assert {one.name for one in offered} == full.allowed(actor, order.pk), person
            assert set(allowed_of(actor, row)) == full.allowed(actor, order.pk), person
            seen.add((order.pk, person.pk))
    assert {(helped.pk, cast.cleaning_head.pk), (helped.pk, cast.repair_head.pk)} < seen
    assert (let_go.pk, cast.cleaning_head.pk) not in seen
    assert CallbackTask.objects.exists()


def test_an_order_that_changed_is_drawn_alone(cast, signed_in, assert_queries):
    order = cases.completed(cast)
    client = signed_in(cast.receptionist)
    address = f"/orders/{order.pk}"
    client.get(address, headers=HTMX)
    with assert_queries("part.orders.one"):
        answer = client.get(address, headers={**HTMX, "HX-Target": "order-body"})
    page = read(answer.content)
    assert page.all("html") == page.all("input", name="csrfmiddlewaretoken") == []
    assert page.one("div", id="order-body")["hx-get"] == address
    assert len(page.one("ol", class_="course").all("li")) > 2
    whole = read(client.get(address).content)
    assert whole.one("ol", class_="course").text == page.one("ol", class_="course").text
    assert centre_name() in whole.text
    client.get("/orders?tab=all", headers=PART)
    with assert_queries("part.orders.list"):
        assert client.get("/orders?tab=all", headers=PART).status_code == 200


def test_a_part_of_a_record_just_closed_leads_nobody_away(cast, signed_in):
    contact = cases.call(cast)
    contacts.settle(actor=cast.actor(cast.agent), id=contact.pk, answer="已解答")
    client, address = signed_in(cast.agent), f"/desk/{contact.pk}"
    part = client.get(address, headers={**HTMX, "HX-Target": "desk-help"})
    assert (part.status_code, part.content, part.headers.get("HX-Redirect")) == (204, b"", None)
    assert client.get(address).headers["Location"] == f"/contacts/{contact.pk}"


def test_the_desk_opens_a_file_without_the_number_in_an_address(cast, signed_in):
    contact = cases.call(cast, phone="13700000123", name="新客户")
    client = signed_in(cast.agent)
    desk = client.get(f"/desk/{contact.pk}").content.decode()
    assert f'href="/desk/{contact.pk}/customer"' in desk
    assert "phones=" not in desk
    form = client.get(f"/desk/{contact.pk}/customer").content.decode()
    assert "13700000123" in form.replace(" ", "")
    assert 'value="新客户"' in form
    wrong = client.post(f"/desk/{contact.pk}/customer", {"name": "", "phones": "13700000123"})
    assert wrong.status_code == 422
    assert "13700000123" in wrong.content.decode()
    saved = client.post(f"/desk/{contact.pk}/customer", {"name": "新客户", "phones": "137 0000 0123", "kind": "person", "tier": "ordinary"})
    assert (saved.status_code, saved["Location"]) == (303, f"/desk/{contact.pk}")
    assert "新客户" in client.get(f"/desk/{contact.pk}").content.decode()
    assert client.get("/desk/999999/customer").status_code == 404
    assert signed_in(cast.crew).get(f"/desk/{contact.pk}/customer").status_code == 403
    assert 'value="13800000000"' not in client.get("/customers/new?phones=13800000000").content.decode()
