"""What links and contracts give the engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters.database import through
from kefu.engines.filters.fields import FieldSpec, FurtherFields
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import label_of
from kefu.timeline.registry import EventKind
from kefu.touch.customers.queries import KIND
from kefu.touch.customers.registry import FoundBy, Stays
from kefu.touch.profiles import policies, queries, schemas, services
from kefu.touch.profiles.choices import LinkKind
from kefu.touch.profiles.models import Contract, Link

NAMES = {"link": label_of(LinkKind)}
EVENT_KINDS = (
    EventKind("customer.linked", _("linked this file with %(other)s: %(link)s"), icon="users", names=NAMES),
    EventKind("customer.unlinked", _("ended the link with %(other)s: %(link)s"), icon="users", names=NAMES),
    EventKind("customer.contract_added", _("entered contract %(number)s"), icon="file-text"),
    EventKind("customer.contract_ended", _("entered the end of contract %(number)s"), icon="file-text"),
    EventKind("customer.contract_removed", _("took contract %(number)s away"), icon="file-text"),
)
FOUND_BY = (FoundBy("profiles.contracts", queries.words_of),)


def _parts(rows: QuerySet[Any], kept: int) -> QuerySet[Any]:
    """Links to what the kept file is linked to already, and to the kept file itself."""
    known = Link.objects.filter(customer_id=kept, whole_id=OuterRef("whole_id"), kind=OuterRef("kind"), until=None)
    return rows.filter(Q(whole_id=kept) | Exists(known))


def _wholes(rows: QuerySet[Any], kept: int) -> QuerySet[Any]:
    known = Link.objects.filter(whole_id=kept, customer_id=OuterRef("customer_id"), kind=OuterRef("kind"), until=None)
    return rows.filter(Q(customer_id=kept) | Exists(known))


def _contracts(rows: QuerySet[Any], kept: int) -> QuerySet[Any]:
    return rows.filter(number__in=Contract.objects.filter(customer_id=kept).values("number"))


def _linked(kind: LinkKind) -> Callable[[datetime], QuerySet[Any]]:
    return lambda at: queries.running(Link.objects.filter(customer_id=OuterRef("pk"), kind=kind), "since", "until", at)


def _contracted(at: datetime) -> QuerySet[Any]:
    return Contract.objects.filter(customer_id=OuterRef("pk"))


def _running(at: datetime) -> QuerySet[Any]:
    return queries.running(_contracted(at), "began", "ended", at)


WORDS = ("eq", "ne", "in", "not_in", "contains", "starts", "empty", "not_empty")
ENDS = ("within", "eq", "lt", "le", "gt", "ge", "between")
FILE = "whole__subject__number"
FURTHER_FIELDS = (
    FurtherFields(
        "profiles",
        KIND,
        (
            FieldSpec(
                "household", _("Household (number of its file)"), "text", through(_linked(LinkKind.HOUSEHOLD), "text", FILE), ops=WORDS
            ),
            FieldSpec("company", _("Company (number of its file)"), "text", through(_linked(LinkKind.COMPANY), "text", FILE), ops=WORDS),
            FieldSpec("contract", _("Running contract (number)"), "text", through(_running, "text", "number"), ops=WORDS),
            FieldSpec("contract_matter", _("Running contract (matter)"), "text", through(_running, "text", "matter"), ops=WORDS),
            FieldSpec("contract_ended", _("Contract ends"), "date", through(_contracted, "date", "ended"), ops=ENDS),
        ),
    ),
)
STAYS = (
    Stays("profiles.link.customer", _parts),
    Stays("profiles.link.whole", _wholes),
    Stays("profiles.contract.customer", _contracts),
)
COMMAND_SETS = (
    CommandSet(
        KIND,
        policies.allowed,
        (
            Command("link", _("Link with another file"), services.link, schemas.LinkIn),
            Command("unlink", _("End a link"), services.unlink, schemas.UnlinkIn),
            Command("add_contract", _("Enter a contract"), services.add_contract, schemas.ContractIn),
            Command("end_contract", _("End a contract"), services.end_contract, schemas.ContractEndIn),
        ),
    ),
)
