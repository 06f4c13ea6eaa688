"""Kinds, states and the one table of moves of an announcement."""

from __future__ import annotations

from enum import Enum, auto

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kit.moves import Move, move


class Kind(models.TextChoices):
    NOTICE = "notice", pgettext_lazy("announcement", "Notice")
    JOURNAL = "journal", _("Internal journal")
    INFORMATION = "information", _("Business information")


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    HANDED_IN = "handed_in", _("Handed in")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Owed(models.TextChoices):
    """How information stands that a department must hand in."""

    OPEN = "open", _("Not handed in yet")
    OVER = "over", _("Overdue")
    LATE = "late", _("Handed in late")


class Who(Enum):
    OWNER = auto()
    PUBLISHER = auto()
    ADDRESSED = auto()  # Has not said yet that it was read


MOVES: dict[str, Move[State, Who]] = {
    "edit": move({State.DRAFT}, Who.OWNER, Who.PUBLISHER),
    "attach": move({State.DRAFT, State.HANDED_IN}, Who.OWNER, Who.PUBLISHER),
    "demand": move({State.DRAFT}, Who.PUBLISHER),
    "hand_in": move({State.DRAFT}, Who.OWNER, to=State.HANDED_IN),
    "publish": move({State.DRAFT, State.HANDED_IN}, Who.PUBLISHER, to=State.PUBLISHED),
    "give_back": move({State.HANDED_IN}, Who.PUBLISHER, to=State.DRAFT),
    "confirm": move({State.PUBLISHED}, Who.ADDRESSED),
    "remind": move({State.PUBLISHED}, Who.PUBLISHER),
    "withdraw": move({State.DRAFT, State.HANDED_IN, State.PUBLISHED}, Who.PUBLISHER, to=State.WITHDRAWN),
}
