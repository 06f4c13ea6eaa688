"""Base64 of any kind comes out as Python's own package has it."""

import base64
import binascii

from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.engines.mail.transfer import decoded

ODD = st.lists(st.one_of(st.sampled_from([b"\r\n", b"\n", b" ", b"\t", b"!", b"-", b"\xff", b"_"]), st.binary(max_size=2)), max_size=6)


def _as_python_has_it(coded: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(coded)
    except binascii.Error:
        return None


@settings(max_examples=300)
@given(st.binary(min_size=250, max_size=600), ODD, st.randoms(use_true_random=False))
def test_signs_that_are_none_are_passed_over_as_python_does(data, odd, chance):
    coded = bytearray(base64.encodebytes(data))
    for one in odd:
        at = chance.randrange(len(coded.rstrip(b"=\n")))
        coded[at:at] = one.replace(b"=", b"")
    found = _as_python_has_it(bytes(coded))
    told = decoded(bytes(coded), "base64", text=False)
    assert found is None or told == found


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_at_all(data):
    assert isinstance(decoded(data, "base64", text=False), bytes)
