"""The way home stands first in the menu; the portal's events; the code of the day."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kefu.entry.portal import tracking
from kefu.kit.health import SEES
from kefu.kit.menu import MenuItem
from kefu.timeline.registry import EventKind

MENU = (
    MenuItem("channels", _("State of the channels"), "/settings/channels", "dashboard", "settings", 30, SEES),
    MenuItem("home", _("Home"), "/", "home", order=0, key="h"),
    MenuItem(
        "portal.code", _("Code for passing on"), "/settings/pass-on", "key", "settings", 80, ("complaints.receive", "settings.manage")
    ),
)


def _rated(data: dict[str, Any]) -> str:
    grade = {"satisfied": gettext("Satisfied"), "not_satisfied": gettext("Not satisfied")}.get(str(data.get("verdict")), "")
    return gettext("the customer rated it on the portal: %(grade)s %(words)s") % {"grade": grade, "words": data.get("words", "")}


OUTLETS = (tracking.OUTLET,)
EVENT_KINDS = (
    EventKind("portal.submitted", _("sent by the customer on the portal; notice %(privacy_version)s agreed to"), icon="world"),
    EventKind("portal.rated", _("the customer rated it on the portal"), icon="star", describe=_rated),
)
