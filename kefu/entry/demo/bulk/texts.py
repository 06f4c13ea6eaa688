"""What the many orders are about: sentences put together from parts, so that words are as unevenly spread as in real ones."""

from __future__ import annotations

import random

_PLACES = (
    "厨房 卫生间 客厅 主卧 阳台 楼道 单元门口 地下车库 电梯厅 北门 南门 儿童乐园 消防通道 配电间 屋面 外墙 快递柜旁 草坪 水景池 垃圾房"
)
THINGS: dict[str, str] = {
    "repair.private.water": "水龙头 水管接头 马桶水箱 热水器进水管 角阀 花洒 洗衣机水嘴",
    "repair.private.power": "插座 空气开关 吸顶灯 开关面板 漏电保护器 配电箱",
    "repair.private.drain": "下水管 地漏 洗菜池 马桶 洗手盆",
    "repair.private.door": "入户门锁芯 推拉门 防盗门铰链 纱窗",
    "repair.private.fitting": "晾衣架 毛巾挂件 窗帘杆",
    "repair.public.lift": "电梯 电梯按键 电梯门 电梯风扇",
    "repair.public.light": "声控灯 路灯 应急灯 地库照明灯",
    "repair.public.door": "门禁刷卡器 可视对讲 单元门闭门器 道闸",
    "repair.public.water": "主水管 雨水井 污水管 水泵",
    "repair.public.building": "外墙瓷砖 屋面防水 天花板 楼梯扶手",
    "repair.public.fire": "消防栓箱 烟感 灭火器 疏散指示灯",
    "repair.emergency.burst": "水管 总阀 暖气管",
    "repair.emergency.power": "配电箱 单元电缆",
    "service.clean": "垃圾 污渍 宠物粪便 落叶 油渍",
    "service.green": "树枝 枯树 草坪 绿篱",
    "service.guard": "陌生人 噪音 广场舞 高空抛物",
    "service.parking": "车位 月租车牌 道闸记录",
    "service.release": "放行条",
    "service.fitting_out": "装修手续 装修押金",
    "consult.fee": "物业费 停车费 电子发票",
    "consult.supply": "停水时间 停电时间 停气通知",
    "consult.procedure": "门禁卡补办 租户登记",
    "suggestion": "充电桩 软垫 健身器材 广场灯光",
    "suggestion.praise": "维修师傅 前台接待 巡逻保安",
}
_PROBLEMS = (
    "一直滴水 漏水严重 没有反应 发出异响 完全坏了 时好时坏 松动 堵住了 有异味 不亮 关不上 打不开 积水 跳闸 发霉 需要更换 "
    "请尽快处理 已经两天了 影响通行 老人不方便 孩子容易碰到 夜里特别吵 请派人来看 想预约上门"
)
PLACES, PROBLEMS = _PLACES.split(), _PROBLEMS.split()
TAILS = ("", "", "", "，请先电话联系", "，晚上七点后在家", "，下雨时更严重", "，之前报修过一次", "，麻烦快一点", "，谢谢")


def sentences(kind: str, count: int, dice: random.Random) -> list[str]:
    """``count`` sentences on one type of business; parts at the head of the lists come more often."""
    things = THINGS.get(kind, "其他事项")
    found = set()
    for _try in range(count * 3):
        place = PLACES[min(int(dice.expovariate(0.18)), len(PLACES) - 1)]
        thing = things[min(int(dice.expovariate(0.5)), len(things) - 1)]
        first, second = (PROBLEMS[min(int(dice.expovariate(0.15)), len(PROBLEMS) - 1)] for _two in range(2))
        found.add(f"{place}{thing}{first}，{second}{dice.choice(TAILS)}")
        if len(found) >= count:
            break
    return sorted(found)
