"""What the commands on settings and lists ask."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.engines.rulebook.choices import Moment
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


class ScriptText(Schema):
    """The words of a script text."""

    name: str = asked(_("Name"), max_length=80, min_length=1)
    name_en: str = asked(_("English name"), "", max_length=80)
    moment: Moment = asked(_("Moment of the talk"))
    channel: str = asked(_("Channel"), "", max_length=20, choices="channels", help=_("Empty: on every channel"))
    text: str = asked(
        _("Text"), max_length=4000, min_length=1, widget="textarea", rows=5,
        help=_("In double braces, customer_name, agent_number, centre and order_number are filled in; a Chinese word is a gap to fill."),
    )  # fmt: skip
    text_en: str = asked(_("English text"), "", max_length=4000, widget="textarea", rows=3)


class TextCardRead(Schema):
    id: int
    code: str
    moment: str
    channel: str
    name: str
    name_en: str
    text: str
    text_en: str
    clauses: list[str]
    valid: bool
    pack: str
    allowed: list[str] | None = None


class TextCards(Schema):
    rows: list[TextCardRead]
