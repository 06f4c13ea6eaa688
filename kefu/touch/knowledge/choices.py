"""Domains, states and the one table of moves of an article."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Domain(models.TextChoices):
    """What an article is about (R-03-2.2.1, R-03-2.2.2); explanation cards answer one reason of an invalid complaint (R-04-3.6.3d)."""

    PRODUCT = "product", pgettext_lazy("knowledge", "Product")
    PROCESS = "process", pgettext_lazy("knowledge", "Process")
    RULES = "rules", _("Rules and prices")
    EXPLANATION = "explanation", _("Explanation card")


class Reach(models.TextChoices):
    STAFF = "staff", _("Staff only")
    PUBLIC = "public", _("Public")


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("To be approved")
    APPROVED = "approved", _("Approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Verdict(models.TextChoices):
    """What a reader or an answer made of an article."""

    CITED = "cited", _("Cited in an answer")
    HELPED = "helped", _("Helped")
    USELESS = "useless", _("Did not help")


class Who(models.TextChoices):
    READER = "reader", _("Reader")
    WRITER = "writer", _("Writer")
    APPROVER = "approver", _("Who approves")


@dataclass(frozen=True)
class Move:
    """A command: from which states, by whom, into which state (None: it stays). ``in_force``: only while a version is in force."""

    states: frozenset[State]
    who: Who
    to: State | None = None
    in_force: bool = False


_ANY = frozenset(State)
MOVES: dict[str, Move] = {
    "edit": Move(frozenset({State.DRAFT, State.APPROVED, State.WITHDRAWN}), Who.WRITER, State.DRAFT),
    "submit": Move(frozenset({State.DRAFT}), Who.WRITER, State.SUBMITTED),
    "approve": Move(frozenset({State.SUBMITTED}), Who.APPROVER, State.APPROVED),
    "give_back": Move(frozenset({State.SUBMITTED}), Who.APPROVER, State.DRAFT),
    "withdraw": Move(frozenset({State.DRAFT, State.SUBMITTED, State.APPROVED}), Who.WRITER, State.WITHDRAWN),
    "report": Move(_ANY, Who.READER, in_force=True),
    "settle": Move(_ANY, Who.WRITER),
    "helped": Move(_ANY, Who.READER, in_force=True),
    "useless": Move(_ANY, Who.READER, in_force=True),
}
