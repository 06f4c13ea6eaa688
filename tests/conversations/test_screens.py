"""The inbox as an agent reads it."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.engines.rulebook import queries, scripts
from kefu.kit import waiting
from kefu.kit.initials import initials
from kefu.people.models import Holding, Post, Staff
from kefu.touch.assignment.queries import MOST_OFFERED
from kefu.touch.conversations import handling, services
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.models import Conversation
from tests import cases
from tests.browser import Browser
from tests.conversations.makers import account, letter, written


def test_a_conversation_from_the_list_to_the_order(cast, signed_in):
    talk = written(cast)
    page = Browser(signed_in(cast.agent)).open("/inbox?tab=waiting")
    assert "水管漏水" in page.text
    assert "张**" in page.text
    assert "张伟" not in page.text
    one = page.open(f"/inbox/{talk.pk}")
    assert "厨房水管漏水" in one.text
    assert f"/desk/{talk.pk}" not in signed_in(cast.agent).get(f"/inbox/{talk.pk}").content.decode()
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    client = signed_in(cast.agent)
    assert f"/desk/{talk.pk}" in client.get(f"/inbox/{talk.pk}").content.decode()
    assert "厨房水管漏水" in client.get(f"/desk/{talk.pk}").content.decode()


def test_what_waits_in_the_inbox_is_not_offered_at_the_desk_too(cast, signed_in):
    written(cast)
    cases.call(cast, content="门禁坏了")
    text = Browser(signed_in(cast.receptionist)).open("/desk").text
    assert ("门禁坏了" in text, "厨房水管漏水" in text) == (True, False)


def test_each_tab_shows_its_own(cast, signed_in):
    talks = [written(cast, number, title=f"第{number}封") for number in (1, 2, 3)]
    agent = cast.actor(cast.agent)
    handling.take(actor=agent, id=talks[0].pk)
    handling.take(actor=agent, id=talks[1].pk)
    handling.close(actor=agent, id=talks[1].pk, wrap_up="answered")
    browser = Browser(signed_in(cast.agent))
    shown = {
        tab: [n for n in (1, 2, 3) if f"第{n}封" in browser.open(f"/inbox?tab={tab}").text]
        for tab in ("mine", "waiting", "running", "closed")
    }
    assert shown == {"mine": [1], "waiting": [3], "running": [1, 3], "closed": [2]}


def test_tabs_tell_how_much_waits_and_an_empty_one_leads_there(cast, signed_in, monkeypatch):
    browser = Browser(signed_in(cast.agent))

    def badges(tab: str = "mine") -> list[str]:
        links = browser.open(f"/inbox?tab={tab}").page.all("a")
        return [one.text.strip() for one in links if "tab=" in one["href"] and any(sign.isdigit() for sign in one.text)]

    assert badges() == []
    for number in (1, 2, 3):
        written(cast, number)
    assert badges() == ["待领取 3"]
    assert "有会话待领取" in browser.text
    monkeypatch.setattr(waiting, "MOST", 3)
    assert badges("closed") == ["待领取 2+"]
    assert "有会话待领取" not in browser.text


def test_a_list_asks_no_more_for_more_rows(cast, signed_in, django_assert_max_num_queries):
    client = signed_in(cast.agent)
    written(cast)
    client.get("/inbox?tab=waiting")
    for number in range(2, 30):
        written(cast, number)
    with django_assert_max_num_queries(14):
        assert client.get("/inbox?tab=waiting").status_code == 200


def test_html_in_a_letter_is_text_on_the_page(cast, signed_in):
    talk = written(cast, reply="<script>alert(1)</script>", title="<b>fett</b>")
    html = signed_in(cast.agent).get(f"/inbox/{talk.pk}").content.decode()
    assert "<script>alert(1)" not in html
    assert "<b>fett" not in html


def test_commands_by_the_api_are_those_of_the_page(cast, signed_in):
    talk = written(cast)
    client = signed_in(cast.agent)
    told = client.get(f"/api/v1/conversations/{talk.pk}").json()
    assert told["allowed"] == ["take", "reply", "note", "mention", "recognise", "transfer", "close"]
    assert told["name"] == "张**"
    assert "zhang@" not in told["address"]
    html = client.get(f"/inbox/{talk.pk}").content.decode()
    assert {name for name in told["allowed"] if f"/inbox/{talk.pk}/do/{name}" in html} == set(told["allowed"])


def test_pages_of_the_api_go_on(cast, signed_in):
    for number in range(1, 6):
        services.receive(account=account(cast), incoming=letter(number))
    client = signed_in(cast.agent)
    first = client.get("/api/v1/conversations?tab=waiting&limit=3").json()
    second = client.get(f"/api/v1/conversations?tab=waiting&limit=3&after={first['next']}").json()
    ids = [row["id"] for row in first["items"] + second["items"]]
    assert ids == sorted(Conversation.objects.filter(state=State.WAITING).values_list("pk", flat=True))
    assert second["next"] is None


def test_who_takes_no_contacts_has_no_inbox(cast, signed_in):
    talk = written(cast)
    client = signed_in(cast.crew)
    assert client.get("/inbox").status_code in {403, 404}
    assert client.get(f"/inbox/{talk.pk}").status_code in {403, 404}
    assert client.get("/api/v1/conversations").status_code == 403
    assert client.get(f"/api/v1/conversations/{talk.pk}").status_code == 404


def test_the_reply_box_offers_texts_with_no_more_of_the_name_than_the_surname(cast, signed_in):
    scripts.add(actor=cast.actor(cast.admin), name="称呼", moment="greeting", text="{{customer_name}}您好，{{agent_number}}号为您服务")
    queries.forget()
    html = signed_in(cast.agent).get(f"/inbox/{written(cast).pk}").content.decode()
    assert 'data-keys="ch zxsnsnh021hwnfw"' in html
    assert "张先生/女士您好，021号为您服务" in html
    assert "张伟" not in html


def test_what_was_refused_is_told_under_the_reply_box(cast, signed_in):
    talk, client = written(cast), signed_in(cast.agent)
    assert 'hx-target="#composer-faults"' in client.get(f"/inbox/{talk.pk}").content.decode()
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "composer-faults"}
    answer = client.post(f"/inbox/{talk.pk}/do/note", {"text": " "}, **asked)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#composer-faults")
    assert answer.content.decode().strip() == '<div class="field-error" role="alert">此项必填。</div>'


def test_what_runs_is_not_looked_for_among_all_that_ever_was(cast):
    """However many are closed, and however many somebody ever had: the statement goes by what runs."""
    for tab in ("mine", "running"):
        with CaptureQueriesContext(connection) as asked:
            conversations.rows(cast.actor(cast.agent), tab=tab)
        plan = asked[-1]["sql"].replace("SELECT", "EXPLAIN QUERY PLAN SELECT" if connection.vendor == "sqlite" else "EXPLAIN SELECT", 1)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(plan)
            told = str(cursor.fetchall())
        if connection.vendor == "sqlite":
            assert "conversations_running" in told or "conversatio_state" in told, tab
            assert "contacts_co_agent" not in told, tab
        else:
            # Which index reads all of an empty table is chance; what is looked for in one is not.
            assert not re.search(r"Index Cond: \(+(COALESCE\()?agent_id", told), tab


def test_a_note_offers_the_colleagues_by_number_name_and_first_letters(cast, signed_in):
    talk = written(cast)
    client = signed_in(cast.agent)
    asked = f"/inbox/{talk.pk}/colleagues"
    shown = client.get(f"/inbox/{talk.pk}").content.decode()
    assert f'data-sign="@" data-mode="note" data-src="{asked}"' in shown, "who writes a reply is not offered colleagues"
    answer = client.get(asked)
    listed = answer.content.decode()
    mine = f'data-text="@{cast.receptionist.number} {cast.receptionist.name} "'
    assert mine in listed
    assert f"{initials(cast.receptionist.name)} {cast.receptionist.number}" in listed
    assert f"@{cast.agent.number} " not in listed
    assert "private" in answer["Cache-Control"]
    for typed in (cast.receptionist.number, cast.receptionist.name[1:], initials(cast.receptionist.name).upper()):
        assert mine in client.get(asked, {"q": typed}).content.decode(), typed
    for typed in ("zzz", "%", "'", cast.receptionist.name * 10):
        assert "data-text" not in client.get(asked, {"q": typed}).content.decode(), typed
    assert client.get("/inbox/999999/colleagues").status_code == 404
    assert signed_in(cast.crew).get(asked).status_code == 403


def test_a_large_centre_offers_a_few_colleagues_at_a_time(cast, signed_in, django_assert_max_num_queries):
    talk = written(cast)
    unit, post = cast.agent.unit, Post.objects.filter(holdings__staff=cast.agent).first()
    crowd = Staff.objects.bulk_create(
        Staff(username=f"crowd{n}", number=f"7{n:03}", name=f"欧阳{'静' if n % 2 else '明'}", unit=unit, is_active=n != 40)
        for n in range(60)
    )
    Holding.objects.bulk_create(Holding(staff=one, post=post, unit=unit) for one in crowd)
    client = signed_in(cast.agent)
    asked = f"/inbox/{talk.pk}/colleagues"
    client.get(asked)
    with django_assert_max_num_queries(8):
        listed = client.get(asked, {"q": "oyj"}).content.decode()
    assert listed.count("data-text") == MOST_OFFERED
    assert "欧阳明" not in listed
    assert "输入工号、姓名或其首字母" in listed
    assert client.get(asked, {"q": "7040"}).content.decode().count("data-text") == 0, "who has left is not offered"
    assert client.get(asked, {"q": "7041"}).content.decode().count("data-text") == 1
