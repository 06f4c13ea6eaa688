"""What conversations give the engines, and the commands on one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.privacy.registry import PersonalSource
from kefu.kit import sentences
from kefu.kit.commands import Command, CommandSet
from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.kit.waiting import Queue
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.conversations import asking, handling, policies, queries, schemas, tasks
from kefu.touch.conversations.choices import Notice, State
from kefu.touch.customers.registry import Chapter

_WHY = {
    "asked": _("the customer asked for a person"),
    "tries": _("the robot found no helpful answer"),
    "taken": _("an agent took it"),
    "broken": _("the robot did not answer"),
    "off": _("the robot was switched off"),
}


def _handed(data: dict[str, Any]) -> str:
    return str(_("handed over by the robot: %(why)s")) % {"why": _WHY.get(data.get("why", ""), "")}


def _given_back(data: dict[str, Any]) -> str:
    if not data.get("to"):
        return str(_("gave it back to all: %(reason)s")) % {"reason": data.get("reason", "")}
    return str(_("gave it back to %(to)s: %(reason)s")) % {"to": data["to"], "reason": data.get("reason", "")}


def _queued(data: dict[str, Any]) -> str:
    """The time is that of the centre."""
    if data.get("way") == "email":
        return str(_("A notice that an answer waits goes to the customer by mail"))
    at = timezone.localtime(datetime.fromisoformat(str(data["due"])))
    return str(_("A notice that an answer waits goes to the customer by SMS, %(at)s")) % {"at": at.strftime("%m-%d %H:%M")}


RIGHTS = (Right("conversations.lead", _("Work in the conversations of others")),)
PERSONAL_SOURCES = (PersonalSource("contact", queries.revealed),)
EVENT_KINDS = (
    EventKind("conversation.wrote", _("The customer wrote"), icon="message", at_once=True),
    EventKind("conversation.came_back", _("The customer wrote again; the conversation is open again"), icon="rotate", at_once=True),
    EventKind("conversation.robot_answered", _("The robot answered"), icon="robot", at_once=True),
    EventKind("conversation.handed_over", _("handed over to people"), "user", _handed, at_once=True),
    EventKind("conversation.taken", _("took the conversation"), icon="hand-stop", at_once=True),
    EventKind("conversation.replied", _("replied"), icon="send", at_once=True),
    EventKind("conversation.sent", _("The reply is on its way"), icon="check"),
    EventKind("conversation.arrived", _("The reply has arrived"), icon="checks"),
    EventKind(
        "conversation.undelivered", _("A reply did not arrive: %(trouble)s"), icon="alert-triangle", names={"trouble": sentences.shown}
    ),
    EventKind("conversation.resent", _("sent a reply once more"), icon="send"),
    EventKind("conversation.noted", _("left an internal note"), icon="note", at_once=True),
    EventKind("conversation.recognised", _("said that this is customer %(number)s"), icon="user-check"),
    EventKind("conversation.transferred", _("transferred to %(to)s: %(reason)s"), icon="arrows-right-left", at_once=True),
    EventKind("conversation.given_back", _("gave it back"), "arrow-back-up", _given_back, at_once=True),
    EventKind("conversation.help_asked", _("asked %(to)s for help"), icon="help"),
    EventKind("conversation.invited", _("asked %(to)s in"), icon="user-plus"),
    EventKind("conversation.joined", _("joined the conversation"), icon="users-plus"),
    EventKind("conversation.left", _("left the conversation"), icon="user-minus"),
    EventKind("conversation.taken_over", _("took the conversation over"), icon="hand-stop"),
    EventKind("conversation.pended", _("waits for the customer: %(reason)s"), icon="clock", at_once=True),
    EventKind("conversation.closed", _("closed the conversation"), icon="lock", at_once=True),
    EventKind(Notice.QUEUED, _("is told that an answer waits"), "bell", _queued),
    EventKind(Notice.MAILED, _("The customer was told by mail that an answer waits"), icon="mail"),
    EventKind(
        Notice.UNTOLD,
        _("The customer was not told that an answer waits: %(trouble)s"),
        icon="alert-triangle",
        names={"trouble": sentences.shown},
    ),
    EventKind(Notice.READ, _("The customer has read the answer"), icon="eye"),
    EventKind("conversation.reopened", _("reopened the conversation: %(reason)s"), icon="lock-open", at_once=True),
)
NOTICE_KINDS = (
    NoticeKind("conversation.answered", _("%(number)s: the customer has written again"), icon="message"),
    NoticeKind("conversation.undelivered", _("%(number)s: your reply did not arrive"), icon="alert-triangle"),
    NoticeKind("conversation.mentioned", _("%(name)s points you to %(number)s"), icon="note"),
    NoticeKind("conversation.help_asked", _("%(name)s asks you for help with %(number)s"), icon="help"),
    NoticeKind("conversation.invited", _("%(name)s asks you into %(number)s"), icon="user-plus"),
    NoticeKind("conversation.joined", _("%(name)s has joined %(number)s"), icon="users-plus"),
    NoticeKind("conversation.taken_over", _("%(name)s has taken over %(number)s"), icon="hand-stop"),
    NoticeKind("conversation.whispered", _("%(name)s left you a note in %(number)s"), icon="note"),
    NoticeKind("conversation.given_back", _("%(name)s has given %(number)s back to you"), icon="arrow-back-up"),
    NoticeKind("conversation.given", _("%(name)s has transferred %(number)s to you"), icon="arrows-right-left"),
)
PERIODICS = (Periodic("conversations.ways", _("Ways in that nobody sets up"), tasks.keep_ways, every=30),)
HEALTH = (Source("ways", tasks.health, ("contacts.take",)),)
MENU = (MenuItem("inbox", _("Inbox"), "/inbox", "inbox", order=15, rights=("contacts.take",), key="i"),)
WAITING = (
    Queue("conversations.waiting", State.WAITING.label, "/inbox?tab=waiting", "inbox", queries.how_many_wait, ("contacts.take",)),
    Queue("conversations.help", _("Asked for my help"), "/inbox?tab=help", "help", queries.how_many_ask, ("contacts.take",)),
)  # fmt: skip


def _told(actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    talk = row["conversation__state"]
    return {
        "number": row["subject__number"],
        "title": row["conversation__title"] or " ".join(row["content"].split())[:80],
        "url": f"/inbox/{row['subject_id']}" if talk and actor.can("contacts.take") else f"/contacts/{row['subject_id']}",
        "state": State(talk).label if talk else Outcome(row["outcome"]).label,
        "channel": Channel(row["channel"]).label,
        "note": "",
        "by": row["agent__name"] or "",
    }


CHAPTERS = (
    Chapter(
        "contact", _("Contact"), "message", "received_at", "subject_id", queries.contacts_of,
        ("subject__number", "channel", "outcome", "content", "agent__name", "conversation__state", "conversation__title"), _told,
    ),
)  # fmt: skip


def allowed(actor: Actor, conversation_id: int) -> set[str]:
    """The commands on one conversation; raises ``NotFound`` for a hidden one."""
    return policies.allowed(actor, queries.facts(queries.get(actor, conversation_id)))


COMMAND_SETS = (
    CommandSet(
        queries.KIND,
        allowed,
        (
            Command("take", _("Take it"), handling.take, tone="primary"),
            Command(
                "reply", _("Reply"), handling.reply, schemas.Reply, tone="primary", submit=_("Send"), initial=queries.new_key, quiet=True
            ),
            Command("resend", _("Send again"), handling.resend, schemas.Resend),
            Command("note", _("Internal note"), handling.note, schemas.Note, quiet=True),
            Command("ask_help", _("Ask for help"), asking.ask_help, schemas.AskHelp, initial=asking.first_superior),
            Command("join", _("Join"), asking.join, tone="primary"),
            Command("take_over", _("Take over"), asking.take_over, confirm=_("The conversation is yours then; the agent stays beside.")),
            Command("leave", _("Leave the conversation"), asking.leave),
            Command("invite", _("Ask a colleague in"), asking.invite, schemas.Invite),
            Command("mention", _("Point a colleague to it"), handling.mention, schemas.Mention),
            Command("recognise", _("Say who it is"), asking.recognise, schemas.Recognise),
            Command("give_back", _("Hand back"), asking.give_back, schemas.GiveBack),
            Command("transfer", _("Transfer"), handling.transfer, schemas.Transfer),
            Command("pend", _("Wait for the customer"), handling.pend, schemas.Pend),
            Command("close", _("Close"), handling.close, schemas.Close),
            Command("reopen", _("Reopen"), handling.reopen, schemas.Reopen),
        ),
    ),
)
