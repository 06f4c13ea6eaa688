"""Two people on one record see each other."""

from datetime import timedelta

import pytest
from django.test import Client

from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.presence import queries, services
from kefu.touch.presence.models import Viewer


@pytest.fixture
def subject(cast):
    return Subject.objects.create(kind="workorder", number="GD1", unit_path=cast.team.path)


def test_two_people_on_one_record_see_each_other(cast, signed_in, subject):
    leader, crew = signed_in(cast.crew_leader), signed_in(cast.crew)
    assert leader.post(f"/presence/{subject.pk}").content.decode().strip() == ""
    assert "钱师傅" in crew.post(f"/presence/{subject.pk}").content.decode()
    again = leader.post(f"/presence/{subject.pk}").content.decode()
    assert ("李师傅" in again, "钱师傅" in again) == (True, False)
    assert Viewer.objects.count() == 2


def test_who_closed_the_page_is_gone_soon_and_forgotten_later(cast, subject):
    crew, leader = cast.actor(cast.crew), cast.actor(cast.crew_leader)
    now = moment.now()
    with moment.frozen(now):
        services.seen(actor=crew, subject_id=subject.pk)
        assert [one["staff__number"] for one in queries.others(leader, subject.pk)] == ["102"]
    with moment.frozen(now + timedelta(seconds=51)):
        assert queries.others(leader, subject.pk) == []
        assert services.forget_old() == 0
    with moment.frozen(now + timedelta(hours=1, seconds=1)):
        assert services.forget_old() == 1


def test_who_does_not_see_the_record_neither_shows_nor_learns(cast, signed_in, subject):
    services.seen(actor=cast.actor(cast.crew), subject_id=subject.pk)
    stranger = signed_in(cast.cleaning_head)
    assert stranger.post(f"/presence/{subject.pk}").content == b""
    assert stranger.post("/presence/999999").content == b""
    assert Viewer.objects.count() == 1
    assert Client().post(f"/presence/{subject.pk}").content == b""
    assert stranger.get(f"/presence/{subject.pk}").status_code == 405
