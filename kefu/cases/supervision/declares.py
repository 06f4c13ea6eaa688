"""What supervision gives the engines, and its commands on any case."""

from django.utils.translation import gettext_lazy as _

from kefu.cases.supervision import asking, policies, queries, schemas, services
from kefu.cases.supervision.choices import Level
from kefu.engines.notify.registry import NoticeKind
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import label_of
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.queries import visible_to
from kefu.timeline.registry import EventKind

RIGHTS = (
    Right("orders.urge", _("Record that a customer urges")),
    Right("orders.supervise", _("Put cases under supervision")),
)
EVENT_KINDS = (
    EventKind("case.urged", _("recorded an urge, number %(count)s: %(text)s"), icon="bell-ringing"),
    EventKind(
        "case.supervised",
        _("put the case under supervision (%(grade)s): %(demand)s"),
        icon="eye-exclamation",
        names={"grade": label_of(Level)},
    ),
    EventKind("case.urge_answered", _("answered the urge: %(reply)s"), icon="message-reply"),
    EventKind("case.help_asked", _("asked %(to)s for help: %(text)s"), icon="help"),
    EventKind("case.help_given", _("answered the call for help: %(answer)s"), icon="message-reply"),
    EventKind("case.help_withdrawn", _("needs no help any more"), icon="help"),
    EventKind("case.lifted", _("lifted the supervision: %(reason)s"), icon="eye-check"),
)
NOTICE_KINDS = (
    NoticeKind("case.urged", _("%(number)s was urged (%(count)s times)")),
    NoticeKind("case.supervised", _("%(number)s is under supervision: %(demand)s"), needs_ack=True),
    NoticeKind("case.help_asked", _("%(name)s asks you for help with %(number)s"), icon="help"),
    NoticeKind("case.help_given", _("%(name)s has answered your call for help with %(number)s"), icon="message-reply"),
    NoticeKind("case.help_withdrawn", _("%(name)s needs no help with %(number)s any more"), icon="help"),
    NoticeKind("case.urge_answered", _("%(number)s: the unit has replied")),
)


def allowed(actor: Actor, subject_id: int) -> set[str]:
    """The commands on one case. None to whom it is hidden: whether it is there at all is said by the capability whose case it is, which
    may know more ways to see it (a unit that helps)."""
    subject = visible_to(actor).filter(pk=subject_id).first()
    return policies.allowed(actor, queries.facts(subject)) if subject else set()


_COMMANDS = (
    Command("urge", _("Urge"), services.urge, schemas.UrgeIn),
    Command("supervise", _("Supervise"), services.supervise, schemas.SuperviseIn),
    Command("answer_urge", _("Reply to the urge"), services.answer_urge, schemas.ReplyIn, tone="primary"),
    Command("lift", _("Lift supervision"), services.lift, schemas.LiftIn),
)
_HELP = (
    Command("give_help", _("Answer the call for help"), asking.give_help, schemas.GiveHelp, tone="primary"),
    Command("ask_superior", _("Ask for help"), asking.ask_superior, schemas.AskSuperior, initial=queries.first_superior),
    Command("withdraw_call", _("Withdraw the call for help"), asking.withdraw_call),
)
COMMAND_SETS = (
    CommandSet("workorder", allowed, (*_COMMANDS, *_HELP)),
    CommandSet("complaint", allowed, (*_COMMANDS, *_HELP)),
    CommandSet(policies.CONTACT, allowed, _HELP),
)
