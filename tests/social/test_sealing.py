"""The encryption of the platforms, against the example that Tencent publishes with its own code."""

import pytest

from kefu.engines.social import envelope
from kefu.engines.social.sealing import BadKey, Forged, Sealer, prove, signature

KEY, CORP, TOKEN = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7", "QDG6eK"
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


def test_the_published_example_is_opened():
    prove("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", TOKEN, "1409659589", "263014780", ECHO)
    assert Sealer(KEY, CORP).open(ECHO) == b"1616140317555161061"


@pytest.mark.parametrize("size", [0, 1, 11, 12, 13, 31, 32, 33, 5000])
def test_what_is_sealed_is_opened_by_the_same_key_and_receiver_only(size):
    told = Sealer(KEY, CORP).seal(b"x" * size)
    assert Sealer(KEY, CORP).open(told) == b"x" * size
    for key, receiver in ((KEY, "wxother"), ("A" * 43, CORP)):
        with pytest.raises(Forged):
            Sealer(key, receiver).open(told)


@pytest.mark.parametrize("text", ["", "!", "AAAA", ECHO[:-4], ECHO[4:]])
def test_what_was_cut_is_not_opened(text):
    with pytest.raises(Forged):
        Sealer(KEY, CORP).open(text)


def test_a_key_of_another_length_is_none():
    with pytest.raises(BadKey):
        Sealer("short", CORP)
    with pytest.raises(Forged):
        prove("", "a")
    assert signature("b", "a") == signature("a", "b")


def test_what_is_written_is_read_again():
    assert envelope.read(envelope.write(Name="a<b>&c", Count=3)) == {"Name": "a<b>&c", "Count": "3"}
