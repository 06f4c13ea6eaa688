"""Whom a conversation is given to or shown: a few colleagues at a time; who can serve comes first."""

import pytest

from kefu.kit.errors import Invalid, NotFound
from kefu.people.models import Holding, Post, Staff
from kefu.timeline.choices import Secrecy
from kefu.touch.assignment import queries
from kefu.touch.conversations import asking, handling
from kefu.touch.presence import handling as presence
from tests.assignment.makers import chatted, ready

POST = "agent"


def colleague(number, name, unit, *, here=False, post=POST):
    made = Staff.objects.create(username=f"u{number}", number=number, name=name, unit=unit, password="!")
    Holding.objects.create(staff=made, post=Post.objects.get(code=post), unit=unit)
    if here:
        presence.change(actor=queries.actor_of(made.pk), id=made.pk, state="ready")
    return made


def crowd(unit, count, name="欧阳明"):
    post = Post.objects.get(code=POST)
    people = Staff.objects.bulk_create(Staff(username=f"crowd{n}", number=f"7{n:04}", name=name, unit=unit) for n in range(count))
    Holding.objects.bulk_create(Holding(staff=one, post=post, unit=unit) for one in people)
    return people


@pytest.fixture
def talk(cast):
    held = chatted(cast)
    handling.take(actor=cast.actor(cast.agent), id=held.pk)
    return held


def test_who_is_ready_with_room_comes_first_and_the_own_unit_before_others(cast, talk):
    colleague("901", "远方另一人", cast.repair, here=True)
    near = colleague("902", "近旁忙", cast.centre, here=True)
    colleague("020", "远方闲", cast.repair, here=True)
    ready(cast, cast.receptionist)
    for number in range(queries.presence.capacity("chat")):
        handling.take(actor=cast.actor(near), id=chatted(cast, 100 + number).pk)
    found = queries.colleagues(cast.actor(cast.agent), talk.pk, takers=True)
    assert [one.number for one in found][:4] == ["022", "020", "901", "902"], "with room: near, then far; then who is full"
    assert [one.number for one in found if not one.is_ready] == ["010", "023", "030", "001"], "not here: last, the own unit first"
    assert "022 吴敏 · 客服中心 · 就绪 0/" in queries.choices(found)[0][1]


def test_the_lists_of_the_drawers_are_short_and_ask_the_centre(cast, signed_in, talk):
    crowd(cast.repair, 80)
    client = signed_in(cast.agent)
    for command, name in (("transfer", "agent_id"), ("invite", "staff_id"), ("mention", "staff_id")):
        page = client.get(f"/inbox/{talk.pk}/do/{command}").content.decode()
        assert f'src="/inbox/{talk.pk}/colleagues/options' in page
        list_ = page[page.index(f'name="{name}"') :].split("</select>")[0]
        assert list_.count("<option") == queries.MOST_OFFERED + 1, command


def test_they_are_asked_for_by_number_name_and_first_letters(cast, signed_in, talk, assert_queries):
    crowd(cast.repair, 80)
    rare = colleague("8123", "欧阳静", cast.repair)
    client = signed_in(cast.agent)
    asked = f"/inbox/{talk.pk}/colleagues/options?takers=1"
    for typed in ("8123", "阳静", "oyj", "OYJ"):
        listed = client.get(asked, {"takers": 1, "q": typed}).content.decode()
        assert listed.count(f'<option value="{rare.pk}"') == listed.count("<option") == 1, typed
    client.get(asked)
    with assert_queries("colleagues.options"):
        listed = client.get(asked, {"takers": 1, "q": "oy"}).content.decode()
    assert listed.count("<option value") == queries.MOST_OFFERED
    assert listed.count("<option disabled>输入工号、姓名或其首字母") == 1
    client.get(f"/inbox/{talk.pk}/do/transfer")
    with assert_queries("conversation.transfer.form"):
        client.get(f"/inbox/{talk.pk}/do/transfer")
    for typed in ("zzz", "%", "'", "静" * 100):
        assert "<option" not in client.get(asked, {"q": typed}).content.decode(), typed
    assert client.get(asked, {"q": "\0"}).status_code == 200


def test_hidden_talks_and_other_posts_learn_no_names(cast, signed_in, talk):
    assert signed_in(cast.agent).get("/inbox/999999/colleagues/options").status_code == 404
    assert signed_in(cast.crew).get(f"/inbox/{talk.pk}/colleagues/options").status_code == 403
    with pytest.raises(NotFound):
        queries.colleagues(cast.actor(cast.crew), talk.pk)


def test_into_a_secret_talk_only_who_may_see_secrets_is_offered(cast, talk):
    lead = cast.actor(cast.manager)
    before = {one.number for one in queries.colleagues(lead, talk.pk)}
    talk.contact.subject.secrecy = Secrecy.SECRET
    talk.contact.subject.save(update_fields=["secrecy"])
    after = {one.number for one in queries.colleagues(lead, talk.pk)}
    assert after < before
    assert before - after >= {"022"}


def test_who_has_it_is_not_offered_as_its_taker_but_may_be_pointed_to_it(cast, talk):
    lead = cast.actor(cast.manager)
    assert "021" not in {one.number for one in queries.colleagues(lead, talk.pk, takers=True)}
    assert "021" in {one.number for one in queries.colleagues(lead, talk.pk)}
    assert "010" not in {one.number for one in queries.colleagues(lead, talk.pk)}


def test_a_form_that_comes_back_still_shows_whom_it_names(cast, signed_in, talk):
    crowd(cast.repair, 80)
    far = colleague("9999", "最后", cast.repair)
    client = signed_in(cast.agent)
    both = {"agent_id": far.pk, "unit_id": cast.repair.pk, "reason": "请接手"}  # one of the two is to be named
    page = client.post(f"/inbox/{talk.pk}/do/transfer", both).content.decode()
    assert f'<option value="{far.pk}" selected>9999 最后</option>' in page
    assert "请接手" in page


@pytest.mark.parametrize("wrong", [0, -1, 10**30, 999_999])
def test_nobody_else_can_be_named(cast, talk, wrong):
    agent = cast.actor(cast.agent)
    for call in (
        lambda: handling.transfer(actor=agent, id=talk.pk, agent_id=wrong),
        lambda: asking.invite(actor=agent, id=talk.pk, staff_id=wrong),
        lambda: handling.mention(actor=agent, id=talk.pk, staff_id=wrong, text="请看"),
        lambda: handling.transfer(actor=agent, id=talk.pk, agent_id=cast.crew.pk),
    ):
        with pytest.raises(Invalid):
            call()


def test_what_is_typed_instead_of_a_person_is_refused_and_kept(cast, signed_in, talk):
    client = signed_in(cast.agent)
    for wrong in ("陈静", "0", "9" * 30):
        answer = client.post(f"/inbox/{talk.pk}/do/transfer", {"agent_id": wrong, "reason": "请接手"})
        assert answer.status_code < 500, wrong
        assert "请接手" in answer.content.decode(), wrong
