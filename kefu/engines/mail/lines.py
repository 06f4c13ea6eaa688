"""A line of a mail and whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

OWN, QUOTE, SIGN = "", "quote", "sign"
_MANY_BLANKS = re.compile(r"\n{3,}")


class Line(NamedTuple):
    """``kind`` is what the structure of the mail says (own text, quote, signature); ``depth`` counts quotes around it."""

    text: str
    kind: str = OWN
    depth: int = 0


def joined(lines: Iterable[str]) -> str:
    """Lines as one text: no blanks at the ends, never two empty lines together."""
    return _MANY_BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def quoted_text(lines: Iterable[Line]) -> str:
    """The text of lines, with ``>`` before what is quoted as a block."""
    return joined((f"{'>' * min(line.depth, 5)} {line.text}" if line.depth else line.text) for line in lines)
