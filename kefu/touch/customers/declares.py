"""What customers give the engines."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters.fields import FieldSet, FieldSpec
from kefu.engines.forms.registry import FormHost
from kefu.engines.jobs.registry import Periodic
from kefu.engines.privacy.registry import PersonalSource
from kefu.kit import phone
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import label_of
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind, SubjectKind
from kefu.touch.customers import asking, policies, queries, routing, schemas, services
from kefu.touch.customers.choices import CustomerKind, Purpose, ReachedBy, Tier
from kefu.touch.customers.handling import IMPORTS as IMPORTS
from kefu.touch.customers.models import Consent
from kefu.touch.customers.registry import Chapter, Stays


def _ways() -> list[tuple[str, str]]:
    """For what and how customers are reached where they have a say: "marketing.sms" and its name."""
    asked = [one for one in Purpose if one != Purpose.SERVICE]
    return [(f"{purpose.value}.{way.value}", f"{purpose.label} · {way.label}") for purpose in asked for way in ReachedBy]


def _said(code: str, unsaid: bool | Case, wanted: bool) -> Q:
    """The last word on one of ``_ways``, or ``unsaid`` without one, is ``wanted``; never NULL, so that it can be turned round."""
    purpose, _dot, channel = code.partition(".")
    rows = Consent.objects.filter(customer_id=OuterRef("pk"), purpose=purpose, channel__in=("", channel)).order_by("-at", "-id")
    last = Coalesce(Subquery(rows.values("given")[:1]), unsaid if isinstance(unsaid, Case) else Value(unsaid), output_field=BooleanField())
    return Q(Exact(last, wanted))


def _any(value: Any, holds: Callable[[str], Q]) -> Q:
    known, found = dict(_ways()), Q(pk__in=[])
    for code in value if isinstance(value, list) else [value]:
        found = found | holds(code) if code in known else found
    return found


def _agreed(op: str, value: Any, at: datetime) -> Q:
    """The last word on one of these is a yes."""
    return _any(value, lambda code: _said(code, False, True))


def _objected(op: str, value: Any, at: datetime) -> Q:
    """The last word on one of these is a no."""
    return _any(value, lambda code: _said(code, True, False))


def _reachable(op: str, value: Any, at: datetime) -> Q:
    """``queries.refusal`` keeps the customer from none of these: advertising was agreed to, a survey not objected to, and
    who wants no calls is not called for one."""

    def may(code: str) -> Q:
        if code.startswith(Purpose.MARKETING):
            return _said(code, False, True)
        calls = Case(When(do_not_call=True, then=Value(False)), default=Value(True), output_field=BooleanField())
        return _said(code, calls if code.endswith(f".{ReachedBy.CALL}") else True, True)

    return _any(value, may)


SAID = ("in", "not_in", "eq", "ne")
FILTER_FIELDS = (
    FieldSet(
        "customer",
        (
            FieldSpec("number", _("Number"), "text", "subject__number"),
            FieldSpec("name", _("Name"), "text", "name"),
            FieldSpec("area", _("Area"), "text", "area"),
            FieldSpec("address", _("Address"), "text", "address"),
            FieldSpec("code", _("Customer number"), "text", "code"),
            FieldSpec("kind", _("Kind"), "choice", "kind", choices=lambda: list(CustomerKind.choices)),
            FieldSpec("tier", _("Tier"), "choice", "tier", choices=lambda: list(Tier.choices)),
            FieldSpec("tag", _("Tag"), "choice", queries.tagged, choices=queries.tag_names),
            FieldSpec("do_not_call", _("Do not call"), "bool", "do_not_call"),
            FieldSpec("agreed", _("Agreed to be reached for"), "choice", _agreed, choices=_ways, ops=SAID),
            FieldSpec("objected", _("Objected to being reached for"), "choice", _objected, choices=_ways, ops=SAID),
            FieldSpec("reachable", _("May be reached for"), "choice", _reachable, choices=_ways, ops=SAID),
            FieldSpec("verified_at", _("Data checked"), "datetime", "verified_at"),
        ),
        rows=queries.visible_to,
        columns=("subject__number",),
        right="customers.see",
    ),
)
RIGHTS = (
    Right("customers.see", _("See customers")),
    Right("customers.edit", _("Create and change customers")),
    Right("customers.import", _("Import customers")),
    Right(queries.MERGE, _("Merge and split customers")),
)


def _url(subject_id: int) -> str:
    return reverse("customers.one", args=[subject_id])


SUBJECT_KINDS = (SubjectKind("customer", _("Customer"), "KH", _url, open_to="customers.see"),)
EVENT_KINDS = (
    EventKind("customer.created", _("opened the file"), icon="user-plus"),
    EventKind("customer.changed", _("changed the file"), icon="edit"),
    EventKind("customer.point_added", _("noted how the customer is reached"), icon="phone"),
    EventKind("customer.point_changed", _("changed how the customer is reached"), icon="phone"),
    EventKind("customer.agreed", _("noted consent: %(purpose)s"), icon="check", names={"purpose": label_of(Purpose)}),
    EventKind("customer.objected", _("noted an objection: %(purpose)s"), icon="ban", names={"purpose": label_of(Purpose)}),
    EventKind("customer.recognised", _("said that the customer wrote here"), icon="user-check"),
    EventKind("customer.tagged", _("changed the tags"), icon="tag"),
    EventKind("customer.verified", _("checked the data with the customer"), icon="check"),
    EventKind("customer.merged", _("made %(gone)s a part of %(kept)s"), icon="arrows-right-left"),
    EventKind("customer.split", _("took %(gone)s out of %(kept)s again"), icon="git-branch"),
    EventKind("customer.kept_apart", _("found that %(other)s is another customer"), icon="users"),
)
PERIODICS = (Periodic("customers.compare", _("Look for customers with two files"), asking.compare_new, every=60),)
MENU = (MenuItem("customers", _("Customers"), "/customers", "users", order=40, rights=("customers.see",), key="k"),)
PERSONAL_SOURCES = (PersonalSource("customer", queries.revealed, visible=lambda actor, subject_id: actor.can("customers.see")),)


def allowed(actor: Actor, customer_id: int) -> set[str]:
    """The commands on one file; raises ``NotFound`` for a hidden one."""
    return policies.allowed(actor, queries.get(actor, customer_id))


def _held(actor: Actor, customer_id: int) -> dict[str, object]:
    customer = queries.get(actor, customer_id)
    values = {name: getattr(customer, name) for name in services.EDITABLE}
    points = queries.points(customer_id)
    phones = ", ".join(phone.shown(point["value"]) for point in points if point["kind"] == "phone")
    return {**values, "phones": phones, "emails": ", ".join(point["value"] for point in points if point["kind"] == "email")}


MERGED = _("Both are the same customer. Contacts, orders and complaints of the other file come to this one.")


def _told(_actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    data = row["answer__data"] or {}
    form = f"/forms/subjects/{row['answer__subject_id']}/{services.LIFE_FORM}/{row['answer__sequence']}" if row["answer__sequence"] else ""
    return {
        "number": row["number"] or (_("Entry") if form else ""),
        "title": str(data.get("words") or "")[:80],
        "url": form or f"/customers/{row['customer_id']}",
        "state": queries.life_name(row["kind"]),
        "channel": _("Entered by hand") if form else _("Known to Kefu"),
        "note": "",
        "by": row["answer__created_by__name"] or "",
    }


CHAPTERS = (
    Chapter(
        "life", _("Life of the customer"), "flag", "at", "id", queries.life_of,
        ("customer_id", "kind", "number", "answer__data", "answer__subject_id", "answer__sequence", "answer__created_by__name"), _told,
    ),
)  # fmt: skip
FORM_HOSTS = (
    FormHost(
        "customer",
        may_answer=lambda actor, customer_id, code: actor.can("customers.edit") and queries.get(actor, customer_id).merged_into_id is None,
        answered=services.note_answer,
        titled=False,
    ),
)
STAYS = (Stays("customers.tag.customer", lambda rows, kept: rows.filter(code__in=queries.codes_of(kept))),)
COMMAND_SETS = (
    CommandSet(
        "customer",
        allowed,
        (
            Command(
                "edit",
                _("Change"),
                services.edit,
                schemas.CustomerIn,
                confirm=_("I have checked these data with the customer."),
                initial=_held,
            ),
            Command("add_point", _("Add a contact point"), services.add_point, schemas.PointIn),
            Command("change_point", _("Change a contact point"), services.change_point, schemas.PointChangeIn),
            Command("note_consent", _("Consent or objection"), services.note_consent, schemas.ConsentIn),
            Command(
                "tag", _("Tags"), services.tag, schemas.TagsIn, initial=lambda _actor, customer_id: {"tags": queries.codes_of(customer_id)}
            ),
            Command("verify", _("Data checked"), services.verify, tone="primary"),
            Command("merge", _("Merge a duplicate"), routing.merge, schemas.MergeIn, confirm=MERGED),
            Command("merge_with", _("Merge by number"), routing.merge_with, schemas.MergeWithIn, confirm=MERGED),
            Command("keep_apart", _("Not the same customer"), asking.keep_apart, schemas.KeepApartIn),
            Command(
                "split",
                _("Split again"),
                routing.split,
                schemas.SplitIn,
                confirm=_("What was taken over goes back; what came later stays here."),
            ),
        ),
    ),
)
