"""Events of files, and the nightly sweep of bytes that nobody names."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.files.services import sweep
from kefu.engines.jobs.registry import Periodic
from kefu.timeline.registry import EventKind

EVENT_KINDS = (
    EventKind("file.added", _("added the file “%(name)s”"), icon="paperclip"),
    EventKind("file.voided", _("withdrew the file “%(name)s”: %(reason)s"), icon="trash"),
)
PERIODICS = (Periodic("files.sweep", _("Remove bytes that no file names"), sweep, at="03:40"),)
