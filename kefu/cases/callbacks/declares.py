"""What callbacks give the engines. The commands stand in flows, since the customer's word moves the case."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import policies, queries, settings
from kefu.cases.callbacks.choices import Reached, TaskState, Verdict
from kefu.cases.callbacks.rules import RULE_KINDS as RULE_KINDS
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import label_of
from kefu.kit.menu import MenuItem
from kefu.kit.waiting import Queue
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.contacts.choices import Channel
from kefu.touch.customers.registry import Chapter

RIGHTS = (Right("callbacks.do", _("Call customers back")),)
EVENT_KINDS = (
    EventKind("callback.queued", _("queued the callback"), icon="phone-outgoing"),
    EventKind("callback.spared", _("The customer is not called back: %(why)s"), icon="phone-off"),
    EventKind("callback.tried", _("tried to call back: %(reached)s"), icon="phone-x", names={"reached": label_of(Reached)}),
    EventKind("callback.done", _("called back: %(verdict)s %(words)s"), icon="phone-check", names={"verdict": label_of(Verdict)}),
    *settings.EVENT_KINDS,
)
WAITING = (Queue("callbacks", TaskState.OPEN.label, "/callbacks", "phone-outgoing", queries.how_many_wait, ("callbacks.do",)),)
MENU = (
    MenuItem("callbacks", _("Callbacks"), "/callbacks", "phone-outgoing", order=30, rights=("callbacks.do",), key="b"),
    MenuItem("callback_rules", _("Callback rules"), "/settings/callback-rules", "phone-outgoing", "settings", 23, policies.SETTINGS),
)


def _told(_actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["subject__number"],
        "title": row["words"][:80],
        "url": f"/callbacks/{row['id']}",
        "state": Verdict(row["verdict"]).label if row["verdict"] else TaskState(row["state"]).label,
        "channel": Channel.PHONE.label,
        "note": "",
        "by": row["done_by__name"] or "",
    }


CHAPTERS = (
    Chapter(
        "callback", _("Callback"), "phone-outgoing", "created_at", "id", queries.of_customer,
        ("subject__number", "state", "verdict", "words", "done_by__name"), _told,
    ),
)  # fmt: skip
RULE_COMMANDS = CommandSet(
    "callback_rule",
    policies.allowed_rule,
    (
        Command("switch_off", _("Stop using"), settings.switch_rule_off, confirm=_("Switch this rule off?")),
        Command("remove", _("Remove"), settings.remove_rule, tone="danger", confirm=_("Remove this rule?")),
    ),
)
