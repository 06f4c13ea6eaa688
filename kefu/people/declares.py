"""Rights about people, and events of their files."""

from django.utils.translation import gettext_lazy as _

from kefu.people.registry import Right
from kefu.timeline.registry import SubjectKind

RIGHTS = (
    Right("people.manage", _("Manage units, staff and posts")),
    Right("secrets.see", _("See secret records")),
    Right("audit.see", _("Read the audit trail")),
    Right("settings.manage", _("Change settings, packs, calendars and limits")),
)
SUBJECT_KINDS: tuple[SubjectKind, ...] = ()
