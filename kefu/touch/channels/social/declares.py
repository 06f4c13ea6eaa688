"""What the WeChat channel gives the engines."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.privacy.registry import Erasure
from kefu.kit import sentences
from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.channels.social import handling, queries, settings, tasks

RIGHTS = (Right(queries.MANAGE, _("Set up WeChat accounts")),)
EVENT_KINDS = (
    *settings.EVENT_KINDS,
    EventKind("social.followed", _("The person follows the WeChat account"), icon="brand-wechat"),
    EventKind("social.left", _("The person follows the WeChat account no longer"), icon="brand-wechat"),
    EventKind("social.clicked", _("The person chose “%(key)s” in the menu of the WeChat account"), icon="brand-wechat"),
    EventKind("social.recalled", _("The person took a message back in WeChat"), icon="brand-wechat"),
    EventKind(
        "social.not_fetched", _("A file from WeChat could not be fetched: %(why)s"), icon="alert-triangle", names={"why": sentences.shown}
    ),
)
MENU = (MenuItem("social", _("WeChat"), "/settings/social", "brand-wechat", "settings", 47, (queries.MANAGE,)),)
HEALTH = (Source("social", queries.health, (queries.MANAGE,)),)
OUTLETS = (tasks.OUTLET,)
ERASURES = (Erasure("social.person", _("People at WeChat and what they wrote"), handling.ended, handling.erase),)
PERIODICS = (Periodic("social.look", _("Look for WeChat messages that nobody told us of"), tasks.look, every=600),)
