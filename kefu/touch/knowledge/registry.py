"""Where questions without an answer come from: capabilities declare it, knowledge puts them together each night."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class Asked:
    """One question. ``subject_id`` is the talk it was asked in; ``private`` are names and addresses that must not be read in it.

    ``sure`` says that no answer was found. Otherwise nobody said what the answer rested on: it is left out if knowledge answers it.
    """

    text: str
    at: datetime
    subject_id: int | None = None
    times: int = 1
    sure: bool = True
    private: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionSource:
    """``read(begin, end)`` gives what found no answer in that span."""

    code: str
    name: Text
    read: Callable[[datetime, datetime], Iterable[Asked]]


question_sources: Registry[QuestionSource] = Registry("source of questions", lambda source: source.code)
