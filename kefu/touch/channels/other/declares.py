"""What attached channels give the engines."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.people.registry import Right
from kefu.touch.channels.other import queries, services, settings

RIGHTS = (
    Right(queries.MANAGE, _("Set up other channels")),
    Right(queries.USE, _("Hand in messages of another channel and fetch its replies")),
)
EVENT_KINDS = settings.EVENT_KINDS
OUTLETS = (services.OUTLET,)
HEALTH = (Source("other", queries.health, (queries.MANAGE,)),)
MENU = (MenuItem("other", _("Other channels"), "/settings/other", "link", "settings", 48, (queries.MANAGE,)),)
