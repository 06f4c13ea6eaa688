"""Source 004, parts 1 and 2: what is asked of a call and of a visit."""

import pytest

from kefu.engines.forms import queries as forms
from kefu.engines.rulebook.queries import text_cards
from kefu.flows.open_from_contact import open_order
from kefu.kit.errors import KefuError
from kefu.touch.contacts.choices import Channel
from tests import cases
from tests.browser import Browser

SEVEN = ("name", "address", "call_time", "content", "appointment_at", "phone", "wishes")


def refused(cast, order_type="repair.public.water", channel=Channel.PHONE, **changes):
    """Which fields a record is refused for."""
    contact = cases.call(cast, channel=channel)
    record = {name: value for name, value in {**cases.RECORD, **changes}.items() if value is not None}
    with pytest.raises(KefuError) as refusal:
        open_order(actor=cast.actor(cast.agent), contact_id=contact.pk, order_type=order_type, record=record)
    return set(refusal.value.fields)


@pytest.mark.clause("R-04-1.3")
def test_the_greeting_gives_the_centre_and_the_number(cast, signed_in):
    page = Browser(signed_in(cast.agent)).open("/desk").press("新来电", number="13812345678")
    assert "绿洲物业，021号为您服务" in page.text


@pytest.mark.clause("R-04-1.4")
def test_the_call_record_holds_seven_fields(cast):
    asked = forms.current("F-3").by_code
    assert all(asked[name].required for name in SEVEN)
    assert refused(cast, address=None) == {"address"}
    assert refused(cast, content=None) == {"content"}


@pytest.mark.clause("R-04-1.5")
def test_paid_work_needs_the_price_told(cast):
    assert refused(cast, "repair.private.water") == {"price_told"}
    assert refused(cast, "repair.private.water", price_told=True) == {"price"}
    order = cases.order(cast, order_type="repair.private.water", **cases.PAID)
    assert order.quote["price"] == 30


@pytest.mark.clause("R-04-1.6")
def test_the_main_points_are_read_back(cast):
    assert refused(cast, read_back=None, confirmed=None) == {"read_back"}
    order = cases.order(cast)
    order.contact.refresh_from_db()
    assert order.contact.read_back
    assert order.contact.confirmed


@pytest.mark.clause("R-04-1.7")
def test_the_closing_sentence_is_at_hand(cast):
    assert any("感谢您的来电" in card["text"] for card in text_cards("closing", "phone"))


@pytest.mark.clause("R-04-2.3")
def test_a_visit_is_recorded_with_the_same_fields(cast):
    assert refused(cast, channel=Channel.VISIT, name=None) == {"name"}
    assert "visitor_opinion" in forms.current("F-3").by_code
