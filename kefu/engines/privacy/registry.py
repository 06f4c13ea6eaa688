"""What capabilities declare about the personal data they keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kefu.kit.errors import Text
from kefu.kit.registry import Registry
from kefu.people.actor import Actor


@dataclass(frozen=True)
class PersonalSource:
    """Where the personal values of a kind of subject are read when somebody reveals one.

    ``read(subject_id, field)`` gives the class and the value, or None for a field that is not there (``sources.columns`` makes one for a
    plain model). ``visible(actor, subject_id)`` judges who may see the subject at all; None takes the data scope of the timeline.
    """

    kind: str
    read: Callable[[int, str], tuple[str, str] | None]
    visible: Callable[[Actor, int], bool] | None = None


@dataclass(frozen=True)
class Veil:
    """A further condition that another capability puts on revealing values of a kind: ``lifted(actor, subject_id)`` must hold, too."""

    code: str
    kind: str
    lifted: Callable[[Actor, int], bool]


@dataclass(frozen=True)
class Erasure:
    """A kind of data with an end. ``due(before, limit)`` gives ids of what ended before that moment and is still there;
    ``erase(ids)`` blanks or deletes it and gives the number of rows touched."""

    code: str
    name: Text
    due: Callable[[datetime, int], list[int]]
    erase: Callable[[Sequence[int]], int]


personal_sources: Registry[PersonalSource] = Registry("personal source", lambda source: source.kind)
veils: Registry[Veil] = Registry("veil", lambda veil: veil.code)
erasures: Registry[Erasure] = Registry("erasure", lambda erasure: erasure.code)
