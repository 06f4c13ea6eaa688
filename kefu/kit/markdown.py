"""Markdown that people write, as harmless HTML."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"^#{1,6} +|\*\*|__|`", re.MULTILINE)
_READER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@lru_cache(maxsize=256)
def drawn(body: str) -> Markup:
    """Markdown drawn; pictures and HTML inside are shown as text, headings stand below the title of the page."""
    return Markup(nh3.clean(_READER.render(body), link_rel="noopener noreferrer"))  # noqa: S704 - cleaned by nh3


def plain(body: str) -> str:
    """What is read where nothing is drawn: lists stay as they were typed, other marks go, a link is its words."""
    return _MARKS.sub("", _LINK.sub(r"\1", body)).strip()
