"""Which questions ask the same."""

import pytest

from kefu.engines.search.alike import LEAST, Heaps, likeness, words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("停车月卡怎么办理", "请问我想办停车月卡", True),
        ("门禁卡丢了怎么补办", "补办门禁卡多少钱", True),
        ("电动车可以上楼充电吗", "电动车能不能上楼充电", True),
        ("How do I pay the fee?", "Where can I pay my fee", True),
        ("物业费怎么交", "电费怎么交", False),
        ("装修押金什么时候退", "停车月卡怎么办理", False),
        ("How can I pay my bill?", "Where can I park my car?", False),
    ],
)
def test_questions_are_alike_when_half_of_their_words_are_the_same(one, other, same):
    assert (likeness(words(one), words(other)) >= LEAST) is same
    assert likeness(words(other), words(one)) == likeness(words(one), words(other))


@pytest.mark.parametrize("text", ["", "怎么办", "请问一下", "how do I", "？？"])
def test_what_only_asks_is_about_nothing(text):
    heaps = Heaps()
    heaps.begin(words("停车月卡怎么办理"))
    assert (words(text), heaps.place(words(text))) == (frozenset(), None)


def test_a_question_joins_the_heap_that_is_most_alike_and_the_first_one_speaks_for_it():
    heaps = Heaps()
    card, deposit = heaps.begin(words("停车月卡")), heaps.begin(words("装修押金退还"))
    assert [heaps.place(words(one)) for one in ("停车月卡办理", "退还装修押金", "电梯停了")] == [card, deposit, None]
