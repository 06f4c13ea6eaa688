"""Pages say up to which event they were drawn, so that their stream misses nothing."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kefu.entry import drawn
from kefu.timeline import feed
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one


def mark_of(page) -> str:
    found = re.search(r'<main[^>]* data-drawn="([\d-]+)"', page.content.decode())
    return found[1] if found else ""


def test_a_page_carries_the_bookmark_of_its_drawing(cast, signed_in):
    agent = signed_in(cast.agent)
    subject = Subject.objects.create(kind="order", number="A1", unit_path=cast.team.path)
    record_one(actor_id=None, subject_id=subject.pk, kind="note.added")
    drawn.forget()
    page = agent.get("/")
    assert mark_of(page) == str(feed.end()) != ""
    assert f'who="{cast.agent.pk}"' in page.content.decode()
    assert mark_of(agent.get("/", headers={"HX-Request": "true", "HX-Boosted": "true"})) == str(feed.end())


def test_the_line_is_asked_once_for_many_pages_and_not_for_fragments_or_guests(cast, signed_in):
    agent = signed_in(cast.agent)
    drawn.forget()
    with CaptureQueriesContext(connection) as asked:
        drawn.bookmark(), drawn.bookmark()
    assert len(asked) == 1
    assert "data-drawn" not in agent.get("/todos", headers={"HX-Request": "true"}).content.decode()
    assert "data-drawn" not in Client().get("/sign-in").content.decode()
