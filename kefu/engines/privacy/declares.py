"""What privacy gives the other engines."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.privacy.retention import erase_all
from kefu.kit.menu import MenuItem
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind

RIGHTS = (
    Right("privacy.reveal", _("See a masked personal value, with a reason")),
    Right("privacy.export", _("Ask for an export")),
    Right("privacy.approve", _("Approve exports of personal data")),
    Right("privacy.manage", _("Set retention times and erase data")),
)
EVENT_KINDS = (
    EventKind("privacy.revealed", _("looked at a masked value (%(field)s): %(reason)s"), icon="eye"),
    EventKind("privacy.erased", _("Personal data was erased: %(basis)s"), icon="eraser"),
)
NOTICE_KINDS = (
    NoticeKind("export.asked", _("%(name)s asks for an export of personal data: %(purpose)s"), icon="table-export"),
    NoticeKind("export.approved", _("Your export was approved: %(purpose)s"), icon="table-export"),
    NoticeKind("export.refused", _("Your export was refused: %(reason)s"), icon="table-export"),
)
MENU = (
    MenuItem(
        "privacy",
        _("Privacy"),
        "/settings/privacy",
        icon="shield-lock",
        group="settings",
        order=60,
        rights=("privacy.approve", "privacy.manage", "audit.see"),
    ),
)
PERIODICS = (Periodic("privacy.erase", _("Erase what has outlived its retention time"), erase_all, at="03:10"),)
