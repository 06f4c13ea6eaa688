"""What is announced: notices to be read in time, the journal, and what departments hand in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kefu.entry.demo.scene import Scene
from kefu.kit import moment
from kefu.touch.announcements import queries, services
from kefu.touch.announcements.choices import Kind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINTER = (
    "供暖期间来电集中，请统一按以下口径答复：\n\n- 先问清楼栋、单元、房号和**室温**；\n- 室温低于 18 ℃ 的，派“公共设施报修”，"
    "2 小时内到场测温；\n- 属供热单位检修的，告知热线并代为转达，不承诺恢复时间。"
)
RETURNS = (
    "即日起答复 12345 转办单须写明**三项**：\n\n1. 现场情况；\n2. 处理结果和完成时间；\n3. 与诉求人联系的方式和时间。\n\n"
    "退单须在转办单写明的时限内提出，并附依据。"
)
LIFT = "11 月起 5 号楼电梯更换曳引机，工期 10 天。来电咨询请告知可使用另一部电梯，行动不便的老人可登记上门服务。"
JOURNAL = (
    "## 本期要点\n\n- 上月来电 186 通，接通率 97.8%，投诉 6 件，全部按时答复。\n- **服务之星**：维修一班李军，收到表扬 3 次。\n\n"
    "## 一个案例\n\n业主反映水龙头修好第二天又漏。回访发现没有更换垫片。**教训**：完工前请业主当面试水五分钟。"
)
PUMP = "3 号楼、4 号楼生活水泵例行检修，检修期间停水。请提前储水；消防用水不受影响。"
FACADE = "外墙清洗作业的楼栋、时间和安全提示（请保洁绿化部补充）。"
GUARD = "元旦期间车辆出入和访客登记安排（请秩序部补充）。"


def plan(scene: Scene, now: datetime) -> None:
    """Read by all in time; overdue for some; to be read today; the journal; handed in, still owed, and overdue."""
    run = scene.runner.at
    run(now - 9 * DAY, lambda: _told(scene, "《客服内刊》第 10 期", JOURNAL, kind=Kind.JOURNAL))
    run(now - 2 * DAY, lambda: _told(scene, "《客服内刊》第 11 期", JOURNAL, kind=Kind.JOURNAL))
    run(now - 5 * DAY, lambda: _read(scene, _told(scene, "供暖期间来电答复口径", WINTER, units=["centre"], hours=24), 24))
    run(now - 3 * DAY, lambda: _read(scene, _told(scene, "12345 转办单答复要求", RETURNS, units=["centre", "repair"], hours=48), 3))
    run(now - 5 * HOUR, lambda: _read(scene, _told(scene, "5 号楼电梯大修期间的答复", LIFT, posts=["agent", "receptionist"], hours=24), 1))
    run(now - 4 * DAY, lambda: _handed_in(scene, now))
    run(now - 30 * HOUR, lambda: _demanded(scene, "外墙清洗安排", FACADE, "cleaning", now + 20 * HOUR))
    run(now - 3 * DAY, lambda: _demanded(scene, "元旦车辆出入安排", GUARD, "guard", now - 6 * HOUR))
    run(now - HOUR, lambda: _written(scene, "年终满意度回访安排", "回访范围、人员分工和时间安排（待补充）。", hours=24))


def _written(scene: Scene, title: str, body: str, *, kind: Kind = Kind.NOTICE, units: list[str] | None = None,
             posts: list[str] | None = None, hours: int | None = None, by: str = "010", **own: Any) -> int:  # fmt: skip
    named = [scene.units[code].pk for code in units or ()]
    made = services.write(
        actor=scene.people[by], kind=kind, title=title, body=body, units=named, posts=posts or [], read_hours=hours, **own
    )
    pk: int = made.pk
    return pk


def _told(scene: Scene, title: str, body: str, **own: Any) -> int:
    pk = _written(scene, title, body, **own)
    services.publish(actor=scene.people["010"], id=pk)
    return pk


def _read(scene: Scene, pk: int, most: int) -> None:
    """The first of its readers say that they have read it, one after another."""
    readers = [one for one in scene.people.values() if queries.must_read(one, pk)]
    for place, reader in enumerate(sorted(readers, key=lambda one: one.number, reverse=True)[:most]):
        scene.runner.at(moment.now() + timedelta(minutes=35 * (place + 1)), lambda reader=reader: services.confirm(actor=reader, id=pk))  # type: ignore[misc]


def _handed_in(scene: Scene, now: datetime) -> None:
    begins, ends = now + 14 * HOUR, now + 20 * HOUR
    pk = _written(scene, "3、4 号楼水泵检修停水", PUMP, kind=Kind.INFORMATION, by="100", hours=24, posts=["receptionist"],
                  unit_id=scene.units["repair"].pk, area="绿洲花园 3、4 号楼", effective_from=begins, effective_to=ends)  # fmt: skip
    services.hand_in(actor=scene.people["100"], id=pk)
    services.publish(actor=scene.people["010"], id=pk)
    _read(scene, pk, 9)


def _demanded(scene: Scene, title: str, body: str, unit: str, until: datetime) -> None:
    pk = _written(scene, title, body, kind=Kind.INFORMATION, unit_id=scene.units[unit].pk, effective_from=until + DAY)
    services.demand(actor=scene.people["010"], id=pk, until=until)
