"""Chinese text into words: the likeliest path through the dictionary of jieba, held in 4 MB instead of the 60 MB that jieba itself takes.

The dictionary is read when the first ranked text is cut: a second or two of a processor, once. What was made of it lies in the state
folder, where the next process has it in a hundredth of that. Unknown words fall apart into single characters; the two-character pieces that
are ranked beside the words (``ranking``) find those all the same.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from itertools import accumulate, pairwise
from pathlib import Path

import orjson

from kefu.engines.search.cut import run_of_wide
from kefu.kit import aside

LONGEST = 5
_UNKNOWN_FREQUENCY = 1.0


class Words:
    """Words of one length lie one after another in one sorted text; a word is found by halving. ``weights`` beside are logarithms of shares
    of all writing, ``total`` is that of all of it."""

    def __init__(self, total: float, texts: list[str], weights: list[array[float]]) -> None:
        self.total, self.texts, self.weights = total, texts, weights

    @classmethod
    def of(cls, lines: list[str]) -> Words:
        """Those of a dictionary: word, frequency and more on each line."""
        found: dict[str, float] = {}
        for line in lines:
            word, frequency, *_rest = line.split(" ")
            if len(word) <= LONGEST and word[0] >= "\u2e80" and frequency != "0":
                found[word] = float(frequency)
        total = math.log(sum(found.values()))
        texts, weights = [""], [array("f")]
        for length in range(1, LONGEST + 1):
            held = sorted(word for word in found if len(word) == length)
            texts.append("".join(held))
            weights.append(array("f", [math.log(found[word]) - total for word in held]))
        return cls(total, texts, weights)

    def packed(self) -> bytes:
        """For ``unpacked`` on the same machine: a line that tells the sizes, then texts and weights in turns."""
        parts = [part for text, weight in zip(self.texts, self.weights, strict=True) for part in (text.encode(), weight.tobytes())]
        return orjson.dumps({"total": self.total, "sizes": [len(part) for part in parts]}) + b"\n" + b"".join(parts)

    @classmethod
    def unpacked(cls, data: bytes) -> Words:
        """Raises ``ValueError`` for what is not whole."""
        head, _line, rest = data.partition(b"\n")
        told = orjson.loads(head)
        if sum(told["sizes"]) != len(rest):
            raise ValueError("The dictionary that was kept is not whole.")
        ends = list(accumulate(told["sizes"], initial=0))
        parts = [rest[start:end] for start, end in pairwise(ends)]
        return cls(told["total"], [part.decode() for part in parts[::2]], [array("f", part) for part in parts[1::2]])

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
    source = Path(place.origin).parent / "dict.txt"
    about = source.stat()
    kept = aside.folder() / f"words-{LONGEST}-{about.st_size}-{about.st_mtime_ns}"
    with suppress(OSError, ValueError):
        return Words.unpacked(kept.read_bytes())
    made = Words.of(source.read_text(encoding="utf-8").splitlines())
    aside.keep(kept, made.packed())
    return made


@lru_cache(maxsize=4096)
def cut(run: str) -> tuple[str, ...]:
    """The words of one run without blanks; what is not Chinese stays whole."""
    return tuple(held().cut(run)) if run_of_wide(run) else (run,)
