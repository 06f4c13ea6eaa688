"""The page of all pieces: it opens, and hostile text stays text."""

import pytest


@pytest.fixture
def gallery(signed_in, cast, settings) -> str:
    settings.DEBUG = True
    answer = signed_in(cast.agent).get("/-/components")
    assert answer.status_code == 200
    return answer.content.decode()


def test_hostile_text_stays_text(gallery):
    assert "<script>alert" not in gallery
    assert gallery.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5


def test_closed_outside_debug(signed_in, cast, settings):
    settings.DEBUG = False
    assert signed_in(cast.agent).get("/-/components").status_code == 404
