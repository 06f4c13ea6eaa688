"""What customers ask of the capabilities above them: what each has to tell of a customer, and whose name it keeps back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from kefu.kit.errors import Text
from kefu.kit.registry import Registry
from kefu.people.actor import Actor

Row = dict[str, Any]


@dataclass(frozen=True)
class Chapter:
    """One kind of entry on the line of a customer.

    ``rows`` gives what a person may see of a customer over all channels or over one; ``at`` and ``key`` name the instant and the primary
    key of its rows (an index begins with the customer and goes on with ``at``), ``values`` what ``told`` needs to make an entry of a
    row: number, title, url, state, channel, note, by.
    """

    code: str
    name: Text
    icon: str
    at: str
    key: str
    rows: Callable[[Actor, int, str], QuerySet[Any]]
    values: tuple[str, ...]
    told: Callable[[Actor, Row], Row]


@dataclass(frozen=True)
class Kept:
    """Subjects of which a person does not learn to whom they belong, wherever they are led to; None: this person learns it of all."""

    code: str
    rows: Callable[[Actor], QuerySet[Any] | None]


@dataclass(frozen=True)
class FoundBy:
    """What a file is found by that others keep: the numbers of its contracts."""

    code: str
    words: Callable[[int], Iterable[str]]


@dataclass(frozen=True)
class Stays:
    """Rows that name a file in one column ("profiles.link.whole") and stay with it when it becomes a part of the file ``kept``, since that
    one has the same already: ``rows(all of the file's rows, kept)``."""

    code: str
    rows: Callable[[QuerySet[Any], int], QuerySet[Any]]


found_by: Registry[FoundBy] = Registry("words of a file", lambda one: one.code)
stays: Registry[Stays] = Registry("rows that stay", lambda one: one.code)
chapters: Registry[Chapter] = Registry("chapter", lambda one: one.code)
kept: Registry[Kept] = Registry("kept name", lambda one: one.code)


def untold(actor: Actor, column: str) -> Q:
    """The rows whose subject in ``column`` keeps its customer's name from a person."""
    found = Q(pk__in=[])
    for one in kept:
        rows = one.rows(actor)
        if rows is not None:
            found |= Q(Exists(rows.filter(pk=OuterRef(column))))
    return found
