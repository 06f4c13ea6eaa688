"""The page of a recurring duty: who sees it, who reports it done, with note and proof."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.engines.clock import duties
from kefu.engines.clock.models import Obligation, Recurrence, WorkCalendar
from kefu.engines.clock.reading import WEEKDAYS
from kefu.engines.clock.ticker import tick
from kefu.engines.files.models import StoredFile
from kefu.kit.errors import Conflict, NotFound
from kefu.timeline.models import Event
from tests.clock.test_vectors import at


@pytest.fixture
def duty(cast):
    WorkCalendar.objects.create(code="always", name="全天", week={day: [["00:00", "24:00"]] for day in WEEKDAYS}, follows_holidays=False)
    Recurrence.objects.create(
        code="disinfection", name="每周消毒", rule={"every": "weekly", "weekday": 0, "at": "08:30"}, calendar="always",
        addressed_to="post:dispatcher", clauses=["R-02I-4"], next_at=at("2036-03-03 08:30"),
    )  # fmt: skip
    assert tick(at("2036-03-03 08:30"))["duties"] == 1
    return Obligation.objects.get().subject


def test_who_answers_reports_it_done_with_a_note_and_a_proof(cast, signed_in, duty):
    dispatcher = signed_in(cast.dispatcher)
    page = dispatcher.get(f"/duties/{duty.pk}").content.decode()
    assert "每周消毒" in page
    assert "赵磊" in page
    assert dispatcher.get(f"/duties/{duty.pk}/do/done").status_code == 200
    proof = SimpleUploadedFile("消毒记录.txt", "已消毒".encode(), content_type="text/plain")
    assert dispatcher.post(f"/duties/{duty.pk}/do/done", {"note": "台席全部擦拭", "file": proof}).status_code == 303
    assert Obligation.objects.get().state == "met"
    assert StoredFile.objects.get().subject_id == duty.pk
    assert Event.objects.get(kind="duty.done").data == {"note": "台席全部擦拭"}
    after = dispatcher.get(f"/duties/{duty.pk}").content.decode()
    assert "台席全部擦拭" in after
    assert "消毒记录.txt" in after
    with pytest.raises(Conflict):
        duties.done(actor=cast.actor(cast.dispatcher), id=duty.pk)
    duty.refresh_from_db()
    assert duty.closed_at is not None


def test_others_see_it_in_their_scope_only_and_do_not_report_it(cast, signed_in, duty):
    assert signed_in(cast.manager).get(f"/duties/{duty.pk}").status_code == 200
    with pytest.raises(Conflict):
        duties.done(actor=cast.actor(cast.manager), id=duty.pk)
    assert signed_in(cast.crew).get(f"/duties/{duty.pk}").status_code == 404
    with pytest.raises(NotFound):
        duties.done(actor=cast.actor(cast.crew), id=duty.pk)
    assert Obligation.objects.get().state == "running"
