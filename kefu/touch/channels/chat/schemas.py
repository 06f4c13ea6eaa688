"""The form of a widget."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.kit.commands import asked
from kefu.touch.channels.chat.choices import WORDS
from kefu.touch.conversations.queries import units


class WidgetIn(Schema):
    name: str = asked(_("Name"), min_length=1, max_length=80)
    unit_id: int = asked(_("Unit"), choices=units)
    sites: str = asked(_("Web sites it stands on, one a line"), "", widget="textarea", max_length=2000)
    portal: bool = asked(_("On the centre's own public pages too"), False)
    greeting: str = asked(_("Greeting"), "", max_length=300)
    consent: str = asked(_("Privacy notice that the visitor agrees to"), "", widget="textarea", max_length=500)
    robot: bool = asked(_("The robot answers first, from public articles only"), False)
    robot_share: int = asked(_("The robot answers if this share of the question stands in the article (percent)"), 25, ge=1, le=100)
    robot_tries: int = asked(_("It hands over after this many answers that did not help"), 2, ge=1, le=10)
    robot_words: str = asked(
        _("It hands over at these words, one a line"), WORDS, widget="textarea", rows=6, max_length=2000,
        help=_("A word of one or two characters, or a single Latin word, counts only where little else is said."),
    )  # fmt: skip
    active: bool = asked(_("In use"), True)
