"""What the channel of the city hotline gives the engines, and the commands on its orders."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.filters.fields import FieldSet, FieldSpec
from kefu.engines.rulebook.queries import code_name
from kefu.engines.rulebook.registry import Carries
from kefu.kit import moment, show
from kefu.kit.commands import Command, CommandSet
from kefu.kit.health import Source
from kefu.kit.language import label_of
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.channels.hotline import handling, policies, queries, routing, schemas, services
from kefu.touch.channels.hotline.choices import Kind, Rated, Role, Solved, State, Verdict, Way

RIGHTS = (Right(queries.TAKE, _("Take in orders of the city hotline and report back")),)
HEALTH = (Source("hotline", queries.health, (queries.TAKE,)),)
MENU = (MenuItem("hotline", _("City hotline 12345"), "/hotline", "building-community", order=12, rights=(queries.TAKE,)),)
IMPORTS = routing.IMPORTS
OUTLETS = (services.OUTLET,)


def _stamp(text: str) -> str:
    return show.stamp(datetime.fromisoformat(text)) if text else ""


EVENT_KINDS = (
    EventKind("hotline.taken_in", _("took in order %(number)s of the city hotline, due %(due)s"), icon="inbox", names={"due": _stamp}),
    EventKind("hotline.redone", _("redo round %(round)s of the city hotline: %(words)s"), icon="rotate"),
    EventKind(
        "hotline.reported",
        _("reported back to the city hotline (%(solved)s, %(way)s): %(text)s"),
        icon="send",
        names={"solved": label_of(Solved), "way": label_of(Way)},
    ),
    EventKind(
        "hotline.return_asked",
        _("asked the city hotline to take it back (%(reason)s): %(text)s"),
        icon="arrow-back-up",
        names={"reason": partial(code_name, "hotline_return_reasons")},
    ),
    EventKind(
        "hotline.extension_asked",
        _("asked the city hotline for time until %(until)s: %(text)s"),
        icon="clock",
        names={"until": _stamp},
    ),
    EventKind(
        "hotline.decided",
        _("wrote what the city hotline said: %(kind)s, %(verdict)s %(remark)s"),
        icon="gavel",
        names={"kind": label_of(Kind), "verdict": label_of(Verdict)},
    ),
    EventKind(
        "hotline.rated", _("wrote the word of the caller to the city hotline: %(rated)s"), icon="star", names={"rated": label_of(Rated)}
    ),
)
CARRIES = (
    Carries(
        "screen", "/hotline", _("Orders of the city hotline with their own number, limit, return and report"), ("R-02C-2d", "R-02C-2a")
    ),
)
FILTER_FIELDS = (
    FieldSet(
        queries.KIND,
        (
            FieldSpec("number", _("Number of the hotline"), "text", "number"),
            FieldSpec("state", _("State"), "choice", "state", choices=lambda: list(State.choices)),
            FieldSpec("role", _("We are"), "choice", "role", choices=lambda: list(Role.choices)),
            FieldSpec("category", _("Category of the hotline"), "text", "category"),
            FieldSpec("content", _("Content"), "text", "contact__content"),
            FieldSpec("due_at", _("Limit on the order"), "datetime", "due_at"),
            FieldSpec("round", _("Redo round"), "number", "round", integer=True),
            FieldSpec("secret", _("The caller asks for secrecy"), "bool", "secret"),
        ),
        rows=queries.visible_to,
        columns=("number",),
        right=queries.TAKE,
    ),
)


def allowed(actor: Actor, order_id: int) -> set[str]:
    """The commands on one order of the hotline; raises ``NotFound``."""
    return policies.allowed(actor, policies.facts(queries.get(actor, order_id)), moment.now())


def _draft(actor: Actor, order_id: int) -> dict[str, Any]:
    """The answer begins with what the people of the case wrote."""
    case = services.case_of(queries.get(actor, order_id))
    return {"text": case[0].standing(case[1]).result} if case else {}


COMMANDS = CommandSet(
    queries.KIND,
    allowed,
    (
        Command("report", _("Report back"), handling.report, schemas.Report, tone="primary", initial=_draft),
        Command("rate", _("The caller's word"), handling.rate, schemas.Rate, tone="primary"),
        Command("decide", _("The hotline has decided"), handling.decide, schemas.Decide, tone="primary"),
        Command("ask_extension", _("Ask for extension"), handling.ask_extension, schemas.AskExtension),
        Command("redo", _("Take in a redo"), services.redo, schemas.Redo),
        Command(
            "ask_return",
            _("Return to the hotline"),
            handling.ask_return,
            schemas.AskReturn,
            tone="danger",
            confirm=_("An order can be returned to the hotline only once. Ask for it?"),
        ),
    ),
)
COMMAND_SETS = (COMMANDS,)
