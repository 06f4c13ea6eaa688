"""Heads of quotes in plain lines: separators, blocks of header labels, and "so and so wrote".

Simplified, Traditional, English; the others as they come cheap. Patterns are bounded and looked at line by line, so none gets slow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from kefu.engines.mail.lines import QUOTE, Line

MAX_LINE = 600
_LABELS = {
    "from": "发件人|发件者|寄件者|寄件人|發件人|发送人|發送人|發信人|发信人|From|差出人|送信者|Von|De|Da|Expéditeur|보낸 사람",
    "date": "发送时间|发送日期|发件时间|发件日期|發送時間|發送日期|傳送時間|傳送日期|寄件日期|寄件時間|日期|时间|時間"
    "|已发送|已傳送|送信日時|日時|日付|"
    "Sent|Date|Sent Date|Gesendet|Datum|Envoyé|Inviato|Data|보낸 날짜|날짜",
    "to": "收件人|收件者|收信人|To|宛先|An|À|받는 사람|受取人",
    "cc": "抄送|抄送人|抄 送|副本|副本抄送|密送|密件抄送|密件副本|Cc|Bcc|ＣＣ|Kopie",
    "subject": "主题|主題|主旨|标题|標題|Subject|件名|Betreff|Objet|Oggetto|Asunto|Assunto|제목",
    "more": "附件|附件檔案|重要性|优先级|Importance|Attachments?|Priority|Reply-To|回复|Organization",
}


def _spaced(word: str) -> str:
    # 主　题, 日 期: two-character labels are stretched to the width of three.
    return rf"{word[0]}[\s\u3000]*{word[1]}" if len(word) == 2 and word[0] > "\u2e80" else re.escape(word)


_LABEL = re.compile(
    r"[\s>|*•]*(?:" + "|".join(f"(?P<{kind}>{'|'.join(map(_spaced, words.split('|')))})" for kind, words in _LABELS.items()) + r")"
    r"[\s\u3000]*\*{0,2}[\s\u3000]*(?:[:：]|\||\t)",
    re.IGNORECASE,
)
_MAYBE_LABEL = re.compile(r"[^:：|\t]{0,30}[:：|\t]")
_ONE_LINE = re.compile(
    r"[\s>|*]*(?:发件人|寄件者|寄件人|發件人|From)[\s*]*[:：].{1,200}?(?:发送时间|日期|寄件日期|傳送時間|Sent|Date)[\s*]*[:：].{1,300}?"
    r"(?:收件人|收件者|主题|主旨|To|Subject)[\s*]*[:：]"
)
_ORIGINAL = (
    r"(?:原始|原|回复的原|回復的原|回覆的原|答复的原|转发的|轉寄的|转发的原|转发|轉發|轉寄|转寄|被转发的)(?:始"
    r"|来的)?(?:电子)?(?:邮件|郵件|信件|信息|訊息|消息|内容|內容)(?:信息)?"
    r"|邮件原件|郵件原件|邮件原文|原文|Original(?: Messages?| Mail| E-?mail| Appointment)?|Forwarded (?:Message|Mail"
    r"|E-?mail)|Forward Message|Re(?:plied|ply) Message"
    r"|Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht|Weitergeleitete Nachricht|Message d'origine|Message "
    r"original|Message transféré"
    r"|元のメッセージ|転送メッセージ|Mensaje original|Mensagem original|Messaggio originale|원본 메시지"
)
_SEPARATOR = re.compile(rf"[-—–_=*─]{{2,}}[\s\u3000]*(?P<what>{_ORIGINAL})[\s\u3000]*[:：]?[\s\u3000]*[-—–_=*─]{{2,}}", re.IGNORECASE)
_TITLE = re.compile(rf"[\s>*【\[]*(?:{_ORIGINAL})[\s*】\]:：]*", re.IGNORECASE)
_TITLE_STARTS = frozenset("原回答转轉被邮郵OoFfRrUuWwMm元")
_OPENING = re.compile(
    r"[\s>]*(?:(?:开始|開始|下面是|以下是|以下为)(?:被)?(?:转发|轉寄|轉發|转寄)的?(?:邮件|郵件|信息)|被(?:转发"
    r"|轉寄)的(?:邮件|郵件)|Begin forwarded message"
    r"|Anfang der weitergeleiteten (?:Nachricht|E-Mail)|Début du message (?:transféré|réexpédié)|転送されたメッセージ)\s?[:：]\s*$",
    re.IGNORECASE,
)
_LOTUS = re.compile(
    r"-{3,}\s?(?:Forwarded by|转发人|轉寄者|由).{1,200}?-{3,}\s*$|-{3,}.{1,200}?(?:写道|寫道|wrote)\s?[:：]\s?-{3,}\s*$"
    r"|.{1,80}?\s?---\s?\d{2,4}[/.年-].{5,40}?---"
)
_RULE = re.compile(r"\s*[_\-—–─=]{10,}\s*$")
# What every head has on its first line; most lines have nothing of it.
_MAYBE = re.compile(r"[:：|\t_—─=*@<-]|\d年|\d{4}")
_RULED = re.compile(r"--|__|——|\*\*|──|==|[:：]\s*$")
_FORWARD = re.compile(r"转发|轉寄|轉發|转寄|Forward|Weitergeleitet|transféré|転送", re.IGNORECASE)
_VERB = re.compile(
    r"(?<![中里上内裡內])(?:写道|寫道|写到|寫到)|\b(?:wrote|writes|schrieb|écrit|escribió|scritto|escreveu|schreef"
    r"|skrev)\b|さんは書きました|написал",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}月\s?\d{1,2}日"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s\d{1,2}\b|\b\d{1,2}\.?\s(?:Jan|Feb|Mar|Mär|Apr"
    r"|Mai|May|Jun|Jul|Aug|Sep|Okt|Oct|Nov|Dez|Dec|"
    r"janv|févr|mars|avr|juin|juil|août|déc|enero|gen)",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}\s?[:：时時点點h]\s?\d{2}")
_MAIL_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.")
_STARTER = re.compile(r"[\s>*\"“]*(?:On|At|Am|Le|El|Il|Em|Den|Op)\s|[\s>*\"“]*[在于於][\s\d]|[\s>*]*\d{4}[-/.年]", re.IGNORECASE)
_DATED = re.compile(
    r"\s*\d{4}\s?[-/年]\s?\d{1,2}\s?[-/月]\s?\d{1,2}日?\S{0,12}\s{0,3}(?:上午|下午)?\s?\d{1,2}:\d{2}"
    r".{0,100}?<[^<>]{1,200}@[^<>]{3,200}>\s?[:：]\s*$"
)


class Head(NamedTuple):
    """A head found: where what follows begins, text of the first line that stands before it, and whether it tells of a forward."""

    end: int
    before: str
    forward: bool
    sure: bool  # "so and so wrote", "original message": never the first lines of a form


def is_quoted(line: Line) -> bool:
    """Whether a line is a quote by its structure or by its first sign."""
    return line.kind == QUOTE or line.depth > 0 or line.text.lstrip()[:1] in (">", "＞")


def _label(text: str) -> str:
    if not _MAYBE_LABEL.match(text):
        return ""
    found = _LABEL.match(text)
    return (found.lastgroup or "") if found else ""


def _plain(text: str) -> str:
    return text[:MAX_LINE].replace("&nbsp;", " ").replace("\xa0", " ")


def block_end(lines: Sequence[Line], at: int, *, least: int = 3) -> int:
    """Where a block of header labels that begins at ``at`` ends; 0 if there is none."""
    kinds: set[str] = set()
    last, strange, index = at, 0, at
    while index < min(len(lines), at + 24):
        text = _plain(lines[index].text)
        kind = _label(text)
        if kind:
            kinds.add(kind)
            last, strange = index, 0
        elif text.strip(" |>*-:\t"):
            strange += 1
            if strange > (3 if "subject" not in kinds else 0):
                break
        elif "subject" in kinds and len(kinds) >= least and strange == 0 and index > last + 1:
            break
        index += 1
    return last + 1 if "from" in kinds and len(kinds - {"more"}) >= least else 0


def _separator(lines: Sequence[Line], at: int, text: str) -> Head | None:
    found = _SEPARATOR.search(text)
    if found:
        before = text[: found.start()].strip(" >|\t-")
        # A separator in the middle of a line was flattened by a gateway; otherwise it stands alone.
        if before and not _ONE_LINE.match(text[found.end() :].lstrip(" -")) and text[found.end() :].strip(" |"):
            return None
        forward = bool(_FORWARD.search(found["what"]))
    elif _OPENING.match(text) or _LOTUS.match(text):
        before, forward = "", not _VERB.search(text)
    else:
        return None
    start = at + 1
    while start < len(lines) and not lines[start].text.strip(" |>-:\t") and start < at + 6:
        start += 1
    return Head(block_end(lines, start, least=2) or at + 1, before, forward, True)


def _titled(lines: Sequence[Line], at: int) -> Head | None:
    """The new QQ mail writes its separator without dashes; only a block of labels under it makes it one."""
    start = at + 1
    while start < min(len(lines), at + 8) and not lines[start].text.strip(" |>-:\t_"):
        start += 1
    end = block_end(lines, start) if start < len(lines) and _label(_plain(lines[start].text)) else 0
    return Head(end, "", bool(_FORWARD.search(lines[at].text)), True) if end else None


def _labels(lines: Sequence[Line], at: int, text: str) -> Head | None:
    if _RULE.match(text):
        start = at + 1
        while start < len(lines) and not lines[start].text.strip() and start < at + 4:
            start += 1
        if start < len(lines) and _label(_plain(lines[start].text)):
            end = block_end(lines, start)
            return Head(end, "", False, False) if end else None
        return None
    kind = _label(text)
    if not kind or kind == "more":
        return None
    if len(text) > 40 and _ONE_LINE.match(text):
        return Head(at + 1, "", False, False)
    end = block_end(lines, at)
    return Head(end, "", False, False) if end else None


def _is_written(text: str, *, quoted_next: bool) -> bool:
    """Whether a line (or lines joined) says who wrote what follows, and when."""
    if len(text) > 400:
        return False
    if _DATED.match(text):
        return True
    if not _VERB.search(text):
        return False
    date, time, address = _DATE.search(text), _TIME.search(text), _MAIL_ADDRESS.search(text)
    if date and (time or address):
        return True
    if len(text) < 160 and (address or (date and _STARTER.match(text) and "。" not in text)):
        return True
    return quoted_next and len(text) < 120


def _written(lines: Sequence[Line], at: int, text: str) -> Head | None:
    """An attribution that begins at ``at``; mailers wrap it over up to four lines."""
    joined, index = "", at
    while index < min(len(lines), at + 4):
        one = _plain(lines[index].text).strip()
        if not one or (index > at and is_quoted(lines[index])):
            return None
        joined = f"{joined} {one}" if joined else one
        if one[-1] in ":：" or (one.endswith(("写道", "寫道", "wrote"))):
            following = index + 1
            while following < len(lines) and not lines[following].text.strip() and following < index + 4:
                following += 1
            quoted_next = following < len(lines) and is_quoted(lines[following])
            # A last line that says it all is a head of its own; the lines before it are text.
            if index > at and not _STARTER.match(joined) and _is_written(one, quoted_next=False):
                return None
            if _is_written(joined, quoted_next=quoted_next):
                return Head(index + 1, "", False, True)
            return None
        # Only what can be the beginning of an attribution goes on to a second line.
        if index == at and not (_STARTER.match(one) or "@" in one or _DATE.search(one)):
            return None
        index += 1
    return None


def head_at(lines: Sequence[Line], at: int) -> Head | None:
    """The head of a quote that begins with this line; none if it is an ordinary line."""
    raw = lines[at].text
    if len(raw) < 40 and raw.lstrip(" >*【[")[:1] in _TITLE_STARTS and _TITLE.fullmatch(_plain(raw)):
        return _titled(lines, at)
    if not _MAYBE.search(raw):
        return None
    text = _plain(raw)
    found = _separator(lines, at, text) if _RULED.search(text) else None
    return found or _labels(lines, at, text) or _written(lines, at, text)
