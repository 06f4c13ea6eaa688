"""Chinese text into words: the likeliest path through the dictionary of jieba, held in 4 MB instead of the 60 MB that jieba itself takes.

The dictionary is read when the first ranked text is cut. Unknown words fall apart into single characters; the two-character pieces that are
ranked beside the words (``ranking``) find those all the same.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from kefu.engines.search.cut import run_of_wide

LONGEST = 5
_UNKNOWN_FREQUENCY = 1.0


class Words:
    """Words of one length lie one after another in one sorted text; a word is found by halving."""

    def __init__(self, lines: list[str]) -> None:
        found: dict[str, float] = {}
        for line in lines:
            word, frequency, *_rest = line.split(" ")
            if len(word) <= LONGEST and word[0] >= "\u2e80" and frequency != "0":
                found[word] = float(frequency)
        self.total = math.log(sum(found.values()))
        self.texts: list[str] = [""]
        self.weights: list[array[float]] = [array("f")]
        for length in range(1, LONGEST + 1):
            held = sorted(word for word in found if len(word) == length)
            self.texts.append("".join(held))
            self.weights.append(array("f", [math.log(found[word]) - self.total for word in held]))

    def weight(self, word: str) -> float | None:
        """The logarithm of a word's share of all writing; None for what is no word."""
        length = len(word)
        text = self.texts[length]
        place = bisect_left(range(len(text) // length), word, key=lambda at: text[at * length : (at + 1) * length])
        if place * length < len(text) and text[place * length : (place + 1) * length] == word:
            return self.weights[length][place]
        return None

    def cut(self, run: str) -> list[str]:
        """The likeliest words of a run of Chinese signs (the sum of the logarithms is highest)."""
        size = len(run)
        best = [0.0] * (size + 1)
        ends = [0] * (size + 1)
        unknown = math.log(_UNKNOWN_FREQUENCY) - self.total
        for start in range(size - 1, -1, -1):
            best[start], ends[start] = (self.weight(run[start]) or unknown) + best[start + 1], start + 1
            for end in range(start + 2, min(start + LONGEST, size) + 1):
                weight = self.weight(run[start:end])
                if weight is not None and weight + best[end] > best[start]:
                    best[start], ends[start] = weight + best[end], end
        found, start = [], 0
        while start < size:
            found.append(run[start : ends[start]])
            start = ends[start]
        return found


@lru_cache(maxsize=1)
def held() -> Words:
    """The dictionary that lies in the package jieba; the package itself is never imported."""
    place = find_spec("jieba")
    if place is None or place.origin is None:  # pragma: no cover - it is a dependency
        raise RuntimeError("The package jieba is not installed.")
    with (Path(place.origin).parent / "dict.txt").open(encoding="utf-8") as file:
        return Words(file.read().splitlines())


@lru_cache(maxsize=4096)
def cut(run: str) -> tuple[str, ...]:
    """The words of one run without blanks; what is not Chinese stays whole."""
    return tuple(held().cut(run)) if run_of_wide(run) else (run,)
