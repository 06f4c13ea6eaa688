"""What the commands on settings and lists ask."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.kit.asking import asked


class SetValue(Schema):
    """A new version of a value. Text that is valid JSON is stored as such (numbers, true, lists), all else as text."""

    value: str = asked(_("Value"), max_length=4000, widget="textarea", help=_("A number, true or false, text, or a list like [1, 2]"))
    valid_from: datetime | None = asked(_("Valid from"), None, help=_("Empty: from now on. Running cases keep the old value."))


class NewItem(Schema):
    """A choice of the centre's own."""

    code: str = asked(_("Code"), max_length=60, pattern=r"^[a-z0-9_.\-]+$", help=_("Small letters, digits, _ . -"))
    name: str = asked(_("Name"), max_length=120, min_length=1)
    name_en: str = asked(_("English name"), "", max_length=160)
    help: str = asked(_("Explanation"), "", max_length=1000, widget="textarea")


class ItemText(Schema):
    """The words of a choice."""

    name: str = asked(_("Name"), max_length=120, min_length=1)
    name_en: str = asked(_("English name"), "", max_length=160)
    help: str = asked(_("Explanation"), "", max_length=1000, widget="textarea")
