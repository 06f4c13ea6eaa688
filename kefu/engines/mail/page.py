"""Sanitised HTML to lines of text that know what is a quote and what a signature, and to HTML that may be shown.

One pass over the tags that nh3 wrote, which are well formed: attributes in double quotes, no ``<`` outside tags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from kefu.engines.mail.lines import OWN, QUOTE, SIGN, Line
from kefu.engines.mail.sanitise import harmless
from kefu.engines.mail.shown import shown_tag
from kefu.engines.mail.words import words

_TAG = re.compile(r'<(/?)([a-z0-9]+)((?: [^\s=>"]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([^\s=>"]+)="([^"]*)"')
_WHITE = re.compile(r"[ \t\r\n\f]+")
_WIDE_BREAK = re.compile("(?<=[\u2e80-\u9fff\uff00-\uffef])[ \t]*\r?\n[ \t\r\n]*(?=[\u2e80-\u9fff\uff00-\uffef])")
_VOID = words("br img hr col wbr")
_BLOCKS = words(
    "address article blockquote center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header li main ol p pre section summary ",
    "table tbody tfoot thead tr ul includetail caption",
)
_AIRY = words("p h1 h2 h3 h4 h5 h6 ul ol dl table pre")
_SPECIAL, _RENAMED = words("a ul ol li tr td th"), words("includetail sign")
_TIGHT = re.compile(r"MsoNormal|margin(?:-top|-bottom)?:\s?0")
_HIDDEN = re.compile(r"display:\s?none|mso-hide:\s?all|visibility:\s?hidden")
# What mail programs call their quotes and signatures. A name is a whole word of class, id or name.
_QUOTE_BOX = words(
    "gmail_attr moz-cite-prefix moz-email-headers-table moz-forward-container yahoo_quoted "
    "ntes-mailmaster-quote ReferenceQuote protonmail_quote ",
    "zmail_extra isReplyContent isForwardContent reply139content origbody oriMsgHtmlSeperator mail-editor-reference-message-container ",
    "history-quote-wrapper lark-mail-quote replyContent original-content tutanota_quote quote-mail alimail-quote",
)
_CUT = words("divRplyFwdMsg appendonsend OutlookMessageHeader xm_mail_oringinal_describe replySplit zwchr x_divRplyFwdMsg")
_SIGN_BOX = words(
    "gmail_signature gmail_signature_prefix moz-signature ms-outlook-mobile-signature Signature "
    "imail_signature ntes-signature spnEditorSign ",
    "xm_mail_content_signature AppleMailSignature __aliyun_signature_wrap protonmail_signature_block FMSigSeperator divNeteaseMailCard ",
    "yahoo-signature ntes-pcmail-signature x-apple-signature",
)
_NAMES = re.compile(r' (?:class|id|name)="([^"]*)"')
_KEPT = 300  # longer attributes hold pictures and are not remembered
_CITE = re.compile(r' type="cite"| cite="mid:|border-left(?:-(?:width|style|color))?:\s?[^;"]*(?:solid|px)', re.IGNORECASE)


_TELLING = sorted({name.lower() for name in _QUOTE_BOX | _CUT | _SIGN_BOX})
_TELLING_TAGS = ("<includetail", "<sign", "qmbox", "<blockquote")


def tells(html: str) -> bool:
    """Whether HTML names quotes or signatures, so that its structure is worth reading."""
    small = html.lower()
    return any(tag in small for tag in _TELLING_TAGS) or any(name in small for name in _TELLING)


@lru_cache(maxsize=2048)
def _meaning(name: str, attrs: str) -> tuple[str, bool]:
    """What an element means (a counter of the reader, "cut" or "box"), and whether it has no air around it. Mailers repeat their tags."""
    tight = bool(_TIGHT.search(attrs))
    if name in _RENAMED:
        return ("quotes" if name == "includetail" else "signs"), tight
    if name == "blockquote" and _CITE.search(attrs):
        return "cites", tight
    names = {word for value in _NAMES.findall(attrs) for word in value.split()}
    if names & _CUT:
        return "cut", tight
    if names & _QUOTE_BOX or any(word.startswith("yahoo_quoted") for word in names) or (name == "blockquote" and "gmail_quote" in names):
        return ("cites" if name == "blockquote" else "quotes"), tight
    if names & _SIGN_BOX:
        return "signs", tight
    if _HIDDEN.search(attrs):
        return "hidden", tight
    return ("box" if "qmbox" in names else ""), tight


@dataclass(slots=True)
class Page:
    """What a piece of HTML says: its lines, and the HTML to show."""

    lines: list[Line]
    html: str
    structured: bool
    fault: str = ""


@dataclass(slots=True)
class _Row:
    start: int
    cells: list[int] = field(default_factory=list)


class _Reader:
    """The state of the pass: the line being built, and what the open elements mean."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.line: list[str] = []
        self.stack: list[str] = []
        self.quotes = self.cites = self.signs = self.hidden = self.pre = 0
        self.cut = self.structured = False
        self.lists: list[int] = []
        self.indent = ""
        self.rows: list[_Row] = []
        self.links: list[tuple[str, int]] = []

    # Lines -----------------------------------------------------------------------------------------------------------
    def kind(self) -> str:
        if self.cut or self.quotes or self.cites:
            return QUOTE
        return SIGN if self.signs else OWN

    def end(self, *, always: bool = False) -> None:
        """The line is complete; an empty one counts only if a ``br`` made it."""
        if not self.line and not always:
            return
        raw = "".join(self.line)
        self.line.clear()
        text = raw.replace("\xa0", " ")
        text = text.rstrip() if self.pre else text.strip(" ")
        if text or always or raw[:1] == "\xa0":
            self.lines.append(Line(self.indent + text if text else "", self.kind(), self.cites))
            self.indent = ""

    def air(self) -> None:
        if self.lines and self.lines[-1].text:
            self.lines.append(Line("", self.kind(), self.cites))

    def text(self, piece: str) -> None:
        if self.hidden:
            return
        if "&" in piece:
            piece = piece.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
        if self.pre:
            first, *more = piece.split("\n")
            self.line.append(first)
            for one in more:
                self.end(always=True)
                self.line.append(one)
            return
        if "\n" in piece or "  " in piece or "\t" in piece:
            piece = _WHITE.sub(" ", _WIDE_BREAK.sub("", piece))
        if piece != " " or (self.line and not self.line[-1].endswith(" ")):
            self.line.append(piece)

    # Elements --------------------------------------------------------------------------------------------------------
    def named(self, name: str, attrs: str) -> tuple[str, bool]:
        """What an element means by its name, class and id, and whether it has no air around it."""
        meaning, tight = _meaning(name, attrs) if len(attrs) < _KEPT else _meaning.__wrapped__(name, attrs)
        if meaning == "box":
            meaning = "quotes" if any(line.text for line in self.lines) else ""
        return meaning, tight

    def open(self, name: str, attrs: str) -> None:
        if name in _VOID:
            self.void(name, attrs)
            return
        meaning, tight = self.named(name, attrs) if attrs or name in _RENAMED else ("", False)
        if name in _BLOCKS:
            self.end()
            if name in _AIRY and not tight:
                self.air()
        if meaning == "cut":
            self.end()
            self.cut = self.structured = True
            meaning = ""
        elif meaning and meaning != "hidden":
            self.end()
            self.structured = True
        elif name == "pre" and not meaning:
            meaning = "pre"
        if meaning:
            setattr(self, meaning, getattr(self, meaning) + 1)
        self.stack.append(meaning)
        if name in _SPECIAL:
            self.begun(name, attrs)

    def void(self, name: str, attrs: str) -> None:
        if name == "br":
            self.end(always=True)
        elif name == "hr":
            self.end()
            meaning = self.named(name, attrs)[0] if attrs else ""
            if meaning == "cut":
                self.cut = self.structured = True
            elif meaning == "signs":  # nothing closes it: all below is signature or quote
                self.signs += 1
                self.structured = True
        elif name == "img" and not self.hidden:
            found = dict(_ATTRIBUTE.findall(attrs)).get("alt", "").strip()
            if found:
                self.text(f"[{found}]")

    def begun(self, name: str, attrs: str) -> None:
        if name == "li":
            if self.lists and self.lists[-1] >= 0:
                self.lists[-1] += 1
                self.line.append(f"{self.lists[-1]}. ")
            else:
                self.line.append("- ")
            self.indent = "  " * min(6, max(0, len(self.lists) - 1))
        elif name in ("ul", "ol"):
            self.lists.append(0 if name == "ol" else -1)
        elif name == "tr":
            self.rows.append(_Row(len(self.lines)))
        elif name in ("td", "th") and self.rows:
            self.end()
            self.rows[-1].cells.append(len(self.lines))
        elif name == "a":
            target = dict(_ATTRIBUTE.findall(attrs)).get("href", "")
            self.links.append((target, len(self.line) if target.startswith("http") and len(target) < 400 else -1))

    def close(self, name: str) -> None:
        if name in _BLOCKS:
            self.end()
        if name in _SPECIAL:
            self.finished(name)
        meaning = self.stack.pop() if self.stack else ""
        if meaning:
            if meaning != "hidden":
                self.end()
            setattr(self, meaning, getattr(self, meaning) - 1)

    def finished(self, name: str) -> None:
        if name == "a" and self.links:
            self.link(*self.links.pop())
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif name == "tr" and self.rows:
            self.row(self.rows.pop())

    def link(self, target: str, at: int) -> None:
        """A link that does not show where it leads says so."""
        if at < 0 or self.hidden or at > len(self.line):
            return
        shown = "".join(self.line[at:]).strip()
        target = target.replace("&amp;", "&")
        if shown and target.rstrip("/").partition("://")[2] not in shown:
            self.line.append(f" ({target})")

    def row(self, row: _Row) -> None:
        """The cells of a row stand in one line if each of them is one line."""
        if len(row.cells) < 2 or len(self.lines) - row.start > 60:
            return
        cells = [
            [line for line in self.lines[start:stop] if line.text]
            for start, stop in zip(row.cells, [*row.cells[1:], len(self.lines)], strict=True)
        ]
        if len(cells) > 1 and all(len(cell) <= 1 for cell in cells):
            texts = [cell[0].text if cell else "" for cell in cells]
            if sum(map(len, texts)) <= 400 and any(texts):
                first = next(cell[0] for cell in cells if cell)
                self.lines[row.cells[0] :] = [Line("\t".join(texts).strip("\t"), first.kind, first.depth)]


def read(html: str) -> Page:
    """The lines and the showable HTML of a piece of foreign HTML."""
    safe, fault = harmless(html)
    reader = _Reader()
    first, *pieces = _TAG.split(safe)
    out = [first]
    reader.text(first)
    for closing, name, attrs, text in zip(pieces[::4], pieces[1::4], pieces[2::4], pieces[3::4], strict=True):
        if closing:
            reader.close(name)
        else:
            reader.open(name, attrs)
        if attrs or name in _RENAMED:
            out.append(shown_tag(closing, name, attrs) if len(attrs) < _KEPT else shown_tag.__wrapped__(closing, name, attrs))
        else:
            out.append(f"<{closing}{name}>")
        if text:
            reader.text(text)
            out.append(text)
    reader.end()
    return Page(reader.lines, "".join(out), reader.structured, fault)
