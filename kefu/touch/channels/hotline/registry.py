"""What an order of the hotline asks of the case that its contact led to; flows say how each kind of case does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kefu.kit.registry import Registry
from kefu.people.actor import Actor


@dataclass(frozen=True)
class Standing:
    """How a case stands: whether there is something to report, and what its people wrote."""

    done: bool
    result: str = ""
    unit: str = ""


@dataclass(frozen=True)
class CaseKind:
    """A kind of case. ``again``: the hotline sent the order of this contact back with these words; gives the case that goes on, a new one
    where the old one is sealed. ``limit``: its limit is this one now. ``drop``: it was returned to the hotline. The caller has judged and
    holds the order of the hotline."""

    kind: str
    standing: Callable[[int], Standing]
    again: Callable[[Actor, int, str, int], int]
    limit: Callable[[Actor, int, datetime, datetime], None]
    drop: Callable[[Actor, int, str], None]


hotline_cases: Registry[CaseKind] = Registry("kind of case of the city hotline", lambda one: one.kind)
