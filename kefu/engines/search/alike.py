"""Which questions ask the same: those that have at least half of their words in common, words that only ask left out.

Words are those of the ranking (``words``: jieba's dictionary by the likeliest path, long ones with the words inside them), so everybody
can see why two questions stand together. Nothing is learned and nothing is kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from kefu.engines.search import ranking

LEAST = 0.5
_PLAIN = frozenset("a an and are can do does for how i in is it my of on or the to we what when where which who why you your".split())  # noqa: SIM905


def words(text: str) -> frozenset[str]:
    """What a question is about; empty for one that only asks or greets."""
    counted = ranking.words_of(text[:500])
    return frozenset(word for word in counted if not ranking.only_asks(word) and word not in _PLAIN)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Common words over all words, 0 to 1 (Dice)."""
    whole = len(one) + len(other)
    return 2 * len(one & other) / whole if whole else 0.0


class Heaps:
    """Questions by what they ask. The first question of a heap speaks for it, so a heap never drifts away from what it is called."""

    def __init__(self) -> None:
        self.leaders: list[frozenset[str]] = []
        self._by_word: dict[str, list[int]] = defaultdict(list)

    def place(self, asked: frozenset[str]) -> int | None:
        """The number of the heap that asks the same, the most alike one; None for a new question."""
        near = Counter(number for word in asked for number in self._by_word.get(word, ()))
        found = max(((likeness(asked, self.leaders[number]), -number) for number in near), default=(0.0, 0))
        return -found[1] if found[0] >= LEAST else None

    def begin(self, asked: frozenset[str]) -> int:
        """A new heap with this question before it; gives its number."""
        number = len(self.leaders)
        self.leaders.append(asked)
        for word in asked:
            self._by_word[word].append(number)
        return number
