"""Looking behind a mask: who, why, how often, and the trace it leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from kefu.engines.privacy import services
from kefu.engines.privacy.models import RevealLog
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotAllowed, NotFound
from kefu.timeline.choices import Audience
from kefu.timeline.models import Event

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def look(actor, person, field="phone", reason="to call back"):
    return services.reveal(actor=actor, subject_id=person.pk, field=field, reason=reason)


@pytest.mark.clause("R-00-3.2a")
def test_a_look_is_logged_with_its_reason(cast, person):
    assert look(cast.actor(cast.agent), person) == "13812341234"
    log = RevealLog.objects.get()
    assert (log.staff_id, log.subject_id, log.field, log.reason) == (cast.agent.pk, person.pk, "phone", "to call back")
    event = Event.objects.get(subject=person)
    assert (event.kind, event.audience) == ("privacy.revealed", Audience.AUDIT)
    assert "138" not in str(event.data)


def test_no_look_without_right_reason_or_sight(cast, person):
    with pytest.raises(NotAllowed):
        look(cast.actor(cast.employee), person)
    for reason in ("", " ", "x" * 201):
        with pytest.raises(Invalid):
            look(cast.actor(cast.agent), person, reason=reason)
    with pytest.raises(NotFound):
        look(cast.actor(cast.crew), person)
    for field in ("nothing", "state", "key"):
        with pytest.raises(NotFound):
            look(cast.actor(cast.agent), person, field=field)
    assert not RevealLog.objects.exists()


def test_thirty_an_hour(cast, person):
    actor, other = cast.actor(cast.agent), cast.actor(cast.receptionist)
    with moment.frozen(NOON):
        for _n in range(30):
            look(actor, person)
        with pytest.raises(services.RevealLimit) as refused:
            look(actor, person)
        assert "30" in refused.value.message()
        look(other, person)
    with moment.frozen(NOON + timedelta(hours=1, seconds=1)):
        look(actor, person)


def test_the_page_asks_the_reason_first(cast, person, signed_in):
    client = signed_in(cast.agent)
    url = f"/privacy/reveal/{person.pk}/phone"
    assert "13812341234" not in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert "13812341234" in client.post(url, {"reason": "to call back"}).content.decode()
    assert signed_in(cast.employee).get(url).status_code == 403
    assert signed_in(cast.crew).post(url, {"reason": "curious"}).status_code == 404
