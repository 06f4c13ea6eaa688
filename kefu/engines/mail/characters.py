"""How likely a decoded text is real writing: the characters that make up most of Chinese, and what else speaks for or against."""

from __future__ import annotations

import re

# The characters that Chinese letters to an office are mostly made of, Simplified, then the Traditional forms that differ.
_SIMPLIFIED = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实"
    "加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很"
    "情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给"
    "色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信"
    "马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太"
    "准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严您请谢客户服诉投您邮箱址款退换货购买订单付账费票发物"
    "码密登录注册系统无法显示帮助联系电话手机号码师傅维修故障停燃小区物业楼栋室表房费缴催督办复函抄送附件图片文档合同协议签字盖章感祝顺颂商祺此致敬礼经理先生女士李王张刘陈杨赵黄吴徐孙胡朱林何郭罗梁宋"
    "郑韩唐冯于董萧程曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田姜范方石姚谭廖邹熊陆郝孔崔康毛邱秦史顾侯邵孟龙段雷钱汤尹黎贺赖龚早晚昨今午刚刚才吗呢吧啊哦嗯哪谁怎让被跟从给测试样例超"
    "市速度快慢差错误息消确认收到尽予及麻烦谢谢核实回答满意问题反映建议投诉咨询查询办理申请材料审核进度结果关于通知公告会议安排时间地点参加人员报名表格填写提交截止日期请假"
)
_TRADITIONAL = (
    "這為個國時來們對會發動過說產種後學經進著電裡現實兩體機當點從業應開還義間樣與關線內數質氣變條沒結解問無係軍題黨員總設長頭資邊級圖統見計別論運農幾區強決幹戰則據處隊給門規熱領東導"
    "壓濟階術極聯認權證採轉單風帶場車務萬達積議聲報鬥類離華確張馬節話溫傳許廣記約團歷構稱準號維劃選標寫親養專狀廠識適屬圓調滿縣參紅細聽該鐵價嚴您請謝客戶服訴投郵箱款換貨購買訂付帳費票"
    "碼錄註冊繫幫電話維修障燃樓棟繳辦覆函檔協議簽蓋經劉陳楊趙黃吳孫羅鄭馮蕭鄧蘇盧蔣賈葉閻鍾範譚鄒陸顧龍錢湯賀賴龔剛嗎誰讓測試樣超慢錯誤確認盡煩實滿饋詢審核進報"
)
COMMON = frozenset(_SIMPLIFIED) | frozenset(_TRADITIONAL)

_ASCII = frozenset(map(chr, range(128)))
_HANZI = re.compile("[\u4e00-\u9fff]")
_RARE_HANZI = re.compile("[\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003ffff]")
_MARKS = re.compile("[\u3000-\u3002\u3008-\u3011\u2014\u2018-\u201d\u2026\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff10-\uff19￥·]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_CYRILLIC_SMALL = re.compile("(?<=[\u0400-\u045f])[\u0430-\u044f\u0451]")
_BAD = re.compile("[\ufffd\ue000-\uf8ff\x80-\x9f\uff61-\uff9f]")
_SINGLE = re.compile("(?<![\x80-\U0010ffff])[\u00c0-\u00ff]{1,2}(?![\x80-\U0010ffff])")


def _foreign(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def plainly_chinese(text: str) -> bool:
    """A quick yes for text that is mostly made of the commonest characters; a no says nothing."""
    signs = set(text).difference(_ASCII)
    return len(signs & COMMON) * 5 > 2 * len(signs)


def likeness(text: str) -> float:
    """From 1 (plain everyday writing) down below 0 (wrong charset), over the characters beyond ASCII. 0.0 if there are none."""
    foreign = _foreign(text)
    if not foreign:
        return 0.0
    common = sum(sign in COMMON for sign in text)
    hanzi = len(_HANZI.findall(text)) - common
    rare, bad = len(_RARE_HANZI.findall(text)), len(_BAD.findall(text))
    marks, kana, hangul = len(_MARKS.findall(text)), len(_KANA.findall(text)), len(_HANGUL.findall(text))
    cyrillic, single = len(_CYRILLIC_SMALL.findall(text)), sum(map(len, _SINGLE.findall(text)))
    good = common + 0.8 * kana + 0.55 * hangul + 0.7 * marks + 0.75 * cyrillic + 0.55 * single + 0.15 * hanzi
    return (good - 0.6 * rare - 2.0 * bad) / foreign
