"""The firm: its units, who works there, and how they sign in."""

from __future__ import annotations

import os
from typing import NamedTuple

from django.contrib.auth.hashers import check_password, make_password

from kefu.people.actor import SYSTEM, Actor, load
from kefu.people.choices import UnitKind
from kefu.people.models import Holding, Post, Staff, Unit
from kefu.people.services import create_staff
from kefu.people.units import create_unit

PASSWORD = os.environ.get("KEFU_DEMO_PASSWORD") or "kefu-demo-2026"

# code, parent, name, name in English, kind, takes orders, agent number of its head
UNITS = (
    ("company", "", "绿洲物业", "Oasis Property Services", UnitKind.COMPANY, False, "001"),
    ("centre", "company", "客服中心", "Service centre", UnitKind.DEPARTMENT, True, "010"),
    ("repair", "company", "工程部", "Repair department", UnitKind.DEPARTMENT, True, "100"),
    ("team1", "repair", "维修一班", "Repair team 1", UnitKind.TEAM, True, "101"),
    ("team2", "repair", "维修二班", "Repair team 2", UnitKind.TEAM, True, "103"),
    ("cleaning", "company", "保洁绿化部", "Cleaning and greening", UnitKind.DEPARTMENT, True, "300"),
    ("guard", "company", "秩序部", "Order and guard", UnitKind.DEPARTMENT, True, "200"),
    ("quality", "company", "品质部", "Quality", UnitKind.DEPARTMENT, False, "040"),
)


class Person(NamedTuple):
    """Who works there. ``posts`` are (post, unit); ``told`` says on the terminal what the person shows."""

    number: str
    username: str
    name: str
    unit: str
    posts: tuple[tuple[str, str], ...]
    told: str


PEOPLE = (
    Person("021", "chenjing", "陈静", "centre", (("agent", "centre"),), "客服坐席（工号 021）"),
    Person("022", "wumin", "吴敏", "centre", (("receptionist", "centre"),), "服务中心接待员"),
    Person("030", "zhaolei", "赵磊", "centre", (("dispatcher", "centre"),), "调度员"),
    Person("025", "huxin", "胡欣", "centre", (("callback_agent", "centre"),), "回访员"),
    Person("101", "qianyong", "钱勇", "team1", (("unit_handler", "repair"),), "维修一班班长（手机接单）"),
    Person("102", "lijun", "李军", "team1", (("field_worker", "team1"),), "维修工"),
    Person("100", "sunwei", "孙伟", "repair", (("unit_head", "repair"),), "工程部负责人"),
    Person("300", "zhoulan", "周兰", "cleaning", (("unit_head", "cleaning"),), "保洁绿化部负责人"),
    Person("010", "linxiaoyan", "林晓燕", "centre", (("centre_manager", "centre"),), "客服中心经理"),
    Person("040", "xuhui", "许慧", "quality", (("quality_admin", "quality"),), "品质管理员"),
    Person("201", "wangqiang", "王强", "guard", (("staff", "guard"),), "普通员工（秩序员）"),
    Person("999", "admin", "唐磊", "company", (("sysadmin", "company"),), "系统管理员"),
    Person("001", "gaojianguo", "高建国", "company", (("centre_manager", "company"), ("doc_owner", "company")), "总经理"),
    Person("023", "hewen", "何文", "centre", (("agent", "centre"), ("unit_handler", "centre")), "客服坐席兼经办"),
    Person("103", "madong", "马东", "team2", (("unit_handler", "repair"),), "维修二班班长"),
    Person("104", "guofeng", "郭峰", "team2", (("field_worker", "team2"),), "维修工"),
    Person("200", "zhengyi", "郑毅", "guard", (("unit_head", "guard"),), "秩序部负责人"),
    Person("301", "fangli", "方丽", "cleaning", (("unit_handler", "cleaning"),), "保洁班长"),
    Person("900", "shenyun", "沈芸", "company", (("auditor", "company"), ("privacy_officer", "company")), "审计员、个人信息保护负责人"),
)


def build_units() -> dict[str, Unit]:
    """The tree of units, before the packs are loaded, so that their dispatch rules find them."""
    made: dict[str, Unit] = {}
    for code, parent, name, name_en, kind, takes, _head in UNITS:
        above = made[parent].pk if parent else None
        made[code] = create_unit(actor=SYSTEM, code=code, name=name, name_en=name_en, kind=kind, parent=above, takes_orders=takes)
    return made


def hire(units: dict[str, Unit]) -> dict[str, Actor]:
    """Everybody with post and password; the heads of the units are set. Gives the people by agent number."""
    posts = {post.code: post for post in Post.objects.all()}
    word = make_password(PASSWORD)
    found: dict[str, Staff] = {}
    for person in PEOPLE:
        # One password for all and none to be changed at once: only here, where nobody's data are at stake.
        staff, _word = create_staff(
            actor=SYSTEM, number=person.number, username=person.username, name=person.name, unit=units[person.unit].pk, stored=word
        )
        Holding.objects.bulk_create(Holding(staff=staff, post=posts[post], unit=units[unit]) for post, unit in person.posts)
        found[person.number] = staff
    for code, *_rest, head in UNITS:
        Unit.objects.filter(pk=units[code].pk).update(head=found[head])
        units[code].head = found[head]
    actors = {number: load(staff.pk) for number, staff in found.items()}
    return {number: actor for number, actor in actors.items() if actor is not None}


def sign_ins() -> list[tuple[str, str, str]]:
    """The people to sign in as, the most telling first."""
    return [(person.username, PASSWORD, person.told) for person in PEOPLE]


def known() -> list[tuple[str, str, str]]:
    """``sign_ins`` of a demo that was filled before; those whose password was changed are left out."""
    names = {person.username: person.told for person in PEOPLE}
    held = dict(Staff.objects.filter(username__in=names, is_active=True).values_list("username", "password"))
    same = {word: check_password(PASSWORD, word) for word in set(held.values())}
    return [(name, PASSWORD, told) for name, told in names.items() if name in held and same[held[name]]]
