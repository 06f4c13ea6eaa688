"""Events of forms, and their place in the settings."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.forms.packs import FORMS
from kefu.kit.menu import MenuItem
from kefu.timeline.registry import EventKind

EVENT_KINDS = (
    EventKind("form.answered", _("filled in “%(name)s”"), icon="forms"),
    EventKind("form.confidential", _("filled in a confidential part of “%(name)s”"), icon="lock"),
    EventKind("form.submitted", _("submitted “%(name)s”"), icon="send"),
    EventKind("form.signed", _("signed “%(section)s” of “%(name)s”"), icon="signature"),
    EventKind("form.unsigned", _("reopened “%(section)s” of “%(name)s”: %(reason)s"), icon="lock-open"),
)
MENU = (MenuItem("settings.forms", _("Forms"), "/settings/forms", "forms", group="settings", order=40, rights=("settings.manage",)),)
RULE_KINDS = (FORMS,)
