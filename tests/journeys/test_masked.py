"""A masked value is a button only for who may look behind it, and every look is written down."""

import pytest

from kefu.engines.privacy.models import RevealLog
from kefu.flows import complaint_steps
from kefu.people import actor as actors
from kefu.people.models import Post
from kefu.timeline.models import Event
from tests import cases


@pytest.fixture
def pages(cast):
    """An order, the contact that led to it, and the customer's file."""
    customer = cases.resident(cast)
    order = cases.accepted(cast)
    return [f"/orders/{order.pk}", f"/contacts/{order.contact_id}", f"/customers/{customer.pk}"]


def test_who_may_not_look_meets_no_button(cast, signed_in, pages):
    agent = signed_in(cast.agent)
    for url in pages:
        assert "/privacy/reveal/" in agent.get(url).content.decode(), url
    post = Post.objects.get(code="agent")
    post.rights = [right for right in post.rights if right != "privacy.reveal"]
    post.save()
    actors.forget()
    blind = signed_in(cast.agent)
    for url in pages:
        page = blind.get(url).content.decode()
        assert "138****5678" in page, url
        assert "/privacy/reveal/" not in page, url
        assert blind.post(f"/privacy/reveal/{url.split('/')[-1]}/name", {"reason": "核对"}).status_code == 403


def test_a_look_from_the_page_of_a_contact_is_written_down(cast, signed_in, pages):
    agent, contact = signed_in(cast.agent), int(pages[1].split("/")[-1])
    url = f"/privacy/reveal/{contact}/phone"
    assert url in agent.get(pages[1]).content.decode()
    assert "13812345678" in agent.post(url, {"reason": "回电核对地址"}).content.decode()
    log = RevealLog.objects.get()
    assert (log.staff_id, log.subject_id, log.field, log.reason) == (cast.agent.pk, contact, "phone", "回电核对地址")
    assert Event.objects.filter(subject=contact, kind="privacy.revealed", audience="audit").exists()


def test_who_complains_stands_on_no_contact_of_those_it_is_kept_from(cast, signed_in):
    contact = cases.call(cast, by="receptionist", name="李女士")
    url = f"/contacts/{contact.pk}"
    assert "138****5678" in signed_in(cast.agent).get(url).content.decode()
    complaint_steps.open_from_contact(
        actor=cast.actor(cast.receptionist), contact_id=contact.pk, record=cases.RECORD, against_id=cast.manager.pk
    )
    assert "138****5678" in signed_in(cast.receptionist).get(url).content.decode()
    for staff in (cast.agent, cast.manager):
        answer = signed_in(staff).get(url)
        page = answer.content.decode()
        assert answer.status_code == 404 or "投诉人信息对责任部门保密" in page
        assert "138****5678" not in page
        assert "/privacy/reveal/" not in page
