"""Events of files."""

from django.utils.translation import gettext_lazy as _

from kefu.timeline.registry import EventKind

EVENT_KINDS = (
    EventKind("file.added", _("added the file “%(name)s”"), icon="paperclip"),
    EventKind("file.voided", _("withdrew the file “%(name)s”: %(reason)s"), icon="trash"),
)
