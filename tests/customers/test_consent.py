"""What a customer agreed or objected to is asked before anything is sent."""

import pytest

from kefu.cases.callbacks.models import CallbackTask
from kefu.flows import finish_work
from kefu.kit.errors import Invalid
from kefu.timeline.models import Event
from kefu.touch.customers import queries, services
from kefu.touch.customers.choices import ConsentWay, Purpose, ReachedBy
from tests import cases


def said(cast, customer, given, purpose=Purpose.SURVEY, channel=None):
    words = {"way": ConsentWay.SPOKEN, "evidence": "录音 20261118-07"}
    return services.note_consent(actor=cast.actor(cast.agent), id=customer.pk, purpose=purpose, given=given, channel=channel, **words)


def test_the_last_word_counts_and_service_is_the_exception(cast):
    customer = cases.resident(cast)

    def why(purpose, channel=ReachedBy.SMS):
        return queries.refusal(customer.pk, channel=channel, purpose=purpose)

    assert (why(Purpose.SURVEY), why(Purpose.SERVICE)) == ("", "")
    assert why(Purpose.MARKETING)
    assert queries.refusal(None, channel=ReachedBy.SMS, purpose=Purpose.MARKETING)
    said(cast, customer, True, Purpose.MARKETING, ReachedBy.SMS)
    assert why(Purpose.MARKETING) == ""
    assert why(Purpose.MARKETING, ReachedBy.EMAIL)
    said(cast, customer, False, Purpose.MARKETING)
    assert "2026-03-04" in why(Purpose.MARKETING)
    services.change(actor=cast.actor(cast.agent), id=customer.pk, name=customer.name, do_not_call=True)
    assert why(Purpose.SURVEY) == ""
    assert why(Purpose.SURVEY, ReachedBy.CALL)
    assert why(Purpose.SERVICE, ReachedBy.CALL) == ""
    assert [(one["purpose"], one["given"]) for one in queries.consents(customer.pk)] == [("marketing", False), ("marketing", True)]
    with pytest.raises(Invalid):
        said(cast, customer, True, Purpose.SERVICE)


def test_who_objects_is_not_called_back_and_the_order_says_why(cast, signed_in):
    customer = cases.resident(cast)
    said(cast, customer, False, Purpose.SURVEY, ReachedBy.CALL)
    order = cases.accepted(cast)
    order.customer = customer
    order.save()
    finish_work.complete(actor=cast.actor(cast.crew_leader), id=order.pk, result="已更换密封圈。")
    assert not CallbackTask.objects.exists()
    assert "2026" in Event.objects.get(subject_id=order.pk, kind="callback.spared").data["why"]
    page = signed_in(cast.agent).get(f"/customers/{customer.pk}").content.decode()
    assert "联系授权与免打扰" in page
    assert "录音 20261118-07" in page
