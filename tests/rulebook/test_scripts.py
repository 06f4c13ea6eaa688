"""Script texts: offered by moment, filled, changed by hand, and left alone by packs then."""

import pytest

from kefu.engines.rulebook import loader, queries, scripts
from kefu.engines.rulebook.models import TextCard
from kefu.kit.errors import Invalid, NotAllowed
from kefu.people.actor import SYSTEM
from tests.rulebook.packs import BASE, write

WORDS = {"name": "请稍等", "name_en": "", "moment": "hold", "channel": "", "text": "{{customer_name}}，请稍等{{分钟}}", "text_en": ""}


@pytest.fixture(autouse=True)
def _fresh():
    queries.forget()
    yield
    queries.forget()


def test_a_text_is_offered_filled_and_found_by_its_letters(cast):
    scripts.add(actor=cast.actor(cast.admin), **WORDS)
    queries.forget()
    cards = [card for _moment, group in scripts.offered("chat", {"customer_name": "张先生"}) for card in group if card["title"] == "请稍等"]
    assert cards == [{"title": "请稍等", "said": "张先生，请稍等……", "letters": "qsd zxsqsd"}]


def test_what_the_centre_wrote_outlives_the_pack(cast, tmp_path):
    path = write(tmp_path)
    loader.load(path, actor=SYSTEM)
    admin, card = cast.actor(cast.admin), TextCard.objects.get(code="hello")
    scripts.change(actor=admin, id=card.pk, **{**WORDS, "text": "{{centre}}，您好"})
    write(tmp_path, text=BASE.replace("text: 您好", "text: 您好呀"))
    loader.load(path, actor=SYSTEM)
    card.refresh_from_db()
    assert (card.text, card.pack, card.clauses) == ("{{centre}}，您好", "", ["R-90-1"])
    scripts.retire(actor=admin, id=card.pk)
    queries.forget()
    assert queries.text_cards("hold") == []


@pytest.mark.parametrize("text", ["{{custmer_name}}您好", "{{centre}您好", "{{}}"])
def test_a_slip_in_a_place_is_told(cast, text):
    with pytest.raises(Invalid) as refused:
        scripts.add(actor=cast.actor(cast.admin), **{**WORDS, "text": text})
    assert set(refused.value.fields) == {"text"}


def test_only_who_sets_things_writes_them_and_sees_the_page(cast, signed_in):
    with pytest.raises(NotAllowed):
        scripts.add(actor=cast.actor(cast.agent), **WORDS)
    assert signed_in(cast.agent).get("/settings/texts").status_code == 403
    client = signed_in(cast.admin)
    assert client.post("/settings/texts/new", WORDS).status_code == 303
    assert "请稍等{{分钟}}" in client.get("/settings/texts").content.decode()
