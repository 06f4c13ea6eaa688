"""What customers left on the written channels and in their files goes when its time is over, rows and bytes; what must stay says why."""

import os
from datetime import date, timedelta

import pytest
from django.utils import translation

from kefu.engines.files.models import StoredFile
from kefu.engines.files.services import sweep
from kefu.engines.files.store import store
from kefu.engines.forms import services as forms
from kefu.engines.forms.models import FormAnswer
from kefu.engines.jobs import queue
from kefu.engines.privacy import retention
from kefu.engines.search import queries as search
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.flows import archive, erase_person
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import SYSTEM
from kefu.people.models import Holding, Post
from kefu.timeline.models import Event, Subject
from kefu.touch.channels.chat.models import Visitor
from kefu.touch.channels.email.models import Quarantined
from kefu.touch.channels.fax import tasks as faxes
from kefu.touch.channels.fax.models import Sheet
from kefu.touch.channels.hotline.models import HotlineOrder, HotlineRound, Told
from kefu.touch.channels.sms.models import Blocked, Text
from kefu.touch.channels.visits import services as visits
from kefu.touch.channels.visits.models import Visit
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import asking, handling
from kefu.touch.conversations.models import Conversation, Message
from kefu.touch.conversations.services import Enclosed
from kefu.touch.customers import queries as customers
from kefu.touch.customers import routing
from kefu.touch.customers import services as people
from kefu.touch.customers.choices import ConsentWay, PointKind, Purpose
from kefu.touch.customers.models import Consent, Customer, LifeEvent, Merge
from kefu.touch.profiles import services as profiles
from kefu.touch.profiles.models import Contract
from tests import cases
from tests.browser import Browser
from tests.chat.makers import Browser as Visiting
from tests.chat.makers import widget
from tests.conversations.makers import written
from tests.fax.test_faxes import drop, machine, paper
from tests.files.makers import png
from tests.hotline.test_orders import reported
from tests.sms.makers import line, texted

LATER = timedelta(days=400)


def outlived(kind, months=12):
    """What has outlived its time is erased, once."""
    with moment.frozen(moment.now() + LATER):
        retention.set_rule(actor=SYSTEM, data_kind=kind, months=months, basis="PIPL art. 19")
        proof = retention.erase_due(actor=SYSTEM, data_kind=kind)
        assert retention.erase_due(actor=SYSTEM, data_kind=kind) is None
    return proof


def closed(cast, talk, reply=True):
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    if reply:
        handling.reply(actor=cast.actor(cast.agent), id=talk.pk, text="张先生，师傅明天上午到。")
    handling.close(actor=cast.actor(cast.agent), id=talk.pk, wrap_up="answered")


def told_outside(cast, subject_id):
    receiver = Receiver.objects.create(name="ERP", url="https://erp.example.com/hooks", made_by=cast.admin)
    return Delivery.objects.create(
        receiver=receiver, word=f"w{subject_id}", kind="conversation.wrote", subject_id=subject_id, body="{}", answer="张伟"
    )


def test_texts_and_what_other_systems_were_told_go_and_an_objection_stays(cast):
    texted(line(cast), "我是张伟，家住 3 栋 1201，电梯坏了")
    talk = Conversation.objects.get()
    closed(cast, talk)
    told_outside(cast, talk.pk)
    Blocked.objects.create(number="+8613800001234", word="TD")
    proof = outlived("conversation")
    assert proof.count == 1
    assert [(one.number, one.body, one.params) for one in Text.objects.all()] == [("", "", {})]
    assert set(Message.objects.values_list("text", "reply", "sender")) == {("", "", "")}
    held = Contact.objects.get(pk=talk.pk)
    assert (held.name, held.phone, held.content) == ("", "", "")
    assert not Delivery.objects.exists()
    assert not [one for one in Event.objects.filter(subject_id=talk.pk).values_list("data", flat=True) if one]
    # Whoever objected to texts would be written to again if the number were forgotten.
    assert Blocked.objects.get().number == "+8613800001234"


def test_the_pages_of_a_fax_go_with_their_bytes(cast, tmp_path):
    machine(cast, tmp_path)
    drop(tmp_path, "fax-057112345678-20261118.tif", paper(1))
    assert faxes.look() == 1
    queue.drain()
    talk = Conversation.objects.get()
    closed(cast, talk, reply=False)
    marks = set(StoredFile.objects.values_list("sha256", flat=True))
    assert len(marks) == 2
    for one in marks:
        os.utime(store().path(one), (1, 1))
    outlived("conversation")
    assert set(StoredFile.objects.values_list("name", "sha256")) == {("", "")}
    assert Sheet.objects.values_list("number", "name").get() == ("", "")
    assert sweep() == 2
    assert not any(store().path(one).exists() for one in marks)


def test_who_called_the_city_hotline_and_what_it_was_told_goes(cast):
    _told, _order = reported(cast)
    proof = outlived("hotline")
    assert proof.count == 1
    held = HotlineOrder.objects.select_related("contact").get()
    assert (held.contact.name, held.contact.phone, held.contact.address, held.contact.content) == ("", "", "", "")
    assert set(HotlineRound.objects.values_list("words", flat=True)) == {""}
    assert set(Told.objects.values_list("text", "remark")) == {("", "")}
    assert held.number == "2026030400012345"  # the register of what was passed on stays


@pytest.fixture
def file(cast):
    """A file with everything that may stand beside it, and a talk by chat."""
    actor = cast.actor(cast.manager)
    widget(cast)
    customer, twin = cases.resident(cast), cases.resident(cast, "张先生")
    browser = Visiting().start(name="小张")
    browser.send("我是张伟，家里停水了", "a" * 16)
    talk = Conversation.objects.get()
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    asking.recognise(actor=cast.actor(cast.agent), id=talk.pk, customer=customer.subject.number)
    handling.close(actor=cast.actor(cast.agent), id=talk.pk, wrap_up="answered")
    people.add_point(actor=actor, id=twin.pk, kind=PointKind.EMAIL, value="zhang@mail.example")
    people.note_consent(actor=actor, id=customer.pk, purpose=Purpose.SURVEY, given=False, way=ConsentWay.SPOKEN, evidence="张伟来电说不要")
    forms.answer(
        actor=actor,
        subject_id=customer.pk,
        form_code="F-14",
        data={"event": "patrol", "on": "2026-01-05", "words": "张伟在家"},
        submit=True,
    )
    profiles.add_contract(actor=actor, id=customer.pk, number="HT-1", matter="物业服务", place="3栋1201", ended=date(2026, 2, 1))
    people.tag(actor=actor, id=customer.pk, tags=["in_arrears"])
    routing.merge(actor=actor, id=customer.pk, other=twin.pk, reason="张伟本人确认")
    return customer, twin, talk


def test_a_customer_is_erased_with_all_that_stands_beside_the_file(cast, file):
    customer, twin, talk = file
    assert outlived("customer").count == 1
    for one in Customer.objects.filter(pk__in=(customer.pk, twin.pk)):
        assert (one.name, one.address, one.area, one.code) == ("", "", "", None)
        assert not customers.points(one.pk)
        assert not customers.codes_of(one.pk)
        assert Subject.objects.get(pk=one.pk).title == ""
        assert not [data for data in Event.objects.filter(subject_id=one.pk).values_list("data", flat=True) if data]
    assert (Consent.objects.get().given, Consent.objects.get().evidence) == (False, "")
    merged = Merge.objects.get()
    assert (merged.reason, merged.points, merged.filled, merged.moved) == ("", {"moved": [], "dropped": []}, {}, {})
    assert [one.data for one in FormAnswer.objects.filter(subject_id=customer.pk)] == [{}]
    assert not LifeEvent.objects.exists()
    assert not Contract.objects.exists()
    assert not Visitor.objects.exists()
    assert set(Message.objects.values_list("text", flat=True)) == {""}
    assert Conversation.objects.get().address == f"erased:{talk.pk}"
    assert search.find(actor=cast.actor(cast.manager), text="张伟", kinds=["customer"]) == []
    assert "张" not in str(list(Event.objects.values_list("data", flat=True)))


def test_whom_the_firm_still_serves_is_not_erased(cast, file, signed_in):
    customer, _twin, _talk = file
    profiles.add_contract(actor=cast.actor(cast.manager), id=customer.pk, number="HT-2", matter="车位")
    assert outlived("customer") is None
    Contract.objects.filter(number="HT-2").update(ended=date(2026, 3, 1))
    cases.order(cast)
    order = cases.WorkOrder.objects.get()
    cases.WorkOrder.objects.filter(pk=order.pk).update(customer=customer)
    assert outlived("customer") is None
    Subject.objects.filter(pk=order.pk).update(closed_at=moment.now())
    assert outlived("customer").count == 1
    assert "已删除" in signed_in(cast.manager).get(f"/customers/{customer.pk}").content.decode()
    assert cases.WorkOrder.objects.get().name  # an order goes by its own archive (decision 0003)


@pytest.fixture
def officer(cast):
    """Who watches over personal data: the auditor, with the post for it."""
    post = Post.objects.create(code="officer", name="officer", rights=["customers.see", "privacy.manage"], scope="all")
    Holding.objects.create(staff=cast.auditor, post=post, unit=cast.company)
    return cast.actor(cast.auditor)


def test_a_person_is_erased_now_and_only_the_proof_says_so(cast, file, officer, signed_in):
    customer, twin, talk = file
    order = cases.order(cast)
    cases.WorkOrder.objects.filter(pk=order.pk).update(customer=twin)
    page = Browser(signed_in(cast.auditor)).open(f"/customers/{customer.pk}/do/erase").text
    assert order.subject.number in page
    assert "尚未办结" in page
    asked = {"ground": "asked", "reason": "来函 2026-118，已核身份证"}
    with pytest.raises(Conflict):
        erase_person.erase(actor=officer, id=customer.pk, **asked)
    Subject.objects.filter(pk=order.pk).update(closed_at=moment.now())
    page = Browser(signed_in(cast.auditor)).open(f"/customers/{customer.pk}/do/erase").text
    for told in ("3 个联系方式", f"保留工单 1 件至 {archive.keep_until('workorder')}", "保留客户曾同意或拒绝的事实"):
        assert told in page
    with pytest.raises(Invalid) as refused:
        erase_person.erase(actor=officer, id=customer.pk, ground="asked", reason="张伟来函要求")
    assert set(refused.value.fields) == {"reason"}
    with translation.override("zh-hans"):
        proof = erase_person.erase(actor=officer, id=customer.pk, **asked)
    assert (proof.count, proof.months, proof.staff_id) == (2, 0, cast.auditor.pk)
    assert proof.digest == retention.digest([customer.pk, twin.pk])
    assert set(Customer.objects.filter(pk__in=(customer.pk, twin.pk)).values_list("name", "address")) == {("", "")}
    assert Conversation.objects.get().address == f"erased:{talk.pk}"
    said = Event.objects.get(subject_id=customer.pk, kind="privacy.erased")
    assert said.data == {"basis": proof.basis} == {"basis": "本人要求删除: 来函 2026-118，已核身份证"}
    assert erase_person.allowed(officer, customer.pk) == set()
    assert "人工删除" in Browser(signed_in(cast.auditor)).open("/settings/privacy?tab=proofs").text


def test_only_who_watches_over_personal_data_erases(cast, file):
    customer, _twin, _talk = file
    assert erase_person.allowed(cast.actor(cast.manager), customer.pk) == set()
    with pytest.raises(NotAllowed):
        erase_person.erase(actor=cast.actor(cast.manager), id=customer.pk, ground="asked", reason="来函 2026-118")


def test_letters_in_quarantine_and_the_register_of_visitors_go_with_their_time(cast):
    letter = StoredFile.objects.create(name="x.eml", sha256="a" * 64, size=3, media_type="message/rfc822")
    Quarantined.objects.create(file=letter, digest="d" * 64, why="broken", sender="zhang@mail.example", title="张伟的信")
    assert outlived("email.quarantine").count == 1
    held = Quarantined.objects.select_related("file").get()
    assert (held.sender, held.title, held.settled, held.file.sha256) == ("", "", "aside", "")
    visit = visits.arrive(actor=cast.actor(cast.agent), phone="13800001234", received=True)
    Visit.objects.filter(pk=visit.pk).update(
        state="left", organisation="某街道办", rank="主任", protocol="higher", protocol_reason="上级领导张伟", opinion="满意"
    )
    assert outlived("visit").count == 1
    assert Visit.objects.values_list("organisation", "rank", "protocol", "protocol_reason", "opinion").get() == ("", "", "higher", "--", "")
    assert Contact.objects.get(pk=visit.pk).phone == ""


def test_letters_that_nobody_put_to_the_file_go_with_it(cast, officer):
    customer, actor = cases.resident(cast), cast.actor(cast.agent)
    words = "我是王芳，家住幸福路88号，电话13812345678"
    file = Enclosed("王芳身份证.png", png)
    talk = written(cast, sender="Wang@Home.example", text=words, reply=words, html=f"<p>{words}</p>", files=[file])
    other = written(cast, 2, sender="li@home.example", text="李娜的信", reply="李娜的信")
    people.add_point(actor=cast.actor(cast.manager), id=customer.pk, kind=PointKind.EMAIL, value="wang@home.example")
    assert Contact.objects.get(pk=talk.pk).customer_id is None
    asked = {"ground": "asked", "reason": "来函 2026-119，已核身份证"}
    with pytest.raises(Conflict) as open_still:
        erase_person.erase(actor=officer, id=customer.pk, **asked)
    assert talk.contact.subject.number in open_still.value.message()
    closed(cast, talk, reply=False)
    erase_person.erase(actor=officer, id=customer.pk, **asked)
    assert Message.objects.filter(conversation=talk).values_list("sender", "text", "reply", "html").get() == ("", "", "", "")
    assert StoredFile.objects.values_list("name", "sha256").get() == ("", "")
    for asked_for in ("13812345678", "幸福路88号", "wang@home.example"):
        assert search.find(actor=actor, text=asked_for, kinds=["contact"]) == []
    kept = f"{list(Event.objects.values_list('data', flat=True))} {list(Contact.objects.values())} {list(Subject.objects.values())}"
    assert not [one for one in ("13812345678", "幸福路", "王芳") if one in kept]
    assert Message.objects.get(conversation=other).text == "李娜的信"
