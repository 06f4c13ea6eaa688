"""A web form is a talk: it lies in the inbox with its clock, is offered, answered on the tracking page, and the customer writes on."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kefu.cases.complaints.models import Complaint
from kefu.engines.clock.models import Obligation
from kefu.engines.files import services as files
from kefu.entry.portal import guard
from kefu.flows import erase_people, open_from_contact
from kefu.kit import moment
from kefu.kit.errors import Conflict
from kefu.touch.assignment import handling as skills
from kefu.touch.assignment import services as assignment
from kefu.touch.assignment.models import Offer
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling, services
from kefu.touch.conversations.models import Account, Attachment, Conversation, Message
from tests.assignment.makers import ready
from tests.files.makers import png
from tests.portal.test_portal import PNG, filled


def sent(guest, **more):
    """A form that was sent; its talk."""
    assert guest.post("/portal/new", filled(guest, **more)).status_code == 303
    return Conversation.objects.select_related("contact__subject", "account").latest("pk")


def written(guest, words="还是很黑", **more):
    page = guest.get("/portal/track/one").content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    return guest.post("/portal/track/write", {"token": token, "words": words, **more})


def test_a_form_is_a_talk_with_its_photos_and_its_clock_and_no_longer_on_the_desk(guest, centre, signed_in):
    talk = sent(guest, photos=SimpleUploadedFile("灯.png", PNG, "image/png"))
    assert (talk.state, talk.account.channel, talk.account.address, talk.title) == ("waiting", "portal", "portal", "走廊灯不亮")
    assert talk.contact.subject.unit_path == talk.account.unit.path == centre.centre.path
    first = Message.objects.get()
    assert (first.direction, first.text, Attachment.objects.get(message=first).file.name) == ("in", "走廊灯不亮", "灯.png")
    clock = Obligation.objects.get(subject=talk.pk, code="conversation.other_reply")
    assert clock.due_at - clock.started_at == timedelta(hours=24)
    agent = signed_in(centre.agent)
    assert "走廊灯不亮" in agent.get("/inbox?tab=waiting").content.decode()
    assert "走廊灯不亮" not in re.search(r'id="desk-waiting".*?</div>\s*</div>', agent.get("/desk").content.decode(), re.S)[0]
    page = agent.get(f"/inbox/{talk.pk}").content.decode()
    assert "灯.png" in page
    assert "138****1234" in page
    assert "13800001234" not in page


def test_sent_twice_it_is_one_talk(guest, centre):
    form = filled(guest)
    for _time in range(2):
        guest.post("/portal/new", form)
    assert (Conversation.objects.count(), Message.objects.count(), Account.objects.filter(channel="portal").count()) == (1, 1, 1)


def test_a_complaint_has_handlers_of_its_own_and_is_no_talk(guest, centre):
    guest.post("/portal/complain", filled(guest, "/portal/complain", content="保洁态度差"))
    assert (Complaint.objects.count(), Conversation.objects.count()) == (1, 0)
    assert guest.post("/portal/track/write", {"token": guard.form_token(), "words": "请快一点"}).status_code == 409


def test_it_is_offered_to_who_has_the_skill_and_has_been_idle_longest(guest, centre):
    talk = sent(guest)
    now = moment.now()
    ready(centre, centre.agent, centre.dispatcher)
    with moment.frozen(now + timedelta(minutes=1)):
        ready(centre, centre.receptionist)
    lead = centre.actor(centre.manager)
    for one in (centre.receptionist, centre.dispatcher):
        skills.set_skill(actor=lead, id=one.pk, account_id=talk.account_id, level=3)
    with moment.frozen(now + timedelta(minutes=2)):
        assert assignment.turn() == 1
    assert Offer.objects.get().staff_id == centre.dispatcher.pk  # idle longer than the other who can
    with moment.frozen(now + timedelta(minutes=4)):  # not answered: the other one is asked, and nobody else
        assignment.turn()
    assert Offer.objects.get(ended_at=None).staff_id == centre.receptionist.pk


def test_who_is_full_of_forms_is_offered_no_more(guest, centre):
    ready(centre, centre.agent)
    for _form in range(10):
        handling.take(actor=centre.actor(centre.agent), id=sent(guest).pk)
    with moment.frozen(moment.now() + guard.WINDOW):
        waits = sent(guest)
        assert assignment.turn() == 0
        handling.close(actor=centre.actor(centre.agent), id=Conversation.objects.earliest("pk").pk, wrap_up="answered")
        assert assignment.turn() == 1
    assert Offer.objects.get(ended_at=None).conversation_id == waits.pk


def test_the_answer_stands_on_the_tracking_page_and_the_customer_writes_on(guest, centre):
    talk = sent(guest)
    agent = centre.actor(centre.agent)
    handling.take(actor=agent, id=talk.pk)
    paper = files.add(actor=agent, upload=SimpleUploadedFile("说明.png", png(), "image/png"))
    handling.note(actor=agent, id=talk.pk, text="客户很着急")
    made = handling.reply(actor=agent, id=talk.pk, text="今天下午来换灯管。", files=[paper.pk])
    assert made.delivery == "sent"
    assert Obligation.objects.get(subject=talk.pk, code="conversation.other_reply").state == "met"
    page = guest.get("/portal/track/one").content.decode()
    assert all(word in page for word in ("今天下午来换灯管", "说明.png", "我们已在下方答复"))
    assert not any(word in page for word in ("客户很着急", "陈静", "021"))
    assert b"".join(guest.get(f"/portal/track/files/{paper.pk}").streaming_content) == png()
    assert Client().get(f"/portal/track/files/{paper.pk}").status_code == 404
    token = guard.form_token()
    photo = SimpleUploadedFile("又.png", PNG, "image/png")
    assert guest.post("/portal/track/write", {"token": token, "words": "好的，谢谢", "photos": photo}).status_code == 303
    assert guest.post("/portal/track/write", {"token": token, "words": "好的，谢谢"}).status_code == 303
    turns = list(Message.objects.filter(conversation=talk).exclude(direction="note").order_by("id").values_list("direction", "reply"))
    assert turns == [("in", "走廊灯不亮"), ("out", "今天下午来换灯管。"), ("in", "好的，谢谢")]
    assert Attachment.objects.filter(message__direction="in").get().file.name == "又.png"
    talk.refresh_from_db()
    assert (talk.state, talk.contact.agent_id) == ("open", centre.agent.pk)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"words": ""}, "请告诉我们是什么事"),
        ({"words": "x" * 2001}, "2000"),
        ({"token": "forged"}, "请重新提交"),
        ({"website": "x"}, "请致电"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(guest, centre, wrong, told):
    sent(guest)
    answer = guest.post("/portal/track/write", {"token": guard.form_token(), "words": "您好", **wrong})
    assert answer.status_code in (409, 422)
    assert told in answer.content.decode()
    assert Message.objects.count() == 1


def test_a_picture_that_is_none_leaves_no_word_behind(guest, centre):
    sent(guest)
    photo = SimpleUploadedFile("a.png", b"<script>alert(1)</script>", "image/png")
    assert written(guest, photos=photo).status_code in (413, 422)
    assert Message.objects.count() == 1


def test_nobody_writes_in_the_matter_of_another(guest, centre):
    sent(guest)
    assert Client().post("/portal/track/write", {"token": guard.form_token(), "words": "我是别人"}).headers["Location"] == "/portal/track"
    assert Message.objects.count() == 1


def test_an_address_writes_only_so_often(guest, centre):
    sent(guest)
    answers = [written(guest).status_code for _time in range(guard.SUBMISSIONS)]
    assert (answers[-1], answers[0]) == (429, 303)


def test_what_the_record_leads_to_ends_the_talk(guest, centre):
    talk = sent(guest)
    agent = centre.actor(centre.agent)
    order = open_from_contact.open_order(
        actor=agent, contact_id=talk.pk, order_type="repair.public.light", record={"wishes": "无", "appointment_at_missing": "随时"}
    )
    talk.refresh_from_db()
    assert (talk.state, talk.wrap_up, talk.contact.led_to_id) == ("closed", "case_opened", order.pk)
    assert Obligation.objects.get(subject=talk.pk, code="conversation.other_reply").state == "met"
    assert written(guest, "灯修好了吗").status_code == 303  # it opens again, with the order it led to
    talk.refresh_from_db()
    assert (talk.state, talk.contact.outcome) == ("open", "order")


def test_settled_or_referred_at_the_desk_it_is_over(guest, centre):
    agent = centre.actor(centre.agent)
    one, other = sent(guest), sent(guest)
    open_from_contact.settle(actor=agent, id=one.pk, answer="今晚 22 点恢复供水")
    open_from_contact.refer(actor=agent, id=other.pk, answer="请联系供电公司", referred_to="供电公司")
    assert sorted(Conversation.objects.values_list("state", "wrap_up")) == [("closed", "answered"), ("closed", "not_ours")]
    with pytest.raises(Conflict):
        open_from_contact.settle(actor=agent, id=one.pk, answer="再答")


def test_the_record_at_the_desk_takes_the_talk(guest, centre, signed_in):
    talk = sent(guest)
    assert signed_in(centre.agent).get(f"/desk/{talk.pk}").status_code == 200
    talk.refresh_from_db()
    assert (talk.state, talk.contact.agent_id) == ("open", centre.agent.pk)


def test_long_after_the_end_a_new_matter_follows_with_a_code_of_its_own(guest, centre):
    talk = sent(guest)
    open_from_contact.settle(actor=centre.actor(centre.agent), id=talk.pk, answer="已处理")
    with moment.frozen(moment.now() + timedelta(days=8)):
        new = tracked(talk)
        answer = written(new, "灯又坏了")
        assert answer.headers["Location"] == "/portal/track/one?new=1"
        page = new.get("/portal/track/one?new=1").content.decode()
    follower = Conversation.objects.latest("pk")
    assert (follower.follows_id, follower.contact.phone) == (talk.pk, "+8613800001234")
    assert follower.contact.tracking_code in page


def tracked(talk):
    """Another browser that knows the code."""
    found = Client()
    found.post("/portal/track", {"code": talk.contact.tracking_code, "digits": "1234"})
    return found


def test_what_waited_before_stays_on_the_desk(centre, signed_in):
    """A contact from before forms were talks, and one that another system reports."""
    made, _new = contacts.receive(actor=centre.actor(centre.agent), channel="portal", waits=True, content="旧表单", foreign_id="old")
    agent = signed_in(centre.agent)
    assert "旧表单" in agent.get("/desk").content.decode()
    assert agent.get(f"/desk/{made.pk}").status_code == 200
    open_from_contact.settle(actor=centre.actor(centre.agent), id=made.pk, answer="好")
    assert Contact.objects.get(pk=made.pk).outcome == "settled"


def test_erased_it_says_nothing_any_more(guest, centre):
    talk = sent(guest, photos=SimpleUploadedFile("灯.png", PNG, "image/png"))
    open_from_contact.settle(actor=centre.actor(centre.agent), id=talk.pk, answer="已处理")
    assert erase_people.erase_contacts([talk.pk]) > 0
    talk.refresh_from_db()
    assert (talk.title, talk.address.partition(":")[0], Message.objects.get().text, talk.contact.phone) == ("", "erased", "", "")


def test_without_a_unit_a_form_is_kept_all_the_same(guest, centre, monkeypatch):
    monkeypatch.setattr(services, "way_in", lambda *_args: None)
    assert guest.post("/portal/new", filled(guest)).status_code == 303
    assert (Contact.objects.count(), Conversation.objects.count()) == (1, 0)
