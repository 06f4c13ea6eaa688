"""Ways in that nobody sets up are there before anybody comes by them, so that skills can be given; they follow what the centre has."""

from __future__ import annotations

from kefu.engines.rulebook import queries as rules
from kefu.engines.rulebook import services as lists
from kefu.engines.rulebook.models import CodeItem, CodeList
from kefu.people.models import Unit
from kefu.touch.assignment.models import Skill
from kefu.touch.channels.visits import services as visits
from kefu.touch.conversations import tasks
from kefu.touch.conversations.models import Account, Conversation
from tests.browser import Browser


def standing():
    return {(row.channel, row.address): (row.name, row.active) for row in Account.objects.all()}


def test_an_administrator_gives_a_skill_before_the_first_visit(cast, signed_in):
    assert tasks.keep_ways() == 4
    assert tasks.keep_ways() == 0
    assert standing() == {
        ("visit", "counter:A"): ("综合接待", True),
        ("visit", "counter:B"): ("投诉接待", True),
        ("portal", "portal"): ("网上提交", True),
        ("hotline12345", "12345"): ("12345 热线", True),
    }
    account = Account.objects.get(address="counter:B")
    page = Browser(signed_in(cast.manager))
    page.give(f"/agents/{cast.agent.pk}/do/skill", account_id=str(account.pk), level="5")
    assert Skill.objects.values_list("account__address", "level").get() == ("counter:B", 5)
    visit = visits.arrive(actor=cast.actor(cast.receptionist), counter="B")
    assert (Conversation.objects.get(pk=visit.pk).account_id, Account.objects.count()) == (account.pk, 4)


def test_a_counter_added_renamed_and_taken_away_is_followed(cast):
    tasks.keep_ways()
    admin, home = cast.actor(cast.admin), CodeList.objects.get(code="visit_counters")
    made = lists.add_item(actor=admin, id=home.pk, code="c", name="缴费")
    lists.change_item(actor=admin, id=CodeItem.objects.get(code_list=home, code="b").pk, name="投诉与建议")
    rules.forget()
    assert tasks.keep_ways() == 2
    lists.retire_item(actor=admin, id=made.pk)
    rules.forget()
    assert tasks.keep_ways() == 1
    assert (standing()["visit", "counter:C"], standing()["visit", "counter:B"]) == (("缴费", False), ("投诉与建议", True))
    lists.restore_item(actor=admin, id=made.pk)
    rules.forget()
    tasks.keep_ways()
    assert standing()["visit", "counter:C"] == ("缴费", True)


def test_a_house_without_open_units_has_no_ways_in(cast):
    Unit.objects.update(active=False)
    assert tasks.keep_ways() == 0
    assert Account.objects.count() == 0


def test_the_page_of_all_channels_shows_them(cast, signed_in):
    page = Browser(signed_in(cast.manager)).open("/settings/channels")
    assert "未使用" in page.text or "已停用" in page.text  # not made yet
    tasks.keep_ways()
    text = page.open("/settings/channels").text
    assert all(word in text for word in ("综合接待", "投诉接待", "网上提交"))
