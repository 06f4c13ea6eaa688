"""Events that every subject can have, and the right to secrets."""

from django.utils.translation import gettext_lazy as _

from kefu.timeline.registry import EventKind

EVENT_KINDS = (
    EventKind("note.added", _("added a note"), icon="note"),
    EventKind("watch.started", _("began to follow"), icon="eye"),
)
