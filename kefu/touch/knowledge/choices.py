"""Domains, states and the one table of moves of an article."""

from __future__ import annotations

from enum import Enum, auto

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kit.moves import Move, move


class Domain(models.TextChoices):
    """What an article is about (R-03-2.2.1, R-03-2.2.2); explanation cards answer one reason of an invalid complaint (R-04-3.6.3d)."""

    PRODUCT = "product", pgettext_lazy("knowledge", "Product")
    PROCESS = "process", pgettext_lazy("knowledge", "Process")
    RULES = "rules", _("Rules and prices")
    EXPLANATION = "explanation", _("Explanation card")


class Reach(models.TextChoices):
    STAFF = "staff", _("Staff only")
    PUBLIC = "public", _("Public")
    POSTS = "posts", _("Certain posts only")


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


class Care(models.TextChoices):
    """What a writer looks for among the articles in force."""

    UNUSED = "unused", _("Never used in an answer")
    USELESS = "useless", _("Found of no help more often than helpful")
    OLD = "old", _("Not changed for a year")
    ENDING = "ending", _("Ends within 30 days")


class Place(models.TextChoices):
    """Where somebody looked for an answer and found none."""

    STAFF = "staff", _("Search of colleagues")
    PUBLIC = "public", _("Public help pages")


class Stand(models.TextChoices):
    """What became of questions that found no answer."""

    OPEN = "open", pgettext_lazy("question", "To decide")
    DRAFTED = "drafted", pgettext_lazy("question", "Being drafted")
    PUBLISHED = "published", pgettext_lazy("question", "Published")
    DISMISSED = "dismissed", _("Not needed")


class Sort(models.TextChoices):
    """By what articles are put in order; else the latest comes first."""

    USED = "used", _("Most cited first")
    USELESS = "useless", _("Least helpful first")


class Who(Enum):
    READER = auto()
    WRITER = auto()
    APPROVER = auto()  # A second person


MOVES: dict[str, Move[State, Who]] = {
    "attach": move({State.DRAFT}, Who.WRITER),
    "detach": move({State.DRAFT}, Who.WRITER),
    "edit": move({State.DRAFT, State.APPROVED, State.WITHDRAWN}, Who.WRITER, to=State.DRAFT),
    "submit": move({State.DRAFT}, Who.WRITER, to=State.SUBMITTED),
    "approve": move({State.SUBMITTED}, Who.APPROVER, to=State.APPROVED),
    "give_back": move({State.SUBMITTED}, Who.APPROVER, to=State.DRAFT),
    "withdraw": move({State.DRAFT, State.SUBMITTED, State.APPROVED}, Who.WRITER, to=State.WITHDRAWN),
    "report": move(State, Who.READER),
    "settle": move(State, Who.WRITER),
    "helped": move(State, Who.READER),
    "useless": move(State, Who.READER),
}
QUESTION_MOVES: dict[str, Move[Stand, Who]] = {
    "draft": move({Stand.OPEN, Stand.DISMISSED}, Who.WRITER, to=Stand.DRAFTED),
    "dismiss": move({Stand.OPEN}, Who.WRITER, to=Stand.DISMISSED),
}
# Only while a version is in force.
IN_FORCE = frozenset({"report", "helped", "useless"})
