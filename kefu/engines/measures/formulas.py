"""The formulas of the trade, pure, each with its variant code: numerator and denominator, so that days add up to months.

The sources of the variants and of the worked examples stand in the domain notes (measures); a figure on a report names its variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Ratio(NamedTuple):
    """A figure as two sums. ``value`` is None where nothing was counted."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Calls:
    """Counts of one queue and interval. ``in_time``: answered within the threshold T; waiting starts at the entry to the queue."""

    answered: int
    in_time: int
    abandoned_in_time: int = 0
    abandoned_late: int = 0
    short: int = 0

    @property
    def abandoned(self) -> int:
        return self.abandoned_in_time + self.abandoned_late


SERVICE_LEVELS = ("SL-1", "SL-2", "SL-3", "SL-4", "SL-5")


def service_level(variant: str, calls: Calls) -> Ratio:
    """Service level (服务水平). SL-4 is the default: abandons within T are left out. Raises ``KeyError`` for an unknown variant."""
    every = calls.answered + calls.abandoned
    return {
        "SL-1": Ratio(calls.in_time + calls.abandoned_in_time, every),
        "SL-2": Ratio(calls.in_time, calls.answered),
        "SL-3": Ratio(calls.in_time, every),
        "SL-4": Ratio(calls.in_time, calls.answered + calls.abandoned_late),
        "SL-5": Ratio(calls.in_time + calls.short, every),
    }[variant]


def connection_rate(answered: int, offered: int) -> Ratio:
    """Connection rate (接通率): answered by a person / offered to the queue."""
    return Ratio(answered, offered)


def abandonment_rate(abandoned: int, offered: int, *, short: int = 0) -> Ratio:
    """Abandonment rate (放弃率); with ``short`` the short abandons are left out of both. Callbacks taken are not abandoned."""
    return Ratio(abandoned - short, offered - short)


def average_speed_of_answer(waited_seconds: float, answered: int) -> Ratio:
    """ASA (平均应答速度), seconds; answered calls only."""
    return Ratio(waited_seconds, answered)


def average_handle_time(talk: float, hold: float, after_call: float, handled: int) -> Ratio:
    """AHT (平均处理时长), seconds: (talk + hold + after-call work) / handled."""
    return Ratio(talk + hold + after_call, handled)


def occupancy(talk: float, hold: float, after_call: float, waiting: float) -> Ratio:
    """Occupancy (占用率): working / (working + waiting while ready)."""
    working = talk + hold + after_call
    return Ratio(working, working + waiting)


def utilisation(productive: float, base: float) -> Ratio:
    """Utilisation (工时利用率); ``base`` is paid, scheduled or present time, and the report says which."""
    return Ratio(productive, base)


def shrinkage(available: float, base: float) -> Ratio:
    """Shrinkage (损耗率): 1 - available / paid (or scheduled) time."""
    return Ratio(base - available, base)


def adherence(adherent: float, scheduled: float) -> Ratio:
    """Adherence (遵时率): time in the planned state / scheduled time."""
    return Ratio(adherent, scheduled)


def staff_to_schedule(needed: float, shrunk: float) -> float:
    """People to put on the plan: needed / (1 - shrinkage). Raises ``ValueError`` from a shrinkage of 1 on."""
    if not 0 <= shrunk < 1:
        raise ValueError("shrinkage lies in [0, 1)")
    return needed / (1 - shrunk)


def first_contact_resolution(solved: int, asked: int) -> Ratio:
    """FCR (首次解决率): solved at the first contact / all."""
    return Ratio(solved, asked)


def satisfaction(answers: Iterable[int], *, variant: str = "CSAT-2") -> Ratio:
    """CSAT on 1-5. ``CSAT-2``: share of 4 and 5 (top two boxes); ``CSAT-M``: mean. Answers outside 1-5 are not valid."""
    valid = [answer for answer in answers if 1 <= answer <= 5]
    if variant == "CSAT-M":
        return Ratio(sum(valid), len(valid))
    return Ratio(sum(answer >= 4 for answer in valid), len(valid))


def net_promoter(answers: Iterable[int]) -> Ratio:
    """NPS as a share in [-1, 1]: (9-10) - (0-6) on the scale 0-10. Answers outside are not valid."""
    valid = [answer for answer in answers if 0 <= answer <= 10]
    return Ratio(sum(answer >= 9 for answer in valid) - sum(answer <= 6 for answer in valid), len(valid))


def effort(answers: Iterable[int], *, variant: str = "CES-7") -> Ratio:
    """CES. ``CES-7``: mean of 1-7, high is easy; ``CES-N``: share of 6-7 less share of 1-3."""
    valid = [answer for answer in answers if 1 <= answer <= 7]
    if variant == "CES-N":
        return Ratio(sum(answer >= 6 for answer in valid) - sum(answer <= 3 for answer in valid), len(valid))
    return Ratio(sum(valid), len(valid))


def on_time(steps: Iterable[tuple[datetime, datetime | None]], *, at: datetime) -> Ratio:
    """On-time rate (及时率) of steps (due, met or None): met in limit / due. Open and overdue at ``at`` counts as missed; open and not yet
    due does not count."""
    good = counted = 0
    for due, met in steps:
        if met is not None and met <= due:
            good, counted = good + 1, counted + 1
        elif due <= at:
            counted += 1
    return Ratio(good, counted)


def three_rates(*, called: int, reached: int, contacted: int, solved: int, satisfied: int, over: str = "reached") -> Mapping[str, Ratio]:
    """Response, solution and satisfaction rate (三率) by the caller's word; ``over`` names the denominator, which differs by city."""
    base = {"called": called, "reached": reached}[over]
    return {"response": Ratio(contacted, base), "solution": Ratio(solved, base), "satisfaction": Ratio(satisfied, base)}


def ring_compliance(rings: Iterable[int], target: int) -> Ratio:
    """Calls answered with at most ``target`` rings / calls answered at the seat."""
    counted = list(rings)
    return Ratio(sum(ring <= target for ring in counted), len(counted))
