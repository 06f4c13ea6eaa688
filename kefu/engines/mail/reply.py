"""The new text of a mail: what its writer wrote, without quotes and signature; answers between quoted lines stay."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kefu.engines.mail.lines import QUOTE, SIGN, Line, joined
from kefu.engines.mail.quotes import head_at, is_quoted
from kefu.engines.mail.signatures import unsigned

MAX_LINES = 20_000
_ANSWER = re.compile(r"\s*(?:re|aw|antw|sv|回复|回覆|回復|答复|答覆|回信|返信)(?:\[\d{1,3}\])?\s?[:：]", re.IGNORECASE)
_FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|转发|轉寄|轉發|转寄|转)(?:\[\d{1,3}\])?\s?[:：]", re.IGNORECASE)
_WIDE = re.compile("[\u2e80-\uffef]")
_SENTENCE = re.compile(r"[。！？]|\b(?:\w{1,20}[ ,]{1,2}){4}\w{1,20}[.!?]")
WRAPPED_AT = 60


@dataclass(slots=True, frozen=True)
class Circumstances:
    """What the header says of a mail, as far as it helps to tell quotes from text."""

    subject: str = ""
    answers: bool = False
    sender: str = ""
    name: str = ""

    @property
    def forward(self) -> bool:
        """Whether the subject says that something is passed on."""
        return bool(_FORWARD.match(self.subject))

    @property
    def answer(self) -> bool:
        """Whether this answers or passes on another mail."""
        return self.answers or self.forward or bool(_ANSWER.match(self.subject))


def _width(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def _is_wrapped(lines: list[Line], at: int) -> bool:
    """A line without ``>`` between two with it, the first of them long: the end of a quoted line that a mailer broke."""
    if not 0 < at < len(lines) - 1 or not is_quoted(lines[at - 1]) or not is_quoted(lines[at + 1]):
        return False
    above, below = lines[at - 1].text.lstrip(), lines[at + 1].text.lstrip()
    return above.startswith(">") and below.startswith(">") and _width(above) >= WRAPPED_AT and _width(lines[at].text) < _width(above) // 2


def _passes_on(lines: list[Line], at: int) -> bool:
    """A line that the structure calls a quote says that all below is a mail passed on, though only the line itself is marked."""
    head = head_at(lines, at)
    if head is None or not head.forward:
        return False
    below = [line for line in lines[head.end : head.end + 10] if line.text]
    return bool(below) and not all(is_quoted(line) for line in below)


def _own(lines: list[Line], about: Circumstances) -> tuple[list[str], bool]:
    """The lines that are no quote, and whether any head of a quote was found."""
    own: list[str] = []
    headed, written, at = False, False, 0
    while at < len(lines):
        line = lines[at]
        if line.kind == SIGN or is_quoted(line) or _is_wrapped(lines, at):
            if own and own[-1] and line.kind != SIGN:
                own.append("")
            if line.kind == QUOTE and not line.depth and _passes_on(lines, at):
                return own, True
            at += 1
            continue
        head = head_at(lines, at) if line.text else None
        if head is None or not (written or head.before or head.forward or head.sure or about.answer):
            own.append(line.text)
            written = written or bool(line.text.strip())
            at += 1
            continue
        headed = True
        if head.before:
            own.append(head.before)
        following = head.end
        while following < len(lines) and not lines[following].text.strip():
            following += 1
        if following < len(lines) and not is_quoted(lines[following]):
            break
        at = head.end
    return own, headed


def _only_looks_quoted(lines: list[Line], own: list[str]) -> bool:
    quoted = sum(is_quoted(line) for line in lines)
    return quoted == 1 or bool(quoted and not any(line.strip() for line in own))


def reply_of(lines: list[Line], about: Circumstances) -> str:
    """The new text. Empty if there is none: a plain forward, an answer without a word."""
    lines = lines[:MAX_LINES]
    own, headed = _own(lines, about)
    if not (headed or about.answer) and _only_looks_quoted(lines, own):
        # Nothing says that this answers anything, so what looks like a quote was written.
        own = [line.text for line in lines if line.kind != SIGN]
    text = joined(unsigned(own, about.sender, about.name))
    if not text:
        # Telephones put what is typed at the wrong place into the box of the signature: sentences were written.
        boxed = joined(unsigned([line.text for line in lines if line.kind == SIGN], about.sender, about.name))
        return boxed if _SENTENCE.search(boxed) else ""
    return text


def plain_lines(text: str) -> list[Line]:
    """The lines of a plain text."""
    return [Line(one) for one in text.split("\n")]
