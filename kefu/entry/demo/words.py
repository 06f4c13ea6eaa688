"""What people say in the demo: matters by type of business, results, complaints."""

from __future__ import annotations

# order type: what callers want
MATTERS: dict[str, tuple[str, ...]] = {
    "repair.private.water": ("厨房水龙头关不紧，一直滴水", "卫生间水管接头漏水，地面有积水", "马桶水箱不停上水"),
    "repair.private.power": ("客厅插座没有电，空开没有跳", "卧室吸顶灯不亮，换过灯泡也不行", "厨房开关按下去有火花"),
    "repair.private.drain": ("厨房下水堵了，水漫到台面", "卫生间地漏返水，有异味"),
    "repair.private.door": ("入户门锁芯转不动，打不开门", "阳台推拉门掉轨道"),
    "repair.private.fitting": ("请帮忙安装浴室挂件", "想装一个晾衣架"),
    "repair.public.lift": ("2 单元电梯到 9 楼会抖动，有异响", "电梯按键不亮，按了没反应"),
    "repair.public.light": ("楼道 5 层声控灯不亮", "地下车库 B 区一排灯不亮", "小区北门路灯整晚不亮"),
    "repair.public.door": ("单元门禁刷卡没反应", "可视对讲听不到声音"),
    "repair.public.water": ("地下车库顶部水管滴水，车位上有水", "楼前雨水井堵了，积水过脚面"),
    "repair.public.building": ("顶楼屋面渗水，天花板发霉", "外墙瓷砖松动，怕掉下来伤人"),
    "repair.public.fire": ("楼道消防栓箱玻璃碎了", "消防通道的指示灯坏了"),
    "repair.emergency.burst": ("楼道水管爆了，水正往电梯里流", "家里总阀后面爆管，关不住水"),
    "repair.emergency.power": ("整个单元突然停电，电梯停在楼层", "配电箱有焦味，还冒烟"),
    "repair.emergency.lift": ("电梯停在 7 楼和 8 楼之间，里面有两个人",),
    "service.clean": ("楼道三天没有打扫，有垃圾", "单元门口有狗粪，请尽快清理", "电梯里有呕吐物"),
    "service.green": ("楼前的树枝挡住窗户，请修剪", "草坪里有枯树，担心倒下"),
    "service.guard": ("半夜有人在楼下放音乐跳舞", "有陌生人在单元门口徘徊"),
    "service.parking": ("我的车位被别的车占了", "月租车牌换了，需要更新"),
    "service.release": ("周六搬家，要办放行条",),
    "service.fitting_out": ("准备装修，问需要交哪些材料并办手续",),
    "consult.fee": ("问今年物业费怎么交，能不能开电子发票", "停车月租多少钱一个月"),
    "consult.supply": ("问明天几点停水，停到什么时候", "小区今天是不是停气"),
    "consult.procedure": ("租户入住要办什么手续", "门禁卡丢了怎么补办"),
    "suggestion": ("建议在北门加装电动车充电桩", "建议儿童乐园铺软垫", "建议晚上 10 点后关闭广场音乐"),
    "suggestion.praise": ("表扬维修李师傅，服务热情，干完活还把地擦干净",),
    "service": ("家里老人走失，请帮忙调看监控",),
}
# how often each comes, of a hundred
SHARES = {
    "repair.private.water": 12, "repair.private.power": 9, "repair.private.drain": 7, "repair.private.door": 4, "repair.private.fitting": 2,
    "repair.public.lift": 5, "repair.public.light": 8, "repair.public.door": 6, "repair.public.water": 4, "repair.public.building": 3,
    "repair.public.fire": 1, "repair.emergency.burst": 2, "repair.emergency.power": 1, "service.clean": 9, "service.green": 3,
    "service.guard": 3, "service.parking": 6, "service.release": 2, "service.fitting_out": 2, "consult.fee": 3, "consult.supply": 2,
    "consult.procedure": 2, "suggestion": 3, "suggestion.praise": 1,
}  # fmt: skip
PRICES = {
    "repair.private.water": ("更换水龙头", 30), "repair.private.power": ("线路检修", 50), "repair.private.drain": ("下水道疏通", 80),
    "repair.private.door": ("更换锁芯", 60), "repair.private.fitting": ("挂件安装", 30),
}  # fmt: skip
RESULTS: dict[str, tuple[str, ...]] = {
    "repair.private": ("已更换损坏部件，试用正常，业主在场确认。", "已修复，收费按告知价格，未使用其他材料。"),
    "repair.public": ("已修复并试运行正常，现场已清理。", "更换配件后恢复正常，已在设备档案登记。"),
    "repair.emergency": ("险情已排除，已更换管件并恢复供应，现场留人观察 30 分钟无异常。",),
    "service": ("已到现场处理完毕，并拍照留存。", "已办理完毕，业主已确认。"),
    "consult": ("已电话答复，客户表示清楚。",),
    "suggestion": ("已转相关部门研究，答复客户处理意见，感谢建议。",),
}
ANSWERS = (
    "物业费可在服务中心前台、公众号缴费，电子发票当场可开。",
    "停水时间为明日 9 时至 16 时，已贴通知。",
    "补办门禁卡请带身份证到前台，工本费 20 元。",
)
REDONE = ("修好第二天又漏了，师傅没有换垫片", "灯亮了一天又不亮了")
WORDS = {"satisfied": ("师傅来得快，很满意", "处理及时，谢谢", "很好"), "understands": ("等的时间长了点，可以理解", "费用高一点，能接受")}
URGES = ("怎么还没有人来修？已经等了一天", "昨天说今天来，到现在没有电话")
