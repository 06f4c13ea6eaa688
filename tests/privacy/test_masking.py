"""The masking table of domain.md §4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.engines.privacy.masking import CLASSES, MASKS, PLAIN, mask


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13812341234", "138****1234"),
        ("phone", "+86 138 1234 1234", "138****1234"),
        ("phone", "0571-88123421", "0571-******21"),
        ("phone", "(010)62345678", "010-******78"),
        ("phone", "021 6234567", "021-*****67"),
        ("phone", "0571-88123421-805", "0571-******21"),
        ("phone", "95598", "****98"),
        ("phone", "110", "****"),
        ("id_number", "330106199001011234", "330***********1234"),
        ("id_number", "33010619900101123X", "330***********123X"),
        ("id_number", "1234", "****"),
        ("name", "张三", "张**"),
        ("name", "欧阳修", "欧**"),
        ("name", "Zhang San", "Z**"),
        ("address", "杭州市西湖区文三路100号2幢301室", "杭州市西湖区文三路****"),
        ("address", "绿洲花园3幢2单元501", "绿洲花园****"),
        ("address", "上海市浦东新区世纪大道88弄5号", "上海市浦东新区世纪大道****"),
        ("address", "文三路", "文三路"),
        ("address", "3-2-501", "****"),
        ("address", "某某大厦", "某某****"),
        ("bank_card", "6222 0202 0000 1234567", "**** 4567"),
        ("email", "zhang@qq.com", "z***@qq.com"),
        ("email", "nonsense", "****"),
        ("plate", "浙A12345", "浙A***45"),
        ("free", "他住三楼", "****"),
        (PLAIN, "abc", "abc"),
        ("nobody-declared", "abc", "****"),
        ("phone", "", ""),
        ("phone", None, ""),
    ],
)
def test_the_table(kind, value, shown):
    assert mask(kind, value) == shown


@given(st.sampled_from(sorted(MASKS)), st.text(max_size=80))
def test_no_value_breaks_a_mask_and_four_digits_at_most_remain_of_a_number(kind, value):
    shown = mask(kind, value)
    assert isinstance(shown, str)
    if kind == "bank_card":
        assert sum(c.isdigit() for c in shown) <= 4


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_the_middle_of_a_mobile_never_shows(value):
    assert mask("phone", value) == f"{value[:3]}****{value[7:]}"


def test_every_class_has_a_mask():
    assert {PLAIN, *MASKS} == CLASSES
