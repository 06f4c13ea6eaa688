"""Sealed text opens with its key and for its purpose only; keys are rotated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.kit import secrecy


@given(st.text(min_size=1, max_size=200))
def test_what_is_sealed_opens_again(text):
    token = secrecy.seal(text, "t.a")
    assert secrecy.unseal(token, "t.a") == text


def test_the_same_text_never_seals_alike():
    assert secrecy.seal("330106199001011234", "t.a") != secrecy.seal("330106199001011234", "t.a")
    assert secrecy.seal("", "t.a") == secrecy.unseal("", "t.a") == ""


@pytest.mark.parametrize("token", ["nonsense", "00000000.AAAA", "", "x.y"])
def test_what_was_not_sealed_does_not_open(token):
    if not token:
        assert secrecy.unseal(token, "t.a") == ""
        return
    with pytest.raises(secrecy.Unreadable):
        secrecy.unseal(token, "t.a")


def test_another_purpose_and_a_changed_letter_do_not_open():
    token = secrecy.seal("secret", "t.a")
    with pytest.raises(secrecy.Unreadable):
        secrecy.unseal(token, "t.b")
    changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
    with pytest.raises(secrecy.Unreadable):
        secrecy.unseal(changed, "t.a")


def test_keys_are_rotated(settings):
    settings.FIELD_KEYS = "old-key"
    token = secrecy.seal("secret", "t.a")
    assert not secrecy.is_stale(token)
    settings.FIELD_KEYS = "new-key old-key"
    assert secrecy.unseal(token, "t.a") == "secret"
    assert secrecy.is_stale(token)
    fresh = secrecy.seal("secret", "t.a")
    settings.FIELD_KEYS = "new-key"
    assert secrecy.unseal(fresh, "t.a") == "secret"
    with pytest.raises(secrecy.Unreadable):
        secrecy.unseal(token, "t.a")


def test_a_blind_index_finds_equals_within_one_purpose(settings):
    assert secrecy.blind("330106", "t.a") == secrecy.blind("330106", "t.a")
    assert secrecy.blind("330106", "t.a") != secrecy.blind("330106", "t.b")
    assert secrecy.blind("", "t.a") == ""
    before = secrecy.blind("330106", "t.a")
    settings.BLIND_KEY = "another"
    assert secrecy.blind("330106", "t.a") != before
