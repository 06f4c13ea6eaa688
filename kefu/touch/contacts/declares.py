"""What contacts give the engines."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.kit.choices_registry import ChoiceSource
from kefu.kit.menu import MenuItem
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind, SubjectKind
from kefu.touch.contacts import queries
from kefu.touch.contacts.choices import Channel
from kefu.touch.knowledge.registry import QuestionSource

RIGHTS = (Right("contacts.take", _("Take contacts at the desk")),)


def _url(subject_id: int) -> str:
    return reverse("contacts.one", args=[subject_id])


SUBJECT_KINDS = (SubjectKind("contact", _("Contact"), "JC", _url, open_to="contacts.take"),)
EVENT_KINDS = (
    EventKind("contact.received", _("received the contact"), icon="inbox"),
    EventKind("contact.taken", _("took the contact"), icon="hand-stop"),
    EventKind("contact.answered", _("answered: %(answer)s"), icon="message"),
    EventKind("contact.finished", _("finished the contact"), icon="check"),
)
CHOICES = (ChoiceSource("channels", lambda _actor, _id: Channel.choices),)
MENU = (MenuItem("desk", _("Desk"), "/desk", "headset", order=10, rights=("contacts.take",), key="d"),)
QUESTION_SOURCES = (QuestionSource("contact", _("Answered without a source"), queries.without_source),)
