"""What orders give the engines, and the commands on an order."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.cases.workorders import asking, policies, queries, schemas, services, settings
from kefu.cases.workorders.choices import State, TypeKind, Urgency
from kefu.cases.workorders.rules import RULE_KINDS as RULE_KINDS
from kefu.engines.filters.fields import FieldSet, FieldSpec
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.privacy.registry import PersonalSource
from kefu.engines.privacy.sources import columns
from kefu.engines.rulebook.queries import code_items, code_name
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import named, pick
from kefu.kit.menu import MenuItem
from kefu.kit.waiting import Queue
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind, SubjectKind
from kefu.touch.contacts.choices import Channel
from kefu.touch.customers.registry import Chapter

RIGHTS = (
    Right("orders.see", _("See orders in scope")),
    Right("orders.open", _("Open new orders")),
    Right("orders.dispatch", _("Dispatch, redirect, close, void orders")),
    Right("orders.handle", _("Handle orders of the own unit")),
    Right("orders.extend", _("Grant extensions and suspensions")),
    Right("orders.settings", _("Change order types, prices and dispatch rules")),
)


def _told(_actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["subject__number"],
        "title": " ".join(row["content"].split())[:80],
        "url": f"/orders/{row['subject_id']}",
        "state": State(row["state"]).label,
        "channel": Channel(row["channel"]).label,
        "note": pick(row["type__name"], row["type__name_en"]),
        "by": row["handler__name"] or pick(row["unit__name"] or "", row["unit__name_en"] or ""),
    }


CHAPTERS = (
    Chapter(
        "workorder", _("Work order"), "clipboard-list", "accepted_at", "subject_id", queries.line_of,
        ("subject__number", "channel", "state", "content", "type__name", "type__name_en", "unit__name", "unit__name_en", "handler__name"),
        _told,
    ),
)  # fmt: skip


def _url(subject_id: int) -> str:
    return reverse("orders.one", args=[subject_id])


SUBJECT_KINDS = (SubjectKind("workorder", _("Work order"), "GD", _url),)
PERSONAL_SOURCES = (
    PersonalSource(
        "workorder", columns("workorders.WorkOrder"), visible=lambda actor, order_id: queries.visible_to(actor).filter(pk=order_id).exists()
    ),
)
EVENT_KINDS = (
    EventKind("order.opened", _("opened the order"), icon="file-plus"),
    EventKind("order.dispatched", _("dispatched to %(unit)s %(remark)s"), icon="send"),
    EventKind("order.redirected", _("redirected from %(before)s to %(unit)s: %(reason)s"), icon="arrows-right-left"),
    EventKind("order.accepted", _("accepted the order"), icon="hand-stop"),
    EventKind("order.assigned", _("assigned to %(handler)s"), icon="user-check"),
    EventKind(
        "order.returned",
        _("returned by %(unit)s (%(reason)s): %(text)s"),
        icon="arrow-back-up",
        names={"reason": partial(code_name, "return_reasons")},
    ),
    EventKind("order.contacted", _("spoke with the customer %(remark)s"), icon="phone"),
    EventKind("order.on_site", _("arrived on site"), icon="map-pin"),
    EventKind("order.asked", _("asked: %(text)s"), icon="help"),
    EventKind("order.granted", _("granted the request %(remark)s"), icon="check"),
    EventKind("order.refused", _("refused the request: %(remark)s"), icon="x"),
    EventKind("order.resumed", _("resumed work"), icon="player-play"),
    EventKind("order.help_asked", _("asked %(unit)s for help: %(demand)s"), icon="users"),
    EventKind("order.helped", _("%(unit)s replied: %(reply)s"), icon="users"),
    EventKind("order.help_withdrawn", _("did without the help of %(unit)s: %(reason)s"), icon="users"),
    EventKind("order.completed", _("completed: %(result)s"), icon="circle-check"),
    EventKind("order.redone", _("sent back; the customer says: %(words)s"), icon="rotate"),
    EventKind("order.closed", _("closed the order %(reason)s"), icon="lock"),
    EventKind("order.reopened", _("reopened: %(reason)s"), icon="lock-open"),
    EventKind("order.archived", _("archived; seal %(seal)s"), icon="archive"),
    EventKind("order.voided", _("voided: %(reason)s"), icon="ban"),
    EventKind("order.corrected", _("correction: %(text)s"), icon="edit"),
    *settings.EVENT_KINDS,
)
NOTICE_KINDS = (
    NoticeKind("order.arrived", _("%(number)s has come to %(unit)s")),
    NoticeKind("order.to_dispatch", _("%(number)s waits to be dispatched")),
    NoticeKind("order.assigned", _("%(number)s was assigned to you")),
    NoticeKind("order.granted", _("%(number)s: your request was granted")),
    NoticeKind("order.refused", _("%(number)s: your request was refused")),
    NoticeKind("order.help_asked", _("%(number)s: your unit is asked for help")),
    NoticeKind("order.helped", _("%(number)s: the helping unit has replied")),
    NoticeKind("order.help_withdrawn", _("%(number)s: your unit's help is no longer needed")),
    NoticeKind("order.redone", _("%(number)s was sent back: the customer is not satisfied")),
    NoticeKind("order.given_back", _("%(number)s went back to the city hotline: nobody works on it any more")),
)
WAITING = (
    Queue(
        "orders.new",
        State.NEW.label,
        "/orders?tab=new",
        "send",
        lambda actor: queries.how_many_wait(actor, State.NEW),
        ("orders.dispatch",),
    ),
    Queue(
        "orders.dispatched",
        State.DISPATCHED.label,
        "/orders?tab=dispatched",
        "clipboard-list",
        lambda actor: queries.how_many_wait(actor, State.DISPATCHED),
        ("orders.handle",),
    ),
)
MENU = (
    MenuItem("orders", _("Work orders"), "/orders", "clipboard-list", order=20, rights=("orders.see", "orders.handle"), key="o"),
    MenuItem("order_types", _("Order types"), "/settings/order-types", "category", "settings", 20, policies.SETTINGS),
    MenuItem("dispatch_rules", _("Dispatch rules"), "/settings/dispatch-rules", "route", "settings", 21, policies.SETTINGS),
    MenuItem("prices", _("Base prices"), "/settings/prices", "receipt", "settings", 22, policies.SETTINGS),
)


def _types() -> list[tuple[str, str]]:
    return [(row.code, pick(row.name, row.name_en)) for row in queries.order_types()]


def _regions() -> list[tuple[str, str]]:
    return [(item["code"], named(item)) for item in code_items("region_classes", all_items=True)]


def _is_key(op: str, value: Any, at: datetime) -> Q:
    key = Q(customer__tier="key")
    return key if value else ~key


FILTER_FIELDS = (
    FieldSet(
        "workorder",
        (
            FieldSpec("number", _("Number"), "text", "subject__number"),
            FieldSpec("state", _("State"), "choice", "state", choices=lambda: list(State.choices)),
            FieldSpec("urgency", _("Urgency"), "choice", "urgency", choices=lambda: list(Urgency.choices)),
            FieldSpec("channel", _("Channel"), "choice", "channel", choices=lambda: list(Channel.choices)),
            FieldSpec("type", _("Type"), "choice", "type__code", choices=_types),
            FieldSpec("type_kind", _("Kind of business"), "choice", "type__kind", choices=lambda: list(TypeKind.choices)),
            FieldSpec("category", _("Category"), "path", "type__path"),
            FieldSpec("unit", _("Unit"), "unit", "subject__unit_path"),
            FieldSpec("handler", _("Handler"), "staff", "handler_id"),
            FieldSpec("receiver", _("Receiver"), "staff", "receiver_id"),
            FieldSpec("accepted_at", _("Accepted at"), "datetime", "accepted_at"),
            FieldSpec("completed_at", _("Completed at"), "datetime", "completed_at"),
            FieldSpec("closed_at", _("Closed at"), "datetime", "closed_at"),
            FieldSpec("name", _("Customer"), "text", "name"),
            FieldSpec("phone", _("Phone"), "text", "phone"),
            FieldSpec("address", _("Address"), "text", "address"),
            FieldSpec("content", _("Content"), "text", "content"),
            FieldSpec("paid", _("Paid service"), "bool", "type__paid"),
            FieldSpec("returned", _("Returned once"), "bool", "returned"),
            FieldSpec("extended", _("Extended"), "bool", "extended"),
            FieldSpec("redo_round", _("Redo rounds"), "number", "redo_round", integer=True),
            FieldSpec("satisfaction", _("Callback result"), "choice", "satisfaction"),
            FieldSpec("area", _("Area"), "text", "customer__area"),
            FieldSpec("region", _("Region class"), "choice", "region", choices=_regions),
            FieldSpec("key_account", _("Key account"), "bool", _is_key, ops=("eq",)),
        ),
        rows=queries.visible_to,
        columns=("subject__number", "type__name"),
        right="orders.see",
        facts=("type", "type_kind", "category", "urgency", "channel", "paid", "key_account", "area", "region", "address", "content"),
    ),
)


def allowed(actor: Actor, order_id: int) -> set[str]:
    """The commands on one order; raises ``NotFound`` for a hidden one."""
    return policies.allowed(actor, queries.facts(queries.get(actor, order_id)))


COMMAND_SETS = (
    CommandSet(
        "workorder",
        allowed,
        (
            Command("accept", _("Accept"), services.accept, tone="primary"),
            Command("dispatch", _("Dispatch"), services.dispatch, schemas.Dispatch, tone="primary"),
            Command("help_reply", _("Reply as helping unit"), asking.help_reply, schemas.HelpReply, tone="primary"),
            Command("grant", _("Grant"), asking.grant, schemas.Decide, tone="primary"),
            Command("refuse", _("Refuse"), asking.refuse, schemas.Refuse),
            Command("resume", _("Resume"), asking.resume, tone="primary"),
            Command("contact", _("Customer contacted"), services.contact, schemas.Contacted),
            Command("arrive", _("Arrived"), services.arrive),
            Command("assign", _("Assign to a person"), services.assign, schemas.Assign),
            Command("ask_extension", _("Ask for extension"), asking.ask_extension, schemas.AskExtension),
            Command("ask_suspension", _("Ask for suspension"), asking.ask_suspension, schemas.AskSuspension),
            Command("ask_helper", _("Ask another unit"), asking.ask_helper, schemas.AskHelper),
            Command("withdraw_help", _("Do without a unit's help"), asking.withdraw_help, schemas.WithdrawHelp),
            Command(
                "return",
                _("Return to dispatcher"),
                services.give_back,
                schemas.Return,
                tone="danger",
                confirm=_("An order can be returned only once. Return it?"),
            ),
            Command("redirect", _("Redirect"), services.redirect, schemas.Redirect),
            Command("reopen", _("Reopen"), services.reopen, schemas.Reason),
            Command("correct", _("Add a correction"), services.correct, schemas.Note),
            Command("note", _("Add a note"), services.note, schemas.Note),
            Command(
                "void",
                _("Void the order"),
                services.void,
                schemas.Reason,
                tone="danger",
                confirm=_("Void this order? It leaves every list and clock."),
            ),
        ),
    ),
)

ORDER_TYPE = CommandSet(
    "order_type",
    policies.allowed_type,
    (
        Command("change", _("Change"), settings.change_type, schemas.OrderTypeIn, initial=settings.type_values),
        Command("switch_off", _("Stop using"), settings.switch_type_off, confirm=_("Switch this type off with everything below it?")),
        Command("switch_on", _("Use again"), settings.switch_type_on, tone="primary"),
    ),
)
DISPATCH_RULE = CommandSet(
    "dispatch_rule",
    policies.allowed_rule,
    (
        Command("switch_off", _("Stop using"), settings.switch_rule_off, confirm=_("Switch this rule off?")),
        Command("remove", _("Remove"), settings.remove_rule, tone="danger", confirm=_("Remove this rule?")),
    ),
)
PRICE = CommandSet(
    "price",
    policies.allowed_price,
    (
        Command(
            "change", _("Change from a date on"), settings.change_price, schemas.PriceChange, tone="primary", initial=settings.price_values
        ),
        Command("end", _("End this price"), settings.end_price, schemas.PriceEnd, tone="danger", confirm=_("End this price?")),
    ),
)
