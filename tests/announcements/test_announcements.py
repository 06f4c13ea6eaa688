"""What is announced is read in time, or it is seen who has not."""

from datetime import timedelta

import pytest

from kefu.engines.clock.choices import State as LimitState
from kefu.engines.clock.models import Obligation
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotAllowed, NotFound
from kefu.touch.announcements import policies, queries, services
from kefu.touch.announcements.choices import MOVES, Kind
from kefu.touch.announcements.models import Receipt
from tests.property_centre import NOW


def notice(cast, **more):
    known = {"kind": Kind.NOTICE, "title": "春节值班安排", "body": "**除夕**起两班倒", "read_hours": 24, "posts": ["agent", "dispatcher"]}
    return services.write(actor=cast.actor(cast.manager), **{**known, **more})


def published(cast, **more):
    made = notice(cast, **more)
    services.publish(actor=cast.actor(cast.manager), id=made.pk)
    made.refresh_from_db()
    return made


def test_each_reader_confirms_and_the_publisher_sees_who_has_not(cast):
    made = published(cast)
    agent, dispatcher, manager = (cast.actor(one) for one in (cast.agent, cast.dispatcher, cast.manager))
    assert [row["announcement_id"] for row in queries.unread(agent)] == [made.pk]
    services.confirm(actor=agent, id=made.pk)
    assert queries.unread(agent) == []
    with pytest.raises(Conflict):
        services.confirm(actor=agent, id=made.pk)
    with moment.frozen(NOW + timedelta(hours=25)):
        told = queries.reading(made.pk)
        assert (told["asked"], told["read"], told["overdue"]) == (2, 1, 1)
        assert [row["staff__number"] for row in told["missing"]] == ["030"]
        duty = Obligation.objects.get(subject_id=made.pk)
        assert (duty.owner_id, duty.state, duty.clauses) == (manager.id, LimitState.RUNNING, ["R-02G-3.4"])
        services.confirm(actor=dispatcher, id=made.pk)
        duty.refresh_from_db()
        assert duty.state == LimitState.LATE


def test_who_publishes_does_not_hand_a_notice_in_to_herself(cast):
    made = notice(cast)
    assert "publish" in policies.allowed(cast.actor(cast.manager), made)
    assert "hand_in" not in policies.allowed(cast.actor(cast.manager), made)


def test_who_has_not_read_is_reminded_once_before_the_time_runs_out(cast):
    made = published(cast)
    assert services.remind_due() == 0
    services.confirm(actor=cast.actor(cast.agent), id=made.pk)
    with moment.frozen(NOW + timedelta(hours=19)):
        assert services.remind_due() == 1
        assert services.remind_due() == 0
    assert Notice.objects.filter(kind="announcement.reminder").values_list("recipient_id", flat=True).get() == cast.dispatcher.pk
    assert services.remind(actor=cast.actor(cast.manager), id=made.pk) == 1


def test_it_is_seen_by_those_for_whom_it_is(cast):
    draft, for_some, for_all = notice(cast), published(cast), published(cast, posts=[], units=[], read_hours=None, kind=Kind.JOURNAL)
    crew = published(cast, posts=[], units=[cast.repair.pk])
    agent, employee, head = (cast.actor(one) for one in (cast.agent, cast.employee, cast.repair_head))
    seen = {one: set(queries.visible_to(one).values_list("pk", flat=True)) for one in (agent, employee, head)}
    assert seen == {agent: {for_some.pk, for_all.pk}, employee: {for_all.pk}, head: {for_all.pk, crew.pk}}
    assert Receipt.objects.filter(announcement=crew).count() == 3
    assert not Receipt.objects.filter(announcement=for_all).exists()
    with pytest.raises(NotFound):
        queries.get(agent, draft.pk)
    services.withdraw(actor=cast.actor(cast.boss), id=for_some.pk, reason="另行通知")
    assert queries.unread(agent) == []
    with pytest.raises(NotAllowed):
        services.write(actor=agent, kind=Kind.NOTICE, title="x", body="y")


def test_it_is_written_published_and_read_on_the_pages(cast, signed_in):
    manager, agent = signed_in(cast.manager), signed_in(cast.agent)
    typed = {"kind": "notice", "title": "着装要求", "body": "周一起着**秋装**", "read_hours": "24", "posts": "agent"}
    assert manager.post("/announcements/new", {**typed, "title": ""}).status_code == 422
    page = manager.post("/announcements/new", typed)["Location"]
    assert agent.get(page).status_code == 404
    assert manager.post(f"{page}/do/publish", {"_confirm": "yes"}).status_code == 303
    assert "着装要求" in agent.get("/").content.decode()
    told = agent.get(page).content.decode()
    assert "<strong>秋装</strong>" in told
    assert "阅知情况" not in told
    assert agent.post(f"{page}/do/confirm").status_code == 303
    assert f'href="{page}"' not in agent.get("/").content.decode().split("todo")[0]
    assert "已阅 1 人" in manager.get(page).content.decode()
    assert "着装要求" in agent.get("/announcements").content.decode()
    number = page.rpartition("/")[2]
    assert manager.get(f"/api/v1/announcements/{number}").json()["reading"] == {"asked": 1, "read": 1, "overdue": 0}
    made = manager.post("/api/v1/announcements", {"title": "x", "body": "y", "kind": "journal"}, content_type="application/json")
    assert made.status_code == 201
    assert [row["title"] for row in agent.get("/api/v1/announcements").json()["items"]] == ["着装要求"]


def test_every_move_is_a_command(cast):
    from kefu.kit.commands import commands_of

    assert set(commands_of(queries.KIND).by_name) == set(MOVES)
