"""Lengths and alphabets of 3GPP TS 23.038."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.engines.texting import length, personal


@pytest.mark.parametrize(
    ("text", "units", "parts", "wide"),
    [
        ("", 0, 1, False),
        ("a" * 160, 160, 1, False),
        ("a" * 161, 161, 2, False),
        ("a" * 306, 306, 2, False),
        ("a" * 307, 307, 3, False),
        ("[" * 80, 160, 1, False),
        ("[" * 81, 162, 2, False),
        ("停" * 70, 70, 1, True),
        ("停" * 71, 71, 2, True),
        ("停" * 134, 134, 2, True),
        ("停" * 135, 135, 3, True),
        ("😀" * 35, 70, 1, True),
        ("😀" * 36, 72, 2, True),
    ],
)
def test_what_a_text_costs(text, units, parts, wide):
    assert length.measure(text) == (units, parts, wide)


@given(st.text(max_size=400))
def test_no_character_is_lost_or_torn(text):
    parts = length.parts(text)
    wide = not length.is_seven(text)
    assert "".join(parts) == text
    assert all(sum(length.width(char, wide=wide) for char in part) <= (70 if wide else 160) for part in parts)
    if not wide:
        assert length.decode_seven(length.encode_seven(text)) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("您的工单WX20261118001已受理，详询4008001234。", []),
        ("师傅明天上午9点到，电话0571-87654321。", []),
        ("请拨13800001234", ["phone"]),
        ("请拨 +86 138-0000-1234", ["phone"]),
        ("请拨１３８００００１２３４", ["phone"]),
        ("身份证330106199001011237", ["id_number"]),
        ("卡号6222 0212 3456 7890 128", ["bank_card"]),
        ("发到zhang@home.example.com", ["email"]),
        ("3号楼2单元501室漏水", ["address"]),
        ("车牌浙A·12345挡道", ["plate"]),
        ("张伟先生您好", ["name"]),
        ("张先生您好，会议室内等候", []),
    ],
)
def test_personal_data_is_seen(text, found):
    assert personal.kinds(text, ("张伟", "王", "")) == found
