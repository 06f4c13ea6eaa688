"""Reads: to whom a customer is linked, and which contracts there are. Whoever asks has judged that the file itself may be seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.engines.forms import queries as forms
from kefu.engines.privacy.masking import mask
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor
from kefu.touch.customers import queries as customers
from kefu.touch.customers.services import LIFE_FORM
from kefu.touch.profiles.choices import LinkKind
from kefu.touch.profiles.models import Contract, Link

MOST = 100


def today() -> date:
    return timezone.localdate(moment.now())


def running(rows: QuerySet[Any], first: str, last: str, at: datetime) -> QuerySet[Any]:
    """Those that hold on the day of ``at``: ``first`` and ``last`` name their columns."""
    day = timezone.localdate(at)
    return rows.filter(Q(**{first: None}) | Q(**{f"{first}__lte": day}), Q(**{last: None}) | Q(**{f"{last}__gte": day}))


def links_visible_to(actor: Actor) -> QuerySet[Link]:
    """The links both sides of which a person may see, without files that are a part of another one."""
    seen = customers.visible_to(actor).filter(merged_into=None).values("pk")
    return Link.objects.filter(customer_id__in=seen, whole_id__in=seen)


def links(actor: Actor, customer_id: int) -> list[dict[str, Any]]:
    """Both sides of a file: what it is a part of, and who is a part of it; those of today first. The name of the other is masked."""
    rows = links_visible_to(actor).filter(Q(customer_id=customer_id) | Q(whole_id=customer_id))
    sides = [f"{side}__{name}" for side in ("customer", "whole") for name in ("name", "subject__number")]
    found = rows.order_by("kind", F("until").desc(nulls_first=True), "id")
    return [
        _told(dict(row), customer_id)
        for row in found.values("id", "kind", "role", "since", "until", "customer_id", "whole_id", *sides)[:MOST]
    ]


def _told(row: dict[str, Any], customer_id: int) -> dict[str, Any]:
    side = "whole" if row["customer_id"] == customer_id else "customer"
    kind = LinkKind(row["kind"])
    inside = {LinkKind.HOUSEHOLD: _("Lives here"), LinkKind.COMPANY: _("Works here")}
    return {
        "id": row["id"],
        "kind": row["kind"],
        "kind_name": kind.label if side == "whole" else inside[kind],
        "role": row["role"],
        "since": row["since"],
        "until": row["until"],
        "past": row["until"] is not None and row["until"] < today(),
        "is_whole": side == "whole",
        "other_id": row[f"{side}_id"],
        "number": row[f"{side}__subject__number"],
        "name": mask("name", row[f"{side}__name"]),
    }


def contracts(customer_id: int, *, others: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """The contracts of a file and of ``others`` (its household, its company), those that run first; the place is masked."""
    rows = Contract.objects.filter(customer_id__in=(customer_id, *others)).order_by(F("ended").desc(nulls_first=True), "-id")
    found: list[dict[str, Any]] = [
        dict(row)
        for row in rows.values("id", "customer_id", "customer__subject__number", "number", "matter", "place", "began", "ended")[:MOST]
    ]
    for row in found:
        row["holder"] = "" if row["customer_id"] == customer_id else row["customer__subject__number"]
        row["place"] = mask("address", row["place"])
        row["past"] = row["ended"] is not None and row["ended"] < today()
    return found


def profile(actor: Actor, customer_id: int) -> dict[str, Any]:
    """What the page of a customer shows of this chapter."""
    tied = links(actor, customer_id)
    wholes = tuple(one["other_id"] for one in tied if one["is_whole"] and not one["past"])
    return {"links": tied, "contracts": contracts(customer_id, others=wholes), "has_form": has_form()}


def has_form() -> bool:
    """Whether the centre has the form on which events are entered."""
    try:
        return bool(forms.current(LIFE_FORM).fields)
    except NotFound:
        return False


def held(actor: Actor, customer_id: int) -> dict[str, Any]:
    """Whether a file is a part of another, and whether a link or a contract of it is there to be ended; raises ``NotFound``."""
    mine = Q(customer_id=OuterRef("pk")) | Q(whole_id=OuterRef("pk"))
    rows = customers.visible_to(actor).filter(pk=customer_id)
    found = rows.values(
        "merged_into_id",
        unlink=Exists(links_visible_to(actor).filter(mine, until=None)),
        end_contract=Exists(Contract.objects.filter(customer_id=OuterRef("pk"), ended=None)),
    ).first()
    if found is None:
        raise NotFound()
    return dict(found)


def link_choices(actor: Actor, customer_id: int) -> list[tuple[int, str]]:
    return [(one["id"], f"{one['kind_name']} · {one['number']} {one['name']}") for one in links(actor, customer_id) if not one["until"]]


def contract_choices(customer_id: int) -> list[tuple[int, str]]:
    return [(one["id"], f"{one['number']} {one['matter']}") for one in contracts(customer_id) if not one["ended"]]


def words_of(customer_id: int) -> list[str]:
    """By what a file is found besides its own columns."""
    return list(Contract.objects.filter(customer_id=customer_id).values_list("number", flat=True))
