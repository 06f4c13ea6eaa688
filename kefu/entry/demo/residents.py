"""Houses and who lives in them. Names and numbers are invented; 139 0000 numbers are given to nobody."""

from __future__ import annotations

import random
from typing import NamedTuple

from kefu.people.actor import SYSTEM
from kefu.touch.customers import services as customers
from kefu.touch.customers.models import Customer

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
GIVEN = (
    "建国秀英志强丽华海燕俊杰雅琴文博晓东美玲永康佳怡国庆淑芬子轩雨桐德明玉兰浩然思琪"
    "振华慧敏立新春梅宇航婷婷长江素珍天佑欣悦保国桂香一鸣静怡守义月娥承志若曦兆丰彩霞"
)
AREA = "绿洲花园"
SHOPS = (("喜来便利店", "商铺 3 号"), ("安康药房", "商铺 7 号"), ("小太阳幼儿园", "配套楼 1 层"), ("鲜果时光", "商铺 12 号"))
WISHES = ("", "", "", "", "上门前请先电话联系", "家中有老人，请敲门", "白天不在家，晚上 7 点后方便", "请穿鞋套")


class Home(NamedTuple):
    """A customer as the story needs one."""

    customer: Customer
    name: str
    phone: str
    address: str
    wishes: str


def invented(dice: random.Random) -> str:
    place = dice.randrange(len(GIVEN) // 2) * 2
    return dice.choice(SURNAMES) + GIVEN[place : place + 2]


def house(place: int) -> tuple[str, str, str]:
    """Area, address and household number of the flat at ``place``."""
    building, unit, floor, door = place // 8 % 12 + 1, place % 3 + 1, place * 7 % 18 + 1, place % 2 + 1
    area = f"{building}号楼"
    return area, f"{AREA}{area}{unit}单元{floor:02d}{door:02d}室", f"LZ{building:02d}{unit}{floor:02d}{door:02d}{place:04d}"


def move_in(count: int = 60) -> list[Home]:
    """The residents and a few shops, each with a file."""
    dice = random.Random(61)  # noqa: S311 - invented people, the same each time
    homes = []
    for place in range(count):
        area, address, code = house(place)
        if place < len(SHOPS):
            name, address = SHOPS[place][0], AREA + SHOPS[place][1]
            kind, area, code = "firm", "商铺", f"SP{place + 1:03d}"
        else:
            kind, name = "person", invented(dice)
        number = f"1390000{1000 + place * 37:04d}"
        tier = "key" if place % 29 == 5 else "ordinary"
        frail = "高龄独居" if place % 23 == 9 else ""
        wishes = dice.choice(WISHES)
        made = customers.create(
            actor=SYSTEM, name=name, phones=[number], kind=kind, code=code, area=area, address=address, tier=tier, wishes=wishes,
            needs_assistance=frail, source="业主资料",
        )  # fmt: skip
        homes.append(Home(made, name, number, address, wishes))
    return homes
