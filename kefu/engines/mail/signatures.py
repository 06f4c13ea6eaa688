"""What stands under a letter and is no part of it: device lines, signature blocks, disclaimers. Cut only where it is plain to see.

A customer's own telephone and address in the text are facts of the case, so a block of contacts is a signature only under a closing with
a name, under a separator, or as a block that names the firm and how to reach it.
"""

from __future__ import annotations

import re

from kefu.engines.mail.words import words

MAX_TAIL = 25
_DELIMITER = re.compile(r"--\s?$|—{2}\s?$")
_TARGET = re.compile(r"\s?<https?://[^<>]{0,300}>?|\s?\(https?://[^()]{0,300}\)?")
_AROUND = " \t*_-—<>()（）[]【】"
_BARS = frozenset(("|", "||", "| |", "| | |"))
_RULES = frozenset("-_=*—─~ ")
_RULE = re.compile(r"\s*[-_=*—─~]{4,}\s*$")
_DEVICE_NAMES = (
    r"(?:iPhone|iPad|Mac|Android|Galaxy|BlackBerry|Windows|华为|華為|小米|荣耀|三星|魅族|一加|红米|苹果|蘋果|安卓|手机"
    r"|手機|平板|vivo|OPPO|HUAWEI|Huawei|Xiaomi|Mi|Redmi|HONOR|Honor|"
    r"Samsung|ZTE|Nokia|realme|OnePlus|Meizu|Outlook|Foxmail|QQ|网易|網易|企业微信|企業微信|钉钉|飞书|新浪|139|189|阿里"
    r"|Yahoo|Mail|邮箱大师|移动端|客户端|Mobile|Proton|Spark|Coremail|TOM|搜狐|263|WPS)"
)
_MOBILE = re.compile(
    rf"(?:发自|發自|发送自|發送自|來自|来自|寄自|傳送自)(?:我的|于|於)?\s?.{{0,12}}?{_DEVICE_NAMES}[\w\s（）()+.-]{{0,20}}"
    rf"|(?:从|從|由|通过|透過|使用|用)(?:我的)?\s?.{{0,12}}?{_DEVICE_NAMES}[\w\s（）()+.-]{{0,20}}?(?:发来|发送|發送|发出"
    rf"|傳送|寄出|发来的|傳來|撰写)(?:的)?(?:邮件|郵件)?"
    r"|Sent from (?:my |Mail |Yahoo|Outlook|Samsung|Proton|QQ|Mailspring|Spark|myMail|NetEase|Xiaomi|Huawei|Windows"
    r"|Foxmail|iPhone|the |Gmail).{0,50}|Sent via .{1,40}|Sent with .{1,40}"
    r"|(?:Get|获取|取得|下载|下載) Outlook (?:for|for the) .{1,20}|(?:获取|取得)\s?(?:适用于|適用於).{1,20}的 "
    r"Outlook.{0,20}|签名由\s?网易邮箱大师\s?定制|iPhoneから送信|Von meinem \S{2,20} gesendet"
    r"|Envoyé de(?:puis)? mon .{2,20}|Gesendet (?:mit|von) .{2,30}|Enviado desde mi .{2,20}|Inviato da .{2,20}|Outlook "
    r"for (?:iOS|Android).{0,60}",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:此致|敬礼|敬禮|此致\s?敬[礼禮]|祝好|祝[您你]?[^。，,]{0,12}|[顺順][颂頌祝][^。]{0,6}|商祺|商安|谢谢[您你]?"
    r"|謝謝[您你]?|多谢|感谢|致礼|致敬|敬上|谨上|thanks?(?: you| (?:and|&) (?:best )?regards| a lot)?"
    r"|many thanks|(?:best|kind|warm|with best|with kind)?\s?(?:regards|wishes)|best|br|b\.?r\.?|rgds|(?:yours "
    r")?(?:sincerely|faithfully|truly)(?: yours)?|cheers|以上|よろしくお願い(?:いた)?します)"
    r"[\s,，.。!！~～:：]*$",
    re.IGNORECASE,
)
_KINDS = {
    "phone": r"(?:联系)?(?:电\s*话|手\s*机|座机|直线|热线|分机|電\s*話|手\s*機|行動電話|Tel(?:ephone)?|Mob(?:ile)?|Phone"
    r"|Cell|TP|T|M|P)\s?[.:：]*\s?[+(（\d][\d\s()（）+./—-]{5,40}"
    r"|\+?\d[\d\s()-]{6,20}\d",
    "fax": r"(?:传\s*真|傳\s*真|Fax|F)\s?[.:：]+\s?[+(（\d].{5,30}",
    "mail": r"(?:邮\s*箱|電郵|电邮|信箱|电子邮件|邮件|E-?mail|Mail|E)\s?[:：]\s?.{0,10}\S{1,60}@\S{3,60}.{0,40}"
    r"|<?[\w.+-]{1,64}@[\w.-]{3,100}>?",
    "address": r"(?:公司|联系|办公)?(?:地\s*址|住址|Add(?:ress)?)\s?[.:：]+.{4,100}",
    "zip": r"(?:邮\s*编|邮政编码|郵遞區號|Zip(?: code)?|P\.?C\.?)\s?[:：]\s?\d{3,6}.{0,20}",
    "web": r"(?:网\s*址|网\s*站|網址|官网|Web(?:site)?|Http)\s?[:：]\s?\S{4,200}|(?:https?://|www\.)\S{4,200}.{0,60}",
    "im": r"(?:QQ|微信|WeChat|Skype|MSN|Line|WhatsApp)(?:号)?\s?[:：]\s?\S{4,40}",
    "firm": r".{2,40}(?:有限公司|股份公司|集团|集團|分公司|公司|Co\.?,? ?Ltd\.?|Inc\.?|LLC|GmbH|Corporation|Limited|大学"
    r"|学院|医院|研究院|研究所|事务所|银行)(?:\s?.{0,16}(?:部|科|处|室|中心))?",
}
_KIND = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.IGNORECASE)
_CONTENT = re.compile(
    r"我|本人|户号|戶號|姓名|联系人|聯絡人|订单|訂單|账号|帳號|表号|工单|问题|問題|内容|内\s*容|诉求|反映|情况|故障|收货"
    r"|收件|请|請|您|合同号|身份证|[。！？!?；;]\s*\S"
)
_NAME_LINE = re.compile(r"[^\s:：,，。.!！?？][^:：,，。!！?？]{0,40}$")
_DISCLAIMER = re.compile(
    r"[\s*【\[（(>-]*(?:本|此|这|這|该|上述)(?:封|份)?(?:电子|電子)?(?:邮件|郵件|信件)(?:及|和|（|\(|所|中|包|含|可能|\s"
    r"|内|仅|的|为|為|係|是|之).{0,300}(?:保密|机密|機密|专有信息|特权|误收|誤收|(?:指定|仅供|仅限|僅供|非).{0,20}(?:收件|收信))"
    r"|[\s*【\[（(>-]*(?:免责声明|免責聲明|保密声明|保密聲明|保密提示|法律声明|Disclaimer"
    r"|Confidentiality(?: Notice| Note)?|Legal (?:Notice|Disclaimer))(?:\s?[】\])）]|\s?[:：!！]|\s*$)"
    r"|[\s*【\[（(>-]*(?:重要提示|重要声明|Important Notice|Privileged|Confidential)\s?[】\])）:：!！]*\s?.{0,30}(?:邮件"
    r"|郵件|e-?mail|message)"
    r"|[\s*\[(>-]*(?:This|The) (?:e-?mail|email|message|communication|information|transmission|electronic "
    r"mail)\b.{0,400}?\b(?:confidential|intended|privileged|addressee|recipient|proprietary)\b"
    r"|[\s*\[(>-]*(?:Please consider the environment|P Please consider|Think before you print|(?:请|請)(?:您)?(?:考虑"
    r"|考慮).{0,10}(?:环境|環境|环保).{0,20}(?:打印|列印))"
    r"|[\s*\[(>-]*Diese E-?Mail (?:enthält|kann).{0,200}?vertraulich",
    re.IGNORECASE,
)
# One of these stands in every disclaimer, in every line of a device; most letters have none.
_DISCLAIMING = words(
    "保密 机密 機密 专有 特权 保护 保護 指定 误收 誤收 声明 聲明 提示 disclaim confiden privileged notice intended addressee recipient",
    "proprietary consider think 打印 列印 vertraulich 收件",
)
_DEVICES = words("发 發 自 传 傳 寄 定制 outlook sent 送信 gesendet envoy enviado inviato")
_INTO_SENTENCE = re.compile(r"怎么|如何|为什么|是否|吗[？?]|\?$|？$")


def _content(lines: list[str]) -> int:
    return sum(bool(line.strip()) for line in lines)


def _trim(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.match(lines[end - 1])):
        end -= 1
    return lines[:end]


def _named(text: str, names: frozenset[str]) -> bool:
    small = text.lower()
    return any(name in small for name in names)


def _without_mobile(lines: list[str]) -> list[str]:
    if not _named("\n".join(lines), _DEVICES):
        return lines
    return [line for line in lines if len(line) > 200 or not _is_mobile(line.strip(_AROUND))]


def _is_mobile(text: str) -> bool:
    text = _TARGET.sub("", text).strip() if "<" in text or "(http" in text else text
    return bool(text) and bool(_MOBILE.fullmatch(text)) and not _INTO_SENTENCE.search(text)


def _delimited(lines: list[str]) -> list[str]:
    """Without what stands under ``--``, or under a rule if contacts stand there."""
    for at in range(max(1, len(lines) - MAX_TAIL), len(lines)):
        row, under = lines[at], lines[at + 1 :]
        if row[:1] not in _RULES:
            continue
        ruled = (_DELIMITER.match(row) and _content(under) <= 15) or (_RULE.match(row) and _contacts(under) >= 1)
        if ruled and _content(lines[:at]):
            return lines[:at]
    return lines


def _kind(line: str) -> str:
    text = line.strip(" *|·•-—>")[:200]
    found = _KIND.match(text)
    return (found.lastgroup or "") if found else ""


def _contacts(tail: list[str]) -> int:
    """How many different ways to reach somebody a short block names; 0 if it is no mere block of contacts."""
    rows = [line.strip() for line in tail if line.strip()]
    if not rows or len(rows) > 14 or any(len(row) > 120 or (_CONTENT.search(row) and not _kind(row)) for row in rows):
        return 0
    if any(_CONTENT.search(row.partition("：")[0].partition(":")[0]) for row in rows):
        return 0
    kinds = {_kind(row) for row in rows} - {""}
    # A line may hold several: Tel: ... | Fax: ...
    return len(kinds) + (1 if kinds and any("|" in row or "Fax" in row for row in rows) else 0)


def _signed(lines: list[str]) -> list[str]:
    """Without name and contacts under a closing; the closing itself was written."""
    for at in range(len(lines) - 1, max(-1, len(lines) - MAX_TAIL), -1):
        if not _CLOSING.match(lines[at].strip()) or not _content(lines[: at + 1]):
            continue
        tail = [line for line in lines[at + 1 :] if line.strip()]
        named = bool(tail) and bool(_NAME_LINE.match(tail[0].strip())) and (not _kind(tail[0]) or _kind(tail[0]) == "firm")
        if named and _contacts(tail) >= 1:
            return lines[: at + 1]
        if tail:
            break
    return lines


def _block(lines: list[str]) -> list[str]:
    """Without a last paragraph that is nothing but a firm and how to reach it."""
    start = len(lines)
    while start and lines[start - 1].strip():
        start -= 1
    tail = lines[start:]
    before = next((line for line in reversed(lines[:start]) if line.strip()), "")
    if len(tail) < 3 or not before or before.rstrip()[-1] in ":：" or not _NAME_LINE.match(tail[0].strip()):
        return lines
    kinds = {_kind(row) for row in tail}
    if _contacts(tail) >= 2 and kinds & {"firm", "fax", "web", "zip"} and sum(bool(_kind(row)) for row in tail) * 2 >= len(tail):
        return lines[:start]
    return lines


def _without_disclaimer(lines: list[str]) -> list[str]:
    if not _named("\n".join(lines[-60:]), _DISCLAIMING):
        return lines
    for at in range(max(0, len(lines) - 60), len(lines)):
        if len(lines[at]) > 8 or "明" in lines[at] or "示" in lines[at]:
            text = " ".join(lines[at : at + 4])[:900] if len(lines[at]) < 200 else lines[at][:900]
            if _DISCLAIMER.match(text) and (at == 0 or not lines[at - 1].strip() or _RULE.match(lines[at - 1]) or at > len(lines) // 2):
                return lines[:at]
    return lines


def _without_own_address(lines: list[str], sender: str, name: str) -> list[str]:
    """Foxmail signs with the address alone, the new QQ mail with name and address."""
    if not (sender and lines and lines[-1].strip(" <>").lower() == sender.lower() and _content(lines[:-1])):
        return lines
    lines = _trim(lines[:-1])
    if name and len(lines) > 1 and lines[-1].strip() == name and _content(lines[:-1]):
        lines = _trim(lines[:-1])
    return lines


def _piped(lines: list[str]) -> list[str]:
    """Without the card of NetEase's mail master, a table drawn with bars."""
    for at in range(max(0, len(lines) - MAX_TAIL), len(lines)):
        if lines[at].strip() in _BARS:
            under = [line for line in lines[at:] if line.strip(" |")]
            if len(under) <= 8 and all(len(line) <= 80 for line in under) and sum(line.strip() in _BARS for line in lines[at:]) > 1:
                return lines[:at]
    return lines


def unsigned(lines: list[str], sender: str = "", name: str = "") -> list[str]:
    """The lines without signature and disclaimer. Never cut so that nothing is left, except for lines that a device wrote."""
    lines = _trim(_without_mobile(lines))
    for step in (_without_disclaimer, _piped, _delimited, _signed, _block):
        cut = _trim(step(lines))
        if _content(cut) or step is _piped:
            lines = cut
    return _trim(_without_own_address(lines, sender, name))
