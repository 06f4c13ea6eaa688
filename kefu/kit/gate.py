"""How often somebody may come, counted in the memory of one process: for doors that are knocked at too often to write each knock down."""

from __future__ import annotations

import math
import time

MOST_KEPT = 50_000


class Gate:
    """``most`` at once; what was used up comes back evenly in ``within`` seconds. Several web processes count each for itself."""

    def __init__(self, *, most: int, within: float) -> None:
        self.most, self.within = most, within
        self.held: dict[str, tuple[float, float]] = {}

    def passes(self, who: str) -> bool:
        """Count one try of ``who``; whether it may pass."""
        return not self.wait(who)

    def wait(self, who: str) -> int:
        """Count one try of ``who``; 0 if it may pass, else the whole seconds after which the next one may."""
        at = time.monotonic()
        left, since = self.held.get(who, (float(self.most), at))
        left = min(float(self.most), left + (at - since) * self.most / self.within)
        if len(self.held) > MOST_KEPT:
            # Whoever has not come for a whole span has all of it again.
            self.held = {one: told for one, told in self.held.items() if at - told[1] < self.within}
        self.held[who] = (left - 1 if left >= 1 else left, at)
        return 0 if left >= 1 else math.ceil((1 - left) * self.within / self.most)
