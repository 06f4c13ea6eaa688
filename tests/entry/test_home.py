"""The home page: what waits for me, soonest first; and the one address of any subject."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kefu.engines.clock.models import Obligation
from kefu.engines.notify.registry import NoticeKind, notice_kinds
from kefu.engines.notify.services import tell
from kefu.kit import moment
from kefu.people.actor import SYSTEM
from kefu.timeline.choices import Secrecy
from kefu.timeline.models import Subject
from kefu.timeline.registry import SubjectKind, subject_kinds
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.services import receive
from kefu.touch.conversations.handling import take
from tests import cases
from tests.conversations.makers import written
from tests.kit.reading import read

AT = datetime(2036, 11, 22, 2, 0, tzinfo=UTC)  # after the cast took up its posts


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    monkeypatch.setattr(subject_kinds, "_items", {**subject_kinds._items})
    subject_kinds.add(SubjectKind("job", "Job", "J", lambda id: f"/jobs/{id}"))
    monkeypatch.setattr(notice_kinds, "_items", {**notice_kinds._items})
    notice_kinds.add(NoticeKind("job.come", "%(number)s came"))


def job(cast, number: str, title: str, hours: int, **more) -> Subject:
    made = Subject.objects.create(kind="job", number=number, title=title, unit_path=cast.team.path, **more)
    Obligation.objects.create(
        subject=made,
        code="handle",
        name="处理",
        name_en="Handle",
        clauses=["R-04-1.4"],
        owner=cast.crew_leader,
        unit_path=cast.team.path,
        started_at=AT - timedelta(days=3),
        due_at=AT + timedelta(hours=hours),
    )
    return made


def test_home_shows_what_waits_soonest_first(cast, signed_in):
    first = job(cast, "J-1", "<b>停水</b>", 3)
    job(cast, "J-2", "漏水", -2)
    with moment.frozen(AT):
        page = read(signed_in(cast.crew_leader).get("/").content)
    late, soon = page.all("a", class_="todo")
    assert [head.text for head in page.all("h3", class_="todo-group")] == ["已超时 1", "今天到期 1"]
    assert late.text == "超时 2 小时 11-22 08:00 漏水 J-2 处理 R-04-1.4"
    assert soon.text == "剩余 3 小时 11-22 13:00 <b>停水</b> J-1 处理 R-04-1.4"
    assert soon["href"] == f"/s/{first.pk}"
    assert f"job:{first.pk}" in page.one(id="todos")["data-live"].split()
    assert page.one("h1").text == "首页"


def test_home_says_so_when_nothing_waits(cast, signed_in):
    page = read(signed_in(cast.employee).get("/").content)
    assert "暂无待办" in page.text
    assert "暂无消息" in page.text


def test_home_shows_notices(cast, signed_in):
    subject = job(cast, "J-3", "x", 1)
    tell(staff_ids=[cast.employee.pk], kind="job.come", subject_id=subject.pk)
    page = read(signed_in(cast.employee).get("/").content)
    assert page.link("J-3 came")["href"] == f"/jobs/{subject.pk}"


def test_the_title_of_a_secret_does_not_show(cast, signed_in):
    job(cast, "J-4", "秘密", 1, secrecy=Secrecy.SECRET)
    page = read(signed_in(cast.crew_leader).get("/").content)
    assert "J-4" in page.text
    assert "秘密" not in page.text


def test_the_list_alone_for_a_live_refresh(cast, signed_in):
    job(cast, "J-5", "x", 1)
    part = read(signed_in(cast.crew_leader).get("/todos", headers={"HX-Request": "true"}).content)
    assert part.all("html") == []
    assert part.one(class_="todo")


def test_any_subject_has_one_address(cast, signed_in):
    subject = job(cast, "J-6", "x", 1)
    assert signed_in(cast.crew_leader).get(f"/s/{subject.pk}").headers["Location"] == f"/jobs/{subject.pk}"
    assert signed_in(cast.cleaning_head).get(f"/s/{subject.pk}").status_code == 404
    assert signed_in(cast.crew_leader).get("/s/987654").status_code == 404


def test_a_guest_is_led_to_sign_in(client, db):
    assert client.get("/").headers["Location"].startswith("/sign-in")


def test_who_leads_sees_what_is_overdue_or_nearly_so_in_the_own_units(cast, signed_in):
    job(cast, "J-7", "漏水", -2)
    job(cast, "J-8", "停电", 3)
    job(cast, "J-9", "不急", 5)
    job(cast, "J-10", "秘密", -1, secrecy=Secrecy.SECRET)
    with moment.frozen(AT):
        page = read(signed_in(cast.repair_head).get("/").content)
        assert "J-7" not in read(signed_in(cast.cleaning_head).get("/").content).text
        desk = read(signed_in(cast.repair_head).get("/todos").content)
    assert [head.text for head in page.all("h3", class_="todo-group")] == ["所辖范围已超时或即将到期 2"]
    late, soon = page.all("a", class_="todo")
    assert late.text == "超时 2 小时 11-22 08:00 漏水 J-7 · 钱师傅 处理 R-04-1.4"
    assert "J-8" in soon.text
    assert "/todos?whole=1" in page.one(id="todos")["hx-get"]
    assert desk.all("a", class_="todo") == []


def test_an_agent_sees_who_waits_at_the_desk_and_in_the_inbox(cast, signed_in):
    with moment.frozen(AT - timedelta(minutes=12)):
        forms = [receive(actor=SYSTEM, channel=Channel.PORTAL, waits=True, phone="13812345678", content=f"报修{n}")[0] for n in range(2)]
        cases.call(cast, by="receptionist", content="别人在办")
        talk = written(cast)
    with moment.frozen(AT):
        page = read(signed_in(cast.agent).get("/").content)
        take(actor=cast.actor(cast.receptionist), id=talk.pk)
        after = read(signed_in(cast.agent).get("/").content)
    assert [row["href"] for row in page.all("a", class_="todo")] == [*(f"/desk/{form.pk}" for form in forms), f"/inbox/{talk.pk}"]
    assert page.all("a", class_="todo")[0].text.startswith("已等 12 分钟")
    assert "138****5678" in page.all("a", class_="todo")[0].text
    assert f"/inbox/{talk.pk}" not in [row["href"] for row in after.all("a", class_="todo")]
