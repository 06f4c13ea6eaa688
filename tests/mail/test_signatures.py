"""Signatures, lines of devices, disclaimers: away if plain to see, kept if they may be facts of the case."""

# ruff: noqa: E501 - the forms stand as they are written
import pytest

from kefu.engines.mail.reply import Circumstances, plain_lines, reply_of

NEW = "您好，我家停水了，请处理。"
ABOUT = Circumstances("停水", False, "zs@qq.com")


def reply(text):
    return reply_of(plain_lines(text), ABOUT)


DEVICES = [
    "发自我的iPhone",
    "发自我的 iPhone",
    "发自我的iPad",
    "發自我的 iPhone",
    "从我的 iPhone 发送",
    "从我的iPhone发送",
    "發送自我的 iPhone",
    "发自我的华为手机",
    "发自我的小米手机",
    "发自我的荣耀手机",
    "发自我的vivo手机",
    "发自我的OPPO手机",
    "发自我的HUAWEI Mate 60 Pro",
    "来自我的华为手机",
    "来自我的小米手机",
    "发自我的企业微信",
    "发自企业微信",
    "从QQ邮箱发来的",
    "发自QQ邮箱手机版",
    "来自QQ邮箱",
    "发自网易邮箱大师",
    "发自 网易邮箱大师",
    "从网易邮箱大师发来的邮件",
    "来自网易邮箱大师",
    "从 Foxmail 发来的邮件",
    "发自Foxmail for Mac",
    "发自新浪邮箱客户端",
    "发自139邮箱",
    "发自阿里邮箱 iPhone版",
    "发自我的魅族手机",
    "发送自 Windows 邮件应用",
    "从 Windows 版邮件发送",
    "获取 Outlook for iOS",
    "获取适用于 iOS 的 Outlook",
    "取得 Outlook for Android",
    "Get Outlook for iOS",
    "Get Outlook for Android",
    "发自 Outlook",
    "获取 Outlook for iOS<https://go.example.com/o0ukef>",
    "Get Outlook for Android (https://go.example.com/AAb9ysg)",
    "从 Windows 版邮件<https://go.example.com/fwlink/?LinkId=550986>发送",
    "Sent from my iPhone",
    "Sent from my iPad",
    "Sent from my Huawei phone",
    "Sent from my Samsung Galaxy smartphone.",
    "Sent from Mail for Windows",
    "Sent from Yahoo Mail on Android",
    "Sent from QQ Mail",
    "Sent from Outlook for iOS",
    "签名由 网易邮箱大师 定制",
    "iPhoneから送信",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
]


@pytest.mark.parametrize("line", DEVICES)
def test_device(line):
    assert reply(f"{NEW}\n\n{line}") == NEW
    assert reply(f"{NEW}\n{line}\n") == NEW
    assert reply(line) == ""


@pytest.mark.parametrize(
    "text",
    [
        "发自我的iPhone怎么去掉？",
        "请问邮件末尾的发自我的iPhone怎么去掉",
        "发自我的iPhone的邮件都收不到，请处理。",
        "来自华为的快递还没有到。",
        "从QQ邮箱发来的邮件打不开",
    ],
)
def test_sentence_about_a_device(text):
    assert reply(text) == text


BLOCKS = {
    "dashes": ("", "-- \n张三\n某某科技有限公司\n电话：010-88886666"),
    "dashes without blank": ("", "--\n张三\n销售部"),
    "163": ("", "--\n\n张三\n13800000000\nzs@163.com"),
    "zhu hao": ("祝好", "祝好\n\n张三\n某某科技有限公司\n电话：010-88886666\n地址：北京市海淀区1号"),
    "ci zhi": (
        "此致\n敬礼",
        "此致\n敬礼\n\n张三 销售经理\n某某股份有限公司\nTel: +86 10 8888 6666\nFax: +86 10 8888 6667\nE-mail: zs@example.com",
    ),
    "shun song": ("顺颂商祺！", "顺颂商祺！\n\n李四\n采购部\n手机：13800000000\n邮箱：ls@example.com\n网址：www.example.com"),
    "traditional": ("順頌商祺", "順頌商祺\n\n李四\n某某股份有限公司\n電話：02-88886666\n傳真：02-88886667"),
    "regards": ("Best regards,", "Best regards,\n\nSan Zhang\nSales Manager\nExample Co., Ltd.\nTel: +86 10 8888 6666\nwww.example.com"),
    "thanks": ("Thanks & Regards", "Thanks & Regards\nSan Zhang\nExample Co., Ltd.\nMobile: 13800000000"),
    "bars": ("谢谢！", "谢谢！\n\n张三 | 某某科技有限公司\n电话：010-88886666 | 传真：010-88886667\n地址：北京市海淀区1号 | 邮编：100080"),
    "rule": ("", "-----------------\n张三\n某某科技有限公司\n电话：010-88886666"),
    "underscores": ("", "______________________\n张三\n电话：010-88886666\n邮箱：zs@example.com"),
    "no closing": ("", "张三\n某某科技有限公司 技术部\n电话：010-88886666\n传真：010-88886667\n网址：www.example.com"),
    "card of netease": ("", "| |\n张三\n|\n|\nzs@163.com\n|\n签名由网易邮箱大师定制"),
    "address of foxmail": ("", "zs@qq.com"),
    "foxmail rule": ("", "________________________________\nzs@qq.com"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_block(name):
    closing, block = BLOCKS[name]
    assert reply(f"{NEW}\n\n{block}") == (f"{NEW}\n\n{closing}" if closing else NEW)


DISCLAIMERS = [
    "本邮件及其附件含有某某公司的保密信息，仅限于发送给上面地址中列出的个人或群组。禁止任何其他人以任何形式使用。",
    "本邮件（包括任何附件）可能含有机密信息，如您误收本邮件，请立即删除。",
    "此邮件及任何附件均为机密，仅供指定收件人使用。",
    "本電子郵件及附件所載訊息均為保密資訊，僅供指定收件人使用。",
    "这封邮件和附件包含保密信息，仅供收件人使用。",
    "【免责声明】本邮件内容仅代表个人观点。",
    "免责声明：本邮件仅供参考。",
    "保密声明：未经许可不得转发。",
    "This e-mail and any attachments are confidential and intended solely for the addressee.",
    "This email may contain confidential or privileged information.",
    "The information contained in this message is intended only for the recipient.",
    "CONFIDENTIALITY NOTICE: This email is for the sole use of the recipient.",
    "Disclaimer: the views are those of the author.",
    "Please consider the environment before printing this e-mail.",
    "This e-mail and its attachments contain confidential information from EXAMPLE,\nwhich is intended only for the person or entity whose address is listed above.\nAny use is prohibited.",
]


def test_card_of_qq():
    about = Circumstances("Re: 停水", True, "zs@qq.com", "张三")
    text = f"{NEW}\n\n\n张三\nzs@qq.com\n\n\n\n原始邮件\n\n\n发件人：客服 <kf@example.com>\n发件时间：2024年1月2日\n收件人：张三 <zs@qq.com>\n主题：停水\n\n旧"
    assert reply_of(plain_lines(text), about) == NEW


@pytest.mark.parametrize("text", DISCLAIMERS)
def test_disclaimer(text):
    assert reply(f"{NEW}\n\n{text}") == NEW
    assert reply(f"{NEW}\n\n祝好\n张三\n\n{text}") == f"{NEW}\n\n祝好\n张三"
    assert reply(f"{NEW}\n\n发自我的iPhone\n\n--------------\n{text}") == NEW


KEPT = [
    "请联系我。\n我的电话：13800000000\n地址：幸福路3号",
    "谢谢！\n我的电话：13800000000\n我的地址：幸福路3号",
    "麻烦尽快处理，谢谢\n电话：13800000000",
    "停水了。\n\n姓名：张三\n电话：13800000000\n地址：幸福路3号\n户号：123456",
    "停水了。\n\n联系人：张三\n联系电话：13800000000\n单位：某某有限公司\n网址：www.example.com",
    "请问订单什么时候发货？\n\n祝好\n张三",
    "您好：\n\n此致\n敬礼\n\n张三\n2024年1月2日",
    "谢谢",
    "祝您工作愉快！",
    "好的，收到。",
    "一、停水\n----\n二、停电\n----\n三、停气",
    "公司名称：某某有限公司\n税号：91110000\n地址：北京市海淀区1号\n电话：010-88886666\n开户行：某某银行",
    "请把发票寄到：\n\n某某科技有限公司\n北京市海淀区1号 张三收\n电话：010-88886666",
    "本邮件是第三次投诉了，请回复。",
    "这封邮件请转给经理。",
    "This message is my third complaint. Nobody answers.",
    "重要提示：我家老人在用氧气机，不能停电！请马上回电。",
    "停水了。\n\n重要提示：我家老人在用氧气机，不能停电！",
    "停水了。\n\n本邮件是第三次投诉，请立即回复。",
    "谢谢！\n另外，发票什么时候开？\n电话：13800000000",
]


@pytest.mark.parametrize("text", KEPT)
def test_facts_are_kept(text):
    assert reply(text) == text


def test_never_cut_to_nothing():
    for text in (
        "某某科技有限公司\n电话：010-88886666\n传真：010-88886667",
        "本邮件含有保密信息，仅供指定收件人使用。",
        "祝好\n张三\n电话：010-88886666",
    ):
        assert reply(text)
