"""The bell and the list of notices as their reader sees them."""

from datetime import timedelta

from kefu.engines.notify.models import Notice
from kefu.engines.notify.services import tell
from tests.notify.test_tell import NOON  # noqa: F401 - declares the kinds of the tests


def test_the_badge_counts_and_the_list_reads(cast, signed_in, django_assert_max_num_queries):
    client = signed_in(cast.agent)
    assert client.get("/notices/badge").content == b""
    for n in range(3):
        tell(staff_ids=[cast.agent.pk], kind="test.plain", params={"what": f"leak {n}"})
    assert client.get("/notices/badge").content == b"3"
    with django_assert_max_num_queries(4):
        text = client.get("/notices/bell").content.decode()
    assert "leak 2" in text
    first = Notice.objects.order_by("id").first()
    assert client.post(f"/notices/{first.pk}/read", {"next": "//evil.example"}).headers["Location"] == "/"
    assert client.get("/notices/badge").content == b"2"
    assert "leak 0" not in client.get("/notices?unread=1").content.decode()
    client.post("/notices/read")
    assert client.get("/notices/badge").content == b""


def test_an_acknowledgement_is_pressed_by_its_reader_only(cast, signed_in):
    tell(staff_ids=[cast.agent.pk], kind="test.major", params={"what": "flood"}, ack_within=timedelta(minutes=15))
    notice = Notice.objects.get()
    assert signed_in(cast.crew).post(f"/notices/{notice.pk}/acknowledge").status_code == 404
    client = signed_in(cast.agent)
    assert f"/notices/{notice.pk}/acknowledge" in client.get("/notices").content.decode()
    assert client.post(f"/notices/{notice.pk}/acknowledge").status_code == 303
    assert f"/notices/{notice.pk}/acknowledge" not in client.get("/notices").content.decode()


def test_the_api_gives_and_marks_own_notices(cast, signed_in):
    tell(staff_ids=[cast.agent.pk, cast.crew.pk], kind="test.plain", params={"what": "leak"})
    client = signed_in(cast.agent)
    items = client.get("/api/v1/notices").json()["items"]
    assert [one["text"] for one in items] == ["Order : leak"]
    assert client.post("/api/v1/notices/read", {}, content_type="application/json").json() == {"changed": 1}
    assert Notice.objects.filter(read_at=None).count() == 1
