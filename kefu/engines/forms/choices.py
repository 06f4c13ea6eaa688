"""Kinds of field and the moments at which a form may be held back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FieldKind(models.TextChoices):
    """What a field holds. The stored value's JSON type stands in values.py."""

    TEXT = "text", _("Text")
    LONG_TEXT = "long_text", _("Long text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    DATE = "date", _("Date")
    DATETIME = "datetime", _("Date and time")
    CHOICE = "choice", _("One of a list")
    CHOICES = "choices", _("Several of a list")
    YES_NO = "yes_no", _("Yes or no")
    PHONE = "phone", _("Phone number")
    ID_NUMBER = "id_number", _("Identity number")
    ADDRESS = "address", _("Address")
    PERSON = "person", _("Staff member")
    UNIT = "unit", _("Unit")
    PHOTO = "photo", _("Photos")
    FILE = "file", _("Files")
    SIGNATURE = "signature", _("Signature")
    RATING = "rating", _("Stars")
    SCORE = "score", _("Points")
    TABLE = "table", _("Table")
    HEADING = "heading", _("Heading")
    COMPUTED = "computed", _("Computed")


class Blocks(models.TextChoices):
    """What an open gate holds back. A capability may name its own moments besides these."""

    SUBMIT = "submit", _("Submit")
    COMPLETE = "complete", _("Complete")
    CLOSE = "close", _("Close")


SILENT = frozenset({FieldKind.HEADING, FieldKind.COMPUTED})
WITH_CHOICES = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})
WITH_FILES = frozenset({FieldKind.PHOTO, FieldKind.FILE})
POINTING = WITH_FILES | {FieldKind.PERSON, FieldKind.UNIT}
NOT_APPLICABLE = "na"
MISSING_SUFFIX = "_missing"
