"""Knowledge beside the talk: it follows the customer's words, then the agent's, and what is used is counted."""

import pytest

from kefu.touch.conversations import queries, services
from kefu.touch.knowledge import queries as knowledge
from tests.conversations.makers import account, letter, written
from tests.knowledge.making import approved


@pytest.fixture
def two(cast):
    return approved(cast, title="水管漏水怎么办", body="先关总闸。"), approved(cast, title="电梯停了怎么办", body="请按求助按钮。")


def test_hits_follow_what_is_written_and_what_is_used_is_counted(cast, signed_in, two):
    water, lift = two
    talk, client = written(cast), signed_in(cast.agent)
    page = client.get(f"/inbox/{talk.pk}").content.decode()
    assert ("先关总闸" in page, "求助按钮" in page) == (True, False)
    services.receive(account=account(cast), incoming=letter(2, reply="电梯也停了"), conversation_id=talk.pk)
    assert queries.asked(talk.pk) == "厨房水管漏水\n电梯也停了"
    address = f"/inbox/{talk.pk}/hits"
    typed = client.post(address, {"text": "电梯停了"}).content.decode()
    assert typed.index("电梯停了怎么办") < (typed + "水管漏水怎么办").index("水管漏水怎么办")
    client.post(address, {"text": "电梯停了", "cited": lift.pk})
    assert "感谢反馈" in client.post(address, {"text": "电梯停了", "helped": lift.pk}).content.decode()
    assert {name: count for name, count in knowledge.figures(lift.pk).items() if count} == {"cited": 1, "helped": 1}
    assert not any(knowledge.figures(water.pk).values())
    assert signed_in(cast.crew).post(address, {"text": "电梯停了"}).status_code in {403, 404}
