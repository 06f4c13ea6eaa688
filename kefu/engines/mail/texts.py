"""The letter of a mail in the forms that are asked of it. HTML is read only if somebody wants it or if it can tell more than the text."""

from __future__ import annotations

import html as entities
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kefu.engines.mail import page
from kefu.engines.mail.bodies import Block
from kefu.engines.mail.lines import Line, quoted_text
from kefu.engines.mail.reply import plain_lines


@dataclass(slots=True)
class Told:
    """What was asked of ``Texts``, made."""

    html: str
    faults: list[str]


class Texts:
    """Plain lines, lines with the structure of the HTML, and the HTML to show; each made once, when needed."""

    def __init__(self, blocks: Sequence[Block] = ()) -> None:
        self._blocks = blocks

    @cached_property
    def _pages(self) -> list[page.Page | None]:
        return [page.read(block.html) if block.html else None for block in self._blocks]

    @cached_property
    def plain(self) -> list[Line]:
        """The lines of the text, of the HTML where there is no text."""
        lines: list[Line] = []
        for at, block in enumerate(self._blocks):
            made = None if block.text else self._pages[at]
            lines += plain_lines(block.text) if block.text else made.lines if made else []
        return lines

    @property
    def text(self) -> str:
        """The letter as text: as it came, or made from HTML."""
        out = [
            block.text.strip("\n").rstrip() if block.text else quoted_text(made.lines) if (made := self._pages[at]) else ""
            for at, block in enumerate(self._blocks)
        ]
        return "\n".join(out)

    @property
    def telling(self) -> list[Line]:
        """The lines that tell most of quotes and signatures: those of HTML if it names them, else the plain ones."""
        if not any(block.html and page.tells(block.html) for block in self._blocks) or not any(
            one and one.structured for one in self._pages
        ):
            return self.plain
        lines: list[Line] = []
        for block, made in zip(self._blocks, self._pages, strict=True):
            lines += made.lines if made else plain_lines(block.text or "")
        return lines

    @cached_property
    def html(self) -> str:
        """The harmless HTML; plain parts of a mail with HTML stand in it where they stood."""
        if not any(block.html for block in self._blocks):
            return ""
        return "".join(
            made.html if made else f'<div style="white-space:pre-wrap">{entities.escape(block.text or "")}</div>'
            for block, made in zip(self._blocks, self._pages, strict=True)
        )

    @property
    def faults(self) -> list[str]:
        """What was out of bounds in the HTML."""
        return sorted({made.fault for made in self._pages if made and made.fault})
