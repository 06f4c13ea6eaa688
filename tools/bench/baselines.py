"""Plain BM25 over jieba's words and over two-character pieces: what the ranked search is compared with. k1 = 1.5, b = 0.75."""

from __future__ import annotations

import logging
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable

_K1, _B = 1.5, 0.75


def jieba_words(text: str) -> list[str]:
    import jieba  # type: ignore[import-untyped]

    jieba.setLogLevel(logging.WARNING)
    return [word for word in jieba.lcut(text.lower()) if re.search(r"\w", word)]


def two_signs(text: str) -> list[str]:
    return [run[at : at + 2] for run in re.findall(r"\w+", text.lower()) for at in range(max(len(run) - 1, 1))]


class Plain:
    def __init__(self, texts: list[str], cut: Callable[[str], list[str]]) -> None:
        self.cut, self.number = cut, len(texts)
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = []
        for place, text in enumerate(texts):
            counted = Counter(cut(text))
            lengths.append(sum(counted.values()))
            for word, times in counted.items():
                self.postings[word].append((place, times))
        mean = sum(lengths) / self.number
        self.norms = [_K1 * (1 - _B + _B * length / mean) for length in lengths]

    def best(self, question: str, limit: int = 10) -> list[int]:
        """The places of the best texts."""
        scores: dict[int, float] = defaultdict(float)
        for word, asked in Counter(self.cut(question)).items():
            found = self.postings.get(word, [])
            rarity = math.log(1 + (self.number - len(found) + 0.5) / (len(found) + 0.5)) * asked
            for place, times in found:
                scores[place] += rarity * times * (_K1 + 1) / (times + self.norms[place])
        return sorted(scores, key=lambda place: (-scores[place], place))[:limit]
