"""Heads of quotes: every form of every mail program, over, under and between the lines; and texts that only look like one."""

import pytest

from kefu.engines.mail.reply import Circumstances, plain_lines, reply_of
from tests.mail.heads import HARD, SOFT

NEW = "您好，我家还没来水。\n请尽快处理，谢谢。"
OLD = "尊敬的客户：\n今天 10:00 起停水。\n\n祝好\n客服中心"
QUOTED = "\n".join(f"> {line}" for line in OLD.split("\n"))
ANSWER, PLAIN = Circumstances("Re: 停水", True, "zs@qq.com"), Circumstances("停水", False, "zs@qq.com")


def reply(text, about=ANSWER):
    return reply_of(plain_lines(text), about)


def test_enough_forms():
    assert len(HARD) >= 100


@pytest.mark.parametrize("about", [ANSWER, PLAIN], ids=["answer", "plain"])
@pytest.mark.parametrize("between", ["\n\n", "\n", "\n\n\n\n"], ids=["blank", "tight", "wide"])
@pytest.mark.parametrize("name", HARD)
def test_head_over_old_text(name, between, about):
    text = reply(NEW + between + HARD[name] + "\n\n" + OLD, about)
    # Old Foxmail puts the date alone over its head.
    assert text.removesuffix("2024-01-02").rstrip() == NEW


@pytest.mark.parametrize("name", HARD)
def test_two_heads(name):
    assert reply(NEW + "\n\n" + HARD[name] + "\n\n" + OLD + "\n\n" + HARD["qq"] + "\n\nolder").startswith(NEW)
    assert "older" not in reply(NEW + "\n\n" + HARD[name] + "\n\n" + OLD + "\n\n" + HARD["qq"] + "\n\nolder")


@pytest.mark.parametrize("name", HARD)
def test_nothing_new(name):
    assert reply(HARD[name] + "\n\n" + OLD).removesuffix("2024-01-02") == ""


@pytest.mark.parametrize("name", SOFT)
def test_head_over_signs(name):
    assert reply(NEW + "\n\n" + SOFT[name] + "\n" + QUOTED) == NEW


@pytest.mark.parametrize("name", SOFT)
def test_answer_below(name):
    assert reply(SOFT[name] + "\n" + QUOTED + "\n\n" + NEW) == NEW


@pytest.mark.parametrize("name", SOFT)
def test_answers_between(name):
    text = SOFT[name] + "\n> 尊敬的客户：\n好的\n> 今天停水。\n\n什么时候来？\n\n> 祝好"
    assert reply(text) == "好的\n\n什么时候来？"


@pytest.mark.parametrize("sign", ["> ", ">", ">> ", " > ", "＞"])
def test_signs(sign):
    quoted = "\n".join(sign + line for line in ("一", "二"))
    assert reply(f"{NEW}\n\nkf wrote:\n{quoted}") == NEW


def test_quoted_line_that_was_wrapped():
    long = "> 尊敬的客户：因为管道检修，幸福小区今天上午十点到下午四点停水，请您提前做好准备，给您带来不便敬请谅解，咨询请拨打"
    assert reply(f"收到\n\nkf wrote:\n{long}\n96116。\n> 祝好") == "收到"


NOT_HEADS = [
    "贵司在2024年1月2日 10:00的通知中写道：“今天停水”，可是没有停。",
    "通知里写道：\n今天停水。",
    "我于2024年1月2日 10:00致电 95598，客服答复如下：\n马上来修。",
    "发件人：不要再给我发短信了，谢谢。",
    "主题：停水\n请问什么时候恢复？",
    "From: 3 o'clock to 5 o'clock there was no water.\nTo: be clear, all day.",
    "日期：2024年1月2日\n时间：10:00\n地点：幸福小区3栋\n内容：停水",
    "姓名：张三\n电话：13800000000\n地址：幸福路3号\n问题：停水",
    "On Monday at 10:00 the water was off.\nPlease help.",
    "At 10:00 I called you:\nno answer.",
    "订单号：123\n----------\n数量：3\n----------\n合计：100",
    "请看下面的表：\n========\n一 | 二\n========\n三 | 四",
    "原始邮件\n我已经删除了",
    "转发的邮件：\n打不开",
    "原始邮件我已经删除了，请重新发送。",
    "请把 Original Message 再发一次",
    "他写道：不来了。我很生气。",
    "1. 问题：没有水\n2. 时间：昨天\n3. 回复：无",
    "我的邮箱是 zs@qq.com，请发到那里：\n谢谢",
    "发件人、收件人都填了：\n发不出去，主题也写了。",
    "-- 这不是签名 --\n请处理",
    "5 > 3\n> 不是引用",
]


@pytest.mark.parametrize("text", NOT_HEADS)
@pytest.mark.parametrize("about", [ANSWER, PLAIN], ids=["answer", "plain"])
def test_text_is_no_head(text, about):
    if "> 不是引用" in text and about is ANSWER:
        assert reply(text, about) == "5 > 3"
        return
    assert reply(text, about) == text


def test_form_of_a_web_page_is_kept():
    form = "发件人：张三\n日期：2024-01-02\n收件人：客服\n主题：停水\n\n请尽快处理"
    assert reply(form, PLAIN) == form


def test_form_in_an_answer_is_a_quote():
    assert reply("发件人：张三\n日期：2024-01-02\n收件人：客服\n主题：停水\n\n旧文") == ""


def test_address_line_before_a_head_is_kept():
    assert reply(f"请回复到 a@b.com\n{HARD['gmail en']}\n\nold") == "请回复到 a@b.com"


@pytest.mark.parametrize("subject", ["转发：停水", "Fwd: water", "FW: 停水", "轉寄: 停水", "Re: Fw: x"])
def test_plain_forward(subject):
    about = Circumstances(subject, False, "")
    assert reply(HARD["gmail forward zh"] + "\n\n" + OLD, about) == ""
    assert reply("请看下面客户的邮件。\n\n" + HARD["gmail forward zh"] + "\n\n" + OLD, about) == "请看下面客户的邮件。"


def test_only_quoted_lines_without_any_sign_of_an_answer():
    assert reply(QUOTED, PLAIN) == QUOTED.replace("> \n", ">\n")
    assert reply(QUOTED) == ""


def test_flattened_by_a_gateway():
    text = "已读，谢谢 ---- 回复的原邮件 ---- 发件人 kf<kf@example.com> 发送日期 2024年01月02日 10:00 主题 停水 旧文"
    assert reply(text) in ("已读，谢谢", text)
    assert reply("已读 ---- 回复的原邮件 ----\n发件人: kf\n主题: x\n\n旧") == "已读"
