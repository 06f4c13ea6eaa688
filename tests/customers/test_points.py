"""Several numbers, addresses and identities behind one customer."""

from datetime import timedelta

import pytest

from kefu.kit import moment, phone
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import asking, handling
from kefu.touch.conversations.models import Conversation
from kefu.touch.customers import queries, routing, services
from kefu.touch.customers.choices import PointKind, PointLabel
from tests import cases
from tests.chat.makers import Browser, widget

PHONE, OFFICE = "13812345678", "057188886666"


def test_points_have_kinds_labels_and_an_end(cast):
    actor = cast.actor(cast.agent)
    customer = cases.resident(cast)
    made = services.add_point(actor=actor, id=customer.pk, kind=PointKind.PHONE, value=OFFICE, label=PointLabel.WORK, main=True)
    services.add_point(actor=actor, id=customer.pk, kind=PointKind.POST, value="文一路 18 号 3 栋 1201", label=PointLabel.HOME)
    shown = [(one["kind"], one["label"], one["main"], one["shown"]) for one in queries.told_points(customer.pk)]
    assert ("phone", "work", True, "****66") in shown
    assert ("phone", "", False, "138****5678") in shown
    assert next(one for one in shown if one[0] == "post")[3].startswith("文一路")
    assert "1201" not in str(shown)
    assert [row["customer_id"] for row in queries.of_phone(OFFICE)] == [customer.pk]
    assert queries.revealed(customer.pk, f"point{made.pk}") == ("phone", phone.shown(made.value))
    assert queries.revealed(customer.pk + 1, f"point{made.pk}") is None
    services.change_point(actor=actor, id=customer.pk, point=made.pk, valid_until=(moment.now() - timedelta(days=2)).date())
    assert queries.of_phone(OFFICE) == []
    assert queries.by_phone(actor, OFFICE) == []
    assert [one["ended"] for one in queries.told_points(customer.pk) if one["id"] == made.pk] == [True]
    with pytest.raises(Conflict):
        services.add_point(actor=actor, id=customer.pk, kind=PointKind.PHONE, value=PHONE)
    with pytest.raises(Invalid):
        services.add_point(actor=actor, id=customer.pk, kind=PointKind.EMAIL, value="nobody")
    with pytest.raises(NotAllowed):
        services.add_point(actor=cast.actor(cast.crew), id=customer.pk, kind=PointKind.EMAIL, value="a@mail.example")


def test_a_chat_visitor_who_was_recognised_comes_back_known(cast):
    widget(cast)
    actor = cast.actor(cast.agent)
    customer = cases.resident(cast)
    browser = Browser().start(name="小张")
    browser.send("你好，我家停水了", "a" * 16)
    talk = Conversation.objects.get()
    handling.take(actor=actor, id=talk.pk)
    with pytest.raises(Invalid):
        asking.recognise(actor=actor, id=talk.pk, customer="KH1")
    asking.recognise(actor=actor, id=talk.pk, customer=PHONE)
    assert Contact.objects.get(pk=talk.pk).customer_id == customer.pk
    handling.close(actor=actor, id=talk.pk, wrap_up="answered")
    with moment.frozen(moment.now() + timedelta(days=30)):
        browser.send("又停水了", "b" * 16)
    later = Conversation.objects.exclude(pk=talk.pk).get()
    assert later.contact.customer_id == customer.pk
    assert later.contact.name == customer.name
    assert [one["kind"] for one in queries.points(customer.pk)] == ["phone", "chat"]


def test_a_merge_keeps_labels_and_gives_them_back(cast):
    actor = cast.actor(cast.manager)
    one, other = cases.resident(cast), cases.resident(cast, "张先生")
    twin = other.points.get()
    services.change_point(actor=actor, id=other.pk, point=twin.pk, label=PointLabel.WORK, valid_until=moment.now().date())
    made = routing.merge(actor=actor, id=one.pk, other=other.pk)
    routing.split(actor=actor, id=one.pk, merge=made.pk)
    back = other.points.get()
    assert (back.label, back.valid_until) == ("work", moment.now().date())
