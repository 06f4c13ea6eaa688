"""What announcements give the engines."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.measures.counted import Counted
from kefu.engines.measures.registry import Dimension, Measure
from kefu.engines.notify.registry import NoticeKind
from kefu.kit import moment
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import pick
from kefu.kit.menu import MenuItem
from kefu.kit.waiting import Queue
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind, SubjectKind
from kefu.touch.announcements import policies, queries, schemas, services
from kefu.touch.announcements.choices import Kind, Owed, State
from kefu.touch.announcements.models import Announcement, Receipt

RIGHTS = (
    Right(queries.WRITE, _("Write announcements and hand in information")),
    Right(queries.PUBLISH, _("Publish announcements")),
)


def _url(subject_id: int) -> str:
    return reverse("announcements.one", args=[subject_id])


SUBJECT_KINDS = (SubjectKind(queries.KIND, _("Announcement"), "GG", _url),)
EVENT_KINDS = (
    EventKind("announcement.written", _("wrote the announcement"), icon="plus"),
    EventKind("announcement.changed", _("changed the announcement"), icon="edit"),
    EventKind("announcement.demanded", _("demanded it of the department by %(until)s"), icon="alarm"),
    EventKind("announcement.handed_in", _("handed it in to the centre"), icon="send"),
    EventKind("announcement.given_back", _("gave it back: %(reason)s"), icon="arrow-back-up"),
    EventKind("announcement.published", _("published it for %(people)s people"), icon="speakerphone"),
    EventKind("announcement.read", _("has read it"), icon="eye-check"),
    EventKind("announcement.reminded", _("reminded %(people)s people"), icon="bell"),
    EventKind("announcement.withdrawn", _("withdrew it: %(reason)s"), icon="trash"),
)
NOTICE_KINDS = (
    NoticeKind("announcement.published", _("New: %(title)s"), icon="speakerphone"),
    NoticeKind("announcement.demanded", _("Hand in by %(until)s: %(title)s"), icon="alarm"),
    NoticeKind("announcement.reminder", _("Please read: %(title)s"), icon="speakerphone"),
)
MENU = (MenuItem("announcements", _("Announcements"), "/announcements", "speakerphone", order=46),)
WAITING = (
    Queue(
        "announcements",
        _("Information handed in"),
        f"/announcements?state={State.HANDED_IN}",
        "speakerphone",
        queries.waiting,
        (queries.PUBLISH,),
    ),
    Queue(
        "information",
        _("Information to be handed in"),
        f"/announcements?owed={Owed.OPEN}",
        "alarm",
        queries.owed,
        (queries.WRITE, queries.PUBLISH),
    ),
)
PERIODICS = (Periodic("announcements.remind", _("Remind of what must be read"), services.remind_due, every=600, clauses=("R-02G-3.4",)),)


def _unit_names(ids: list[Any]) -> dict[Any, str]:
    rows = Unit.objects.filter(pk__in=[one for one in ids if one]).values_list("pk", "name", "name_en")
    return {pk: pick(name, name_en) for pk, name, name_en in rows}


def _asked() -> Any:
    """Receipts count on the day they are due: read in time, read late, or still missing."""
    return Receipt.objects.filter(due_at__lte=moment.now()).exclude(announcement__state=State.WITHDRAWN)


def _to_hand_in() -> Any:
    """What the centre received, and what it demanded in vain; counted on the day it was due."""
    missed = Q(demanded_at__isnull=False, due_at__lte=moment.now())
    owed = Announcement.objects.filter(kind=Kind.INFORMATION, due_at__isnull=False).exclude(state=State.WITHDRAWN)
    return owed.filter(Q(received_at__isnull=False) | missed)


_READ = Counted(_asked, "due_at", good=Q(read_at__lte=F("due_at")), subject="announcement_id")
_LATE = Counted(_to_hand_in, "due_at", {"department": "unit_id"}, good=Q(late=True) | Q(received_at=None))
MEASURES = (
    Measure(
        "announcements.read",
        _("Announcements read in time"),
        _("Receipts of reading given in time / receipts due in the period; what is still unread counts as missed."),
        "share",
        _READ,
        rows=_READ.behind,
        stamp="due_at",
        clauses=("R-02G-3.4",),
        goal="up",
    ),
    Measure(
        "information.late",
        _("Information handed in late"),
        _("Information that took effect or was due before the centre received it, or was demanded and never came / all due in the period."),
        "share",
        _LATE,
        dimensions=(Dimension("department", _("Department in charge"), _unit_names),),
        rows=_LATE.behind,
        stamp="due_at",
        clauses=("R-02C-5.2",),
        goal="down",
    ),
)


def allowed(actor: Actor, announcement_id: int) -> set[str]:
    """The commands on one announcement; raises ``NotFound`` for a hidden one."""
    return policies.allowed(actor, queries.get(actor, announcement_id))


def _held(actor: Actor, announcement_id: int) -> Mapping[str, Any]:
    held = queries.get(actor, announcement_id)
    return {"title": held.subject.title, **{name: getattr(held, name) for name in services.FIELDS}}


COMMAND_SETS = (
    CommandSet(
        queries.KIND,
        allowed,
        (
            Command("confirm", _("I have read it"), services.confirm, tone="primary"),
            Command("edit", _("Change"), services.edit, schemas.AnnouncementIn, initial=_held),
            Command("attach", _("Attach files"), services.attach, schemas.AttachIn),
            Command("demand", _("Demand of the department"), services.demand, schemas.DemandIn, tone="primary"),
            Command("hand_in", _("Hand in to the centre"), services.hand_in, tone="primary"),
            Command("publish", _("Publish"), services.publish, tone="primary", confirm=_("Content and readers are right.")),
            Command("give_back", _("Give back"), services.give_back, schemas.ReasonIn),
            Command("remind", _("Remind who has not read it"), services.remind),
            Command(
                "withdraw", _("Withdraw"), services.withdraw, schemas.ReasonIn, tone="danger", confirm=_("Nobody will read it any more.")
            ),
        ),
    ),
)
