"""Two files of one customer: proposed, merged with all that names them, and parted again."""

import pytest

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.search import queries as search
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.timeline.models import Event
from kefu.touch.contacts.models import Contact
from kefu.touch.customers import asking, queries, routing, services
from kefu.touch.customers.models import Customer, Likeness, Merge
from tests import cases

PHONE, OTHER = "13812345678", "13987654321"


def file(cast, name="张伟", phones=(PHONE,), **more):
    return services.create(actor=cast.actor(cast.agent), name=name, phones=list(phones), **more)


def grounds(cast, customer):
    rows = queries.alike(cast.actor(cast.manager), customer.pk).rows
    return {(row["other_id"] if row["one_id"] == customer.pk else row["one_id"], row["ground"]) for row in rows}


def test_files_that_look_alike_are_proposed_when_they_are_written(cast):
    first = file(cast)
    same_phone = file(cast, "张先生", [PHONE, OTHER])
    placed = file(cast, "李娜", ["13700000001"], address="3-2-501")
    assert grounds(cast, first) == {(same_phone.pk, "phone")}
    same_place = file(cast, "李娜", ["13700000002"], address="3-2-501")
    assert grounds(cast, placed) == {(same_place.pk, "place")}
    services.change(actor=cast.actor(cast.agent), id=placed.pk, emails="lina@mail.example")
    services.change(actor=cast.actor(cast.agent), id=first.pk, emails="lina@mail.example")
    assert grounds(cast, placed) == {(same_place.pk, "place"), (first.pk, "email")}
    assert queries.alike(cast.actor(cast.employee)).rows == []


def test_what_is_kept_apart_is_not_proposed_again(cast):
    first, second = file(cast), file(cast, "张先生")
    with pytest.raises(NotAllowed):
        asking.keep_apart(actor=cast.actor(cast.agent), id=first.pk, other=second.pk)
    asking.keep_apart(actor=cast.actor(cast.manager), id=second.pk, other=first.pk)
    asking.compare([first.pk, second.pk])
    assert grounds(cast, first) == set()
    with pytest.raises(Conflict):
        asking.keep_apart(actor=cast.actor(cast.manager), id=first.pk, other=second.pk)


def test_what_was_imported_is_compared_in_the_background_and_switchboards_are_left_out(cast):
    for number in range(asking.MOST_ALIKE):
        file(cast, f"住户{number}")
    Likeness.objects.all().delete()
    file(cast, "住户九")
    assert not Likeness.objects.exists()
    pair = [file(cast, name, [OTHER]) for name in ("王芳", "王女士")]
    Likeness.objects.all().delete()
    Customer.objects.filter(pk__in=[one.pk for one in pair]).update(compared_at=None)
    assert (asking.compare_new(), asking.compare_new()) == (2, 0)
    assert grounds(cast, pair[0]) == {(pair[1].pk, "phone")}


@pytest.fixture
def two(cast):
    """A file without address or code, and another with an order, a complaint, a further number and a wish not to be called."""
    kept = file(cast, emails="zhang@mail.example")
    order = cases.order(cast)
    heard = cases.heard(cast)
    gone = file(cast, "张先生", [PHONE, OTHER], address="3-2-501", code="A-77", do_not_call=True)
    WorkOrder.objects.filter(pk=order.pk).update(customer=gone)
    Contact.objects.filter(pk=order.contact_id).update(customer=gone)
    Complaint.objects.filter(pk=heard.pk).update(customer=gone)
    return kept, gone, order, heard


def owners(order, heard):
    rows = (WorkOrder.objects.get(pk=order.pk), Contact.objects.get(pk=order.contact_id), Complaint.objects.get(pk=heard.pk))
    return {row.customer_id for row in rows}


def found(cast, text):
    return [hit.subject_id for hit in search.find(actor=cast.actor(cast.agent), text=text, kinds=["customer"])]


def test_all_that_named_a_merged_file_names_the_kept_one_and_goes_back(cast, two):
    kept, gone, order, heard = two
    manager = cast.actor(cast.manager)
    with pytest.raises(NotAllowed):
        routing.merge(actor=cast.actor(cast.agent), id=kept.pk, other=gone.pk)
    made = routing.merge(actor=manager, id=kept.pk, other=gone.pk, reason="本人确认")
    kept.refresh_from_db()
    assert owners(order, heard) == {kept.pk}
    assert (kept.address, kept.code, kept.do_not_call) == ("3-2-501", "A-77", True)
    assert {point["value"][-4:] for point in queries.points(kept.pk)} == {"5678", "4321", "mple"}
    assert [row["customer_id"] for row in queries.by_phone(manager, PHONE)] == [kept.pk]
    assert found(cast, OTHER) == found(cast, "张先生") == [kept.pk]
    assert {row["subject_id"] for row in queries.rows(manager).rows} == {kept.pk}
    assert grounds(cast, kept) == set()
    with pytest.raises(Conflict):
        services.change(actor=manager, id=gone.pk, name="x")
    with pytest.raises(Conflict):
        routing.merge(actor=manager, id=kept.pk, other=gone.pk)
    later = cases.order(cast)
    WorkOrder.objects.filter(pk=later.pk).update(customer=kept)
    routing.split(actor=manager, id=kept.pk, merge=made.pk)
    for one in (kept, gone):
        one.refresh_from_db()
    assert owners(order, heard) == {gone.pk}
    assert WorkOrder.objects.get(pk=later.pk).customer_id == kept.pk
    assert (kept.address, kept.code, kept.do_not_call, gone.code) == ("", None, False, "A-77")
    assert [point["value"][-4:] for point in queries.points(gone.pk)] == ["5678", "4321"]
    assert found(cast, OTHER) == [gone.pk]
    assert grounds(cast, kept) == set()
    told = Event.objects.filter(subject_id=gone.pk, kind__in=["customer.merged", "customer.split"]).order_by("id")
    assert list(told.values_list("kind", flat=True)) == ["customer.merged", "customer.split"]
    with pytest.raises(Invalid):
        routing.split(actor=manager, id=kept.pk, merge=made.pk)


def test_of_two_customer_numbers_each_still_names_the_customer(cast):
    manager = cast.actor(cast.manager)
    kept, gone = file(cast, code="A-1"), file(cast, "张先生", [OTHER], code="A-2")
    made = routing.merge(actor=manager, id=kept.pk, other=gone.pk)
    kept.refresh_from_db()
    assert kept.code == "A-1"
    for word in ("A-1", "A-2", gone.subject.number, OTHER):
        assert queries.named(manager, word) == [kept.pk]
    assert [row["subject_id"] for row in queries.rows(manager, code="A-2").rows] == [kept.pk]
    routing.split(actor=manager, id=kept.pk, merge=made.pk)
    assert [queries.named(manager, word) for word in ("A-1", "A-2")] == [[kept.pk], [gone.pk]]


def test_merged_and_parted_on_the_pages(cast, two, signed_in):
    kept, gone, *_rest = two
    manager, agent = signed_in(cast.manager), signed_in(cast.agent)
    page = f"/customers/{kept.pk}"
    assert gone.subject.number in manager.get("/customers/duplicates").content.decode()
    assert "可能是同一客户" in manager.get(page).content.decode()
    assert "可能是同一客户" not in agent.get(page).content.decode()
    assert manager.post(f"{page}/do/merge_with", {"number": "KH0000", "reason": "x", "_confirm": "yes"}).status_code == 422
    assert manager.post(f"{page}/do/merge", {"other": gone.pk, "_confirm": "yes"}).status_code == 303
    told = agent.get(page).content.decode()
    assert gone.subject.number in told
    assert f'href="{page}"' in agent.get(f"/customers/{gone.pk}").content.decode()
    assert agent.get(f"/api/v1/customers/{gone.pk}").json()["merged_into"] == kept.pk
    assert manager.post(f"{page}/do/split", {"merge": Merge.objects.get().pk, "_confirm": "yes"}).status_code == 303
    assert f'href="{page}"' not in agent.get(f"/customers/{gone.pk}").content.decode()


def grown(cast, parts, chain=False):
    """A file with this many parts, each merged into it, or each into the next one."""
    manager = cast.actor(cast.manager)
    files = [file(cast, f"张伟{n}", [f"1370000{n:04}"]) for n in range(parts + 1)]
    kept = files[0]
    for other in files[1:]:
        if chain:
            routing.merge(actor=manager, id=other.pk, other=kept.pk)
            kept = other
        else:
            routing.merge(actor=manager, id=kept.pk, other=other.pk)
    return kept, [one for one in files if one.pk != kept.pk]


@pytest.mark.parametrize("chain", [False, True])
def test_the_history_of_a_merged_file_is_one_page_however_many_parts_it_has(cast, signed_in, assert_queries, chain):
    client = signed_in(cast.manager)
    few, _parts = grown(cast, 1)
    client.get(f"/customers/{few.pk}")
    with assert_queries("customers.merged"):
        client.get(f"/customers/{few.pk}")
    many, parts = grown(cast, 9, chain)
    assert queries.family(many.pk) == [many.pk, *sorted(one.pk for one in parts)]
    with assert_queries("customers.merged"):
        page = client.get(f"/customers/{many.pk}").content.decode()
    for one in parts:
        assert one.subject.number in page
    found, cursor = [], None
    while True:
        part = queries.course(many.pk, cursor=cursor, size=7)
        found += [(row["id"], row["kind"]) for row in part.rows]
        if (cursor := part.next) is None:
            break
    assert [pk for pk, _kind in found] == sorted({pk for pk, _kind in found}, reverse=True)
    assert sum(kind == "customer.created" for _pk, kind in found) == 10
    whole = [row["kind"] for row in queries.course(many.pk, size=200).rows]
    assert whole.count("customer.merged") == 9  # each stands in two files


def test_the_history_of_a_file_is_turned_over_by_its_own_cursor(cast, signed_in):
    kept = file(cast)
    for n in range(60):
        services.change(actor=cast.actor(cast.agent), id=kept.pk, area=f"{n}区")
    client = signed_in(cast.manager)
    first = queries.course(kept.pk)
    assert (len(first.rows), len(queries.course(kept.pk, cursor=first.next).rows)) == (50, 11)
    assert f"earlier={first.next}" in client.get(f"/customers/{kept.pk}").content.decode()
    part = client.get(
        f"/customers/{kept.pk}?earlier={first.next}", headers={"HX-Request": "true", "HX-Target": "course-found"}
    ).content.decode()
    assert part.strip().startswith('<div id="course-found">')
    assert "earlier=" not in part
    assert client.get(f"/customers/{kept.pk}?earlier=bad").status_code == 422
