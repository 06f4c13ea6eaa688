"""What a question and an answer have in common: the pieces that are ranked, and the score of BM25 over them.

Three spaces are ranked side by side, each with its own lengths: words (``words``; long ones with the words inside them), overlapping
two-character pieces, and single signs of Chinese (triples of Latin letters and digits). Words know what belongs together, pieces find what
the dictionary does not know, signs find slips and other words for the same thing. BM25: Robertson and Zaragoza, "The Probabilistic
Relevance Framework" (2009), with the logarithm that is never negative. Weights: docs/decisions/0018-ranked-search.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b

from kefu.engines.search import cut, words

WEIGHTS = (0.5, 1.0, 0.35)
SPACES = len(WEIGHTS)
K1, B = 1.5, 0.75
POLITE = 0.15
_INNER = (2, 3)
_TRIPLE = 3
# Words and pairs of signs that only ask, in the order of their kinds.
_QUESTIONS = frozenset(
    """
    怎么 如何 请问 什么 可以 能不能 不能 能不 为什么 为什 哪里 哪些 多少 怎样 怎么办 么办 问一 一下 下你 你好 谢谢 麻烦 我们 你们 应该
    是什 么样 怎么样 问下 想问 我想 想咨 需要 可不 不可 以吗 了吗 的吗 了怎
    吗 呢 的 了 我 你 们 是 怎 么 请 问 吧 啊 哪 如 何 有 在 和 就 都
    """.split()  # noqa: SIM905 - read as a list of words
)


def _words(run: str) -> Iterator[str]:
    for word in words.cut(run):
        yield word
        if len(word) > _INNER[0] and cut.run_of_wide(run):
            for size in _INNER:
                for start in range(len(word) - size + 1 if len(word) > size else 0):
                    inner = word[start : start + size]
                    if words.held().weight(inner) is not None:
                        yield inner


def _pairs(text: str) -> Iterator[str]:
    for one in text.split():
        yield from (one[at : at + 2] for at in range(len(one) - 1)) if len(one) > 1 else (one,)


def _signs(run: str) -> Iterator[str]:
    if cut.run_of_wide(run):
        yield from run
    else:
        yield from (run[at : at + _TRIPLE] for at in range(len(run) - _TRIPLE + 1))


def pieces(text: str) -> tuple[Counter[str], ...]:
    """How often each piece of a text in ``normal`` form occurs, one count a space."""
    runs = cut.runs(text)
    return (
        Counter(word for run in runs for word in _words(run)),
        Counter(_pairs(text)),
        Counter(sign for run in runs for sign in _signs(run)),
    )


def words_of(text: str) -> set[str]:
    """The words of a text, long ones with the words inside them; single signs and what the dictionary does not know as they stand."""
    return {word for run in cut.runs(cut.normal(text)) for word in _words(run)}


def only_asks(word: str) -> bool:
    """Whether a word says nothing of what is asked (怎么, 请问)."""
    return word in _QUESTIONS


def key(space: int, piece: str) -> int:
    """The number under which a piece of a space is stored: 64 bits, so that two pieces never meet by chance."""
    return int.from_bytes(blake2b(f"{space}{piece}".encode(), digest_size=8).digest(), "big", signed=True)


def asked(question: str) -> dict[int, tuple[int, float]]:
    """The pieces of a question: key -> space and weight. Words that only ask (怎么, 请问) weigh little."""
    found: dict[int, tuple[int, float]] = {}
    for space, counted in enumerate(pieces(cut.normal(question))):
        for piece, times in counted.items():
            found[key(space, piece)] = (space, WEIGHTS[space] * times * (POLITE if piece in _QUESTIONS else 1.0))
    return found


def share(question: str, text: str) -> float:
    """How much of a question stands in a text, 0 to 1: the weights of its pieces that occur there over the weights of all."""
    wanted = asked(question)
    held = {key(space, piece) for space, counted in enumerate(pieces(cut.normal(text))) for piece in counted}
    whole = sum(weight for _space, weight in wanted.values())
    return sum(weight for one, (_space, weight) in wanted.items() if one in held) / whole if whole else 0.0
