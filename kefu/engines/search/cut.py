"""How text is cut into pieces that an index can hold. A piece only proposes a document; the text itself decides (``holds``).

Chinese, Japanese and Korean runs give overlapping pairs (停水通知: 停水 水通 通知), Latin words and numbers overlapping triples (5678:
567 678), and where the two meet a pair (3栋). So any two Chinese characters and any three digits in a row are found without a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from operator import add
from typing import NamedTuple

MAX_CHARACTERS = 20_000
MAX_TERMS = 12
_WIDE = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_WIDE}]+|[^\W_{_WIDE}]+")
_GROUPED_NUMBER = re.compile(r"\d+(?:[ -]\d+)+")
_NOT_WORDS = re.compile(r"[\W_]+")
_TRIPLE, _TAIL = 3, 3


def normal(text: str) -> str:
    """One form for all writing: compatibility forms unified, small letters, everything but letters and digits a blank."""
    if not text:
        return ""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS].replace("\x00", " ")).casefold()
    joined = [found for found in (re.sub(r"[ -]", "", one) for one in _GROUPED_NUMBER.findall(text)) if 7 <= len(found) <= 15]
    plain = _NOT_WORDS.sub(" ", text).strip()
    return " ".join([plain, *joined]) if joined else plain


def _wide(sign: str) -> bool:
    return (
        "\u2e80" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" or "\uf900" <= sign <= "\ufaff" or "\U00020000" <= sign <= "\U0003ffff"
    )


def runs(text: str) -> list[str]:
    """Runs of Chinese, Japanese or Korean signs, and runs of other letters and digits, of a text in ``normal`` form."""
    return _RUNS.findall(text)


def run_of_wide(run: str) -> bool:
    """Whether one of ``runs`` is Chinese, Japanese or Korean."""
    return _wide(run[0])


def _pieces(word: str) -> list[str]:
    found: list[str] = []
    last = ""
    for run in _RUNS.findall(word):
        if last:
            found.append(last + run[0])
        if _wide(run[0]):
            found += map(add, run, run[1:])
        else:
            found += [run[start : start + _TRIPLE] for start in range(len(run) - _TRIPLE + 1)]
        last = run[-1]
    return found


def pieces(text: str) -> list[str]:
    """The pieces of a text in ``normal`` form, each once, in order of appearance."""
    return list(dict.fromkeys(chain.from_iterable(map(_pieces, text.split()))))


class Cut(NamedTuple):
    """A text that was cut beforehand, elsewhere: itself, its ``normal`` form, and its pieces with blanks between."""

    source: str
    text: str
    pieces: str


def of_message(title: str, words: str) -> str:
    """What is searched of a message: its title, and the first of its words."""
    line = title.replace("\x00", "")[:200].replace("\n", " ").strip()
    return f"{line} {words[:5000]}"


def beforehand(source: str) -> Cut:
    text = normal(source)
    return Cut(source, text, " ".join(pieces(text)))


def asking(term: str) -> list[str]:
    """The pieces that stand for a term of a query: all pairs, but of a long number or Latin word only its last triples.

    Order numbers begin alike and lists of common pieces are long; their ends tell them apart and ``holds`` does the rest.
    """
    wanted: list[str] = []
    tail: list[str] = []
    for piece in _pieces(term):
        if len(piece) == _TRIPLE:
            tail.append(piece)
        else:
            wanted += [*tail[-_TAIL:], piece]
            tail = []
    return list(dict.fromkeys(wanted + tail[-_TAIL:]))


def terms(query: str) -> list[str]:
    """What a person asks for, as words that must all occur; at most ``MAX_TERMS``."""
    return list(dict.fromkeys(_NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", query[:200].replace("\x00", " ")).casefold()).split()))[
        :MAX_TERMS
    ]


def holds(text: str, wanted: list[str]) -> bool:
    """Whether a text in ``normal`` form holds every term."""
    return all(term in text for term in wanted)
