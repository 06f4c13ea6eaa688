"""The robot answers first: from public articles only, known as a robot, and a person is one word away."""

from datetime import timedelta

import pytest

from kefu.engines.clock.models import Obligation
from kefu.engines.measures import queries as measures
from kefu.engines.measures.period import Period
from kefu.kit import moment
from kefu.timeline.models import Event
from kefu.touch.assignment import services as assignment
from kefu.touch.assignment.models import Offer
from kefu.touch.channels.chat import asking, queries
from kefu.touch.channels.chat.models import RobotAnswer
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from kefu.touch.knowledge.choices import Reach
from kefu.touch.knowledge.models import Use
from tests.assignment.makers import ready
from tests.chat.makers import Browser, widget
from tests.knowledge.making import approved
from tests.property_centre import NOW

CARD = {"title": "停车月卡怎么办理", "reach": Reach.PUBLIC}


@pytest.fixture
def guest(cast):
    widget(cast, robot=True)
    return Browser().start(name="张伟")


def owed():
    return list(Obligation.objects.filter(code="conversation.chat_reply").values_list("started_at", flat=True))


def figures():
    found = [measures.total(code, Period.of("month", NOW.date())) for code in ("chat.robot_settled", "chat.robot_handed")]
    return [(one.numerator, one.denominator) for one in found]


def after(seconds: int):
    return moment.frozen(NOW + timedelta(seconds=seconds))


@pytest.mark.clause("R-03-8.1.2a")
def test_the_robot_answers_from_a_public_article_and_the_reply_of_a_person_is_owed_from_the_hand_over(cast, guest, signed_in):
    article = approved(cast, **CARD)
    ready(cast, cast.agent)
    seen = guest.send("请问停车月卡怎么办理？", "id-000001").json()
    answer = seen["turns"][-1]
    assert (seen["state"], seen["place"], answer["own"], answer["agent"]) == ("robot", 0, False, "")
    assert answer["robot"] == {"article": article.pk, "title": "停车月卡怎么办理", "helped": None}
    assert answer["text"] == "月卡每月三百元，带行驶证到客服中心登记。\n\n临时车按小时收费。"
    talk = Conversation.objects.get()
    with after(300):
        assert (assignment.turn(), owed(), talk.first_reply_at) == (0, [], None)
        page = signed_in(cast.agent).get(f"/inbox/{talk.pk}").content.decode()
        assert all(word in page for word in ("机器人", f'href="/knowledge/{article.pk}">停车月卡怎么办理</a>', "机器人接待"))
        assert 'id="conversation-body" data-reply' not in page
    with after(600):
        assert guest.ask("robot").json()["state"] == "waiting"
        assert guest.ask("robot").json()["state"] == "waiting"
        assert (assignment.turn(), Offer.objects.get().staff_id, owed()) == (1, cast.agent.pk, [NOW + timedelta(seconds=600)])
        handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    with after(719):
        assert guest.send("停车月卡怎么办理", "id-000002").json()["turns"][-1]["own"] is True
        assignment.turn()
        talk.refresh_from_db()
        assert talk.state == "open"
    with after(721):
        assignment.turn()
        talk.refresh_from_db()
        assert talk.state == "waiting"
    assert Use.objects.filter(article=article, verdict="cited", by=None).count() == 1


def test_what_is_not_public_or_fits_badly_is_no_answer_and_after_two_of_them_people_take_over(cast, guest):
    approved(cast, title="停车月卡怎么办理")
    approved(cast, title="宠物管理", body="遛狗请牵绳。", reach=Reach.PUBLIC)
    first = guest.send("停车月卡怎么办理", "id-000001").json()
    assert (first["state"], first["turns"][-1]["robot"]) == ("robot", {})
    assert first["turns"][-1]["text"] == "抱歉，这个问题我暂时答不上来。您可以换个说法，或者转人工。"
    assert guest.send("你好", "id-000002").json()["state"] == "robot"
    second = guest.send("电梯坏了怎么还没人修", "id-000003").json()
    assert (second["state"], second["turns"][-1]["text"]) == ("waiting", "抱歉，这个问题我暂时答不上来。正在为您转接人工客服。")
    assert (owed(), RobotAnswer.objects.count()) == ([NOW], 2)
    third = guest.send("宠物管理", "id-000004").json()
    assert third["turns"][-1]["own"] is True


@pytest.mark.parametrize(("words", "wanted"), [("我要转人工！", True), ("人 工", True), ("真人客服在吗", True), ("Human, please", False),
    ("I want a real person", True), ("人工湖什么时候开放", False), ("你是机器人吗", False)])  # fmt: skip
def test_words_that_ask_for_a_person(words, wanted):
    assert asking.wants_person(words) is wanted


def test_a_visitor_judges_an_answer_once_and_what_did_not_help_counts_towards_the_hand_over(cast, guest):
    approved(cast, **CARD)
    seq = [guest.send("停车月卡怎么办理", f"id-00000{number}").json()["turns"][-1]["seq"] for number in (1, 2)]
    other = Browser().start()
    other.send("停车月卡怎么办理", "id-000009")
    assert other.ask("robot", seq=seq[0], helped=True).status_code == 404
    assert guest.ask("robot", seq=seq[0], helped=False).json()["state"] == "robot"
    guest.ask("robot", seq=seq[0], helped=True)
    assert guest.ask("robot", seq=seq[1], helped=False).json()["state"] == "waiting"
    assert list(Use.objects.exclude(verdict="cited").values_list("verdict", flat=True)) == ["useless"] * 2
    assert Event.objects.filter(kind="conversation.handed_over", data={"why": "tries"}).count() == 1


def test_a_talk_the_robot_settled_is_closed_and_comes_back_to_it_and_one_left_without_an_answer_waits(cast, guest):
    approved(cast, **CARD)
    guest.send("停车月卡怎么办理", "id-000001")
    with after(599):
        assert asking.end_quiet() == 0
    with after(601):
        assert asking.end_quiet() == 1
        told = guest.ask("turns").json()
        assert figures() == [(1, 1), (0, 1)]
        assert (told["state"], told["rated"], Conversation.objects.get().wrap_up) == ("closed", True, "answered")
        assert guest.send("停车月卡怎么办理", "id-000002").json()["state"] == "robot"
        # The process fell after the words were stored.
        Message.objects.filter(pk=Message.objects.latest("pk").pk).update(text="")
        Conversation.objects.update(last_out_at=NOW)
    with after(640):
        assert asking.end_quiet() == 1
        assert guest.ask("turns").json()["state"] == "waiting"
        assert owed() == [NOW + timedelta(seconds=640)]
        assert figures() == [(0, 1), (1, 1)]


def test_it_is_off_unless_switched_on_and_an_agent_may_take_a_talk_from_it(cast, signed_in):
    approved(cast, **CARD)
    held = widget(cast)
    assert Browser().start().send("停车月卡怎么办理", "id-000001").json()["state"] == "waiting"
    words = {"name": "官网", "unit_id": cast.centre.pk, "sites": "https://www.example.com", "active": "true"}
    wrong = signed_in(cast.admin).post(f"/settings/chat/{held.pk}", words | {"robot": "true", "robot_share": "0", "robot_tries": "1"})
    assert wrong.status_code == 422
    signed_in(cast.admin).post(f"/settings/chat/{held.pk}", words | {"robot": "true", "robot_share": "90", "robot_tries": "1"})
    guest = Browser().start()
    guest.send("停车月卡怎么办理", "id-000002")
    talk = Conversation.objects.get(state="robot")
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    assert guest.send("停车月卡怎么办理", "id-000003").json()["turns"][-1]["own"] is True
    assert len(owed()) == 2


def test_the_words_that_ask_for_a_person_are_a_setting_of_the_widget(cast, signed_in):
    approved(cast, **CARD)
    held, admin = widget(cast, robot=True), signed_in(cast.admin)
    assert "转人工" in admin.get(f"/settings/chat/{held.pk}").content.decode()
    words = {"name": "官网", "unit_id": cast.centre.pk, "sites": "https://www.example.com", "active": "true", "robot": "true"}
    words |= {"robot_share": "25", "robot_tries": "9"}
    for wrong in ("，。", "好" * 41):
        assert admin.post(f"/settings/chat/{held.pk}", words | {"robot_words": wrong}).status_code == 422
    assert admin.post(f"/settings/chat/{held.pk}", words | {"robot_words": " 找管家 \n找管家\n管家"}).status_code in (204, 302, 303)
    held.refresh_from_db()
    assert held.robot_words == "找管家\n管家"
    guest = Browser().start()
    assert guest.send("转人工", "id-000001").json()["state"] == "robot"
    assert guest.send("管家什么时候有空来看看我家的窗户", "id-000002").json()["state"] == "robot"
    other = Browser().start()
    assert other.send("我想找管家帮忙看一下窗户", "id-000003").json()["state"] == "waiting"
    assert not asking.wants_person("转人工", "")


def test_outside_hours_the_robot_answers_still_and_says_what_happens_to_what_it_cannot(cast, guest):
    approved(cast, **CARD)
    night = NOW.replace(hour=18)  # two in the morning
    with moment.frozen(night):
        assert not queries.is_open()
        begun = guest.ask("begin").json()
        assert begun["open"] is True
        assert guest.send("停车月卡怎么办理", "id-000001").json()["turns"][-1]["robot"]["title"] == CARD["title"]
        told = guest.send("转人工", "id-000002").json()
        assert told["state"] == "waiting"
        assert "非服务时间" in told["turns"][-1]["text"]
        assert told["away"] is True
        assert guest.send("我的电话 13800001234", "id-000003").json()["turns"][-1]["own"] is True
    other = Browser().start()
    assert "非服务时间" not in other.send("转人工", "id-000004").json()["turns"][-1]["text"]


def test_a_number_left_at_night_stands_in_the_talk_and_on_its_contact_once(cast, guest):
    with moment.frozen(NOW.replace(hour=18)):
        guest.send("转人工", "id-000001")
        refused = guest.ask("leave", talk=True, phone="12", text="三楼漏水", id="id-000002")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "phone")
        assert Message.objects.filter(direction="in").count() == 1
        for _each in range(2):
            assert guest.ask("leave", talk=True, phone="13800001234", text="三楼漏水", id="id-000002").status_code == 200
        talk = Conversation.objects.select_related("contact").get()
        assert (talk.state, talk.contact.phone) == ("waiting", "+8613800001234")
        assert [text for own, text in guest.turns() if own] == ["转人工", "13800001234\n三楼漏水"]
        guest.ask("leave", talk=True, phone="13900001111", text="", id="id-000003")
        talk.contact.refresh_from_db()
        assert talk.contact.phone == "+8613800001234"
    stranger = Browser()
    stranger.token = "x" * 40
    assert stranger.ask("leave", talk=True, phone="13800001234", text="", id="id-000004").status_code in (403, 404)


def test_only_who_waits_outside_hours_is_told_that_nobody_is_there(cast, guest):
    assert guest.send("转人工", "id-000001").json()["away"] is False
    with moment.frozen(NOW.replace(hour=18)):
        assert guest.ask("turns").json()["away"] is True
        other = Browser().start()
        assert other.send("停车月卡怎么办理", "id-000002").json()["away"] is False  # the robot has it
