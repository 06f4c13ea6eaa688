"""Reads about customers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import fields_of
from kefu.engines.privacy.masking import mask
from kefu.engines.privacy.sources import columns
from kefu.engines.rulebook.queries import code_items, code_name
from kefu.kit import moment, phone
from kefu.kit.errors import Invalid, NotFound
from kefu.kit.language import named as named_text
from kefu.kit.paging import Page, after, cut, decode
from kefu.people.actor import Actor
from kefu.timeline import queries as timeline
from kefu.timeline.queries import takes_part
from kefu.touch.customers.choices import ConsentWay, Ground, Life, PointKind, PointLabel, Purpose, ReachedBy
from kefu.touch.customers.models import Consent, ContactPoint, Customer, LifeEvent, Likeness, Merge, Tag
from kefu.touch.customers.registry import Chapter, chapters

KIND = "customer"
TAGS = "customer_tags"
MERGE = "customers.merge"
IN_BOTH = ("customer.merged", "customer.split")
# The kinds of contact points by which who writes is known, and how each kind is masked.
WRITTEN = (PointKind.EMAIL, PointKind.CHAT, PointKind.SOCIAL)
MASKED = {"phone": "phone", "email": "email", "chat": "phone", "social": "phone", "post": "address"}


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """All customers for holders of ``customers.see``; otherwise those whose file a person follows."""
    if actor.can("customers.see"):
        return Customer.objects.all()
    return Customer.objects.filter(takes_part(actor, "subject__"))


def get(actor: Actor, customer_id: int) -> Customer:
    """One customer with its subject; raises ``NotFound`` for a hidden one."""
    found = visible_to(actor).select_related("subject").filter(pk=customer_id).first()
    if found is None:
        raise NotFound()
    return found


_CARD = ("name", "address", "area", "tier", "code", "needs_assistance", "wishes", "do_not_call", "subject__number")


def by_phone(actor: Actor, number: str, limit: int = 5) -> list[dict[str, Any]]:
    """The customers behind a phone number, newest file first; one look-up in the index of contact points."""
    value = phone.normalise(number)
    if not value or not actor.can("customers.see"):
        return []
    rows = valid_points().filter(kind="phone", value=value).order_by("-customer_id")
    return list(rows.values("customer_id", *[f"customer__{name}" for name in _CARD], "confirmed_at")[:limit])


def card(actor: Actor, customer_id: int) -> list[dict[str, Any]]:
    """One customer as ``by_phone`` gives him; nothing for a hidden one."""
    row = visible_to(actor).filter(pk=customer_id).values(*_CARD).first()
    return [{"customer_id": customer_id, **{f"customer__{name}": value for name, value in row.items()}}] if row else []


def named(actor: Actor, word: str) -> list[int]:
    """The customers that a number of a file, a customer number or a phone names; at most two. The numbers of what became part of a file
    name that file."""
    word = word.strip()
    seen = visible_to(actor).filter(merged_into=None)
    own = Q(subject__number=word.upper()) | Q(code=word)
    parts = Customer.objects.filter(own, merged_into__isnull=False).values("merged_into_id")
    found = list(seen.filter(own | Q(pk__in=parts)).values_list("pk", flat=True)[:2])
    if not found and phone.is_possible(word):
        holders = valid_points().filter(kind="phone", value=phone.normalise(word)).values("customer_id")
        found = list(seen.filter(pk__in=holders).values_list("pk", flat=True)[:2])
    return found


def by_email(address: str, limit: int = 5) -> list[dict[str, Any]]:
    """The customers behind a mail address or an identity of a written channel, newest file first. For what arrives by itself: says
    nothing about who may see them."""
    return by_emails([address]).get(address.strip().lower(), [])[:limit]


def by_emails(addresses: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """``by_email`` for many, by the address in small letters."""
    wanted = {address.strip().lower() for address in addresses} - {""}
    rows = valid_points().filter(kind__in=WRITTEN, value__in=wanted).order_by("-customer_id")
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.values("value", "customer_id", "customer__name", "customer__address") if wanted else ():
        found.setdefault(row["value"], []).append(dict(row))
    return found


def of_phone(number: str, limit: int = 5) -> list[dict[str, Any]]:
    """The customers behind a phone number, newest file first. For what arrives by itself: says nothing about who may see them."""
    rows = valid_points().filter(kind="phone", value=phone.normalise(number)).order_by("-customer_id")
    return [dict(row) for row in rows.values("customer_id", "customer__name", "customer__address")[:limit]] if number.strip() else []


def whom(*, number: str, phone_number: str, email: str) -> int | None:
    """The one customer whom a customer number names, else a phone, else a mail address; None for nobody or more than one. For what
    arrives by itself: says nothing about who may see the file."""
    held = Customer.objects.filter(code=number).values_list("pk", "merged_into_id").first() if number else None
    if held is not None:
        return held[1] or held[0]
    for rows in (of_phone(phone_number, 2), by_email(email, 2) if email else []):
        if rows:
            found: int = rows[0]["customer_id"]
            return found if len(rows) == 1 else None
    return None


def points(customer_id: int) -> list[dict[str, Any]]:
    rows = ContactPoint.objects.filter(customer_id=customer_id).order_by("-main", "id")
    return [dict(row) for row in rows.values("id", "kind", "value", "label", "main", "confirmed_at", "valid_until")]


def told_points(customer_id: int) -> list[dict[str, Any]]:
    """The contact points as a page shows them: masked, with words for kind and label, and whether they hold no more."""
    today = timezone.localdate(moment.now())
    return [
        {
            **point,
            "shown": shown(point),
            "kind_name": PointKind(point["kind"]).label,
            "label_name": PointLabel(point["label"]).label if point["label"] else "",
            "ended": point["valid_until"] is not None and point["valid_until"] < today,
        }
        for point in points(customer_id)
    ]


def consents(customer_id: int) -> list[dict[str, Any]]:
    """What a customer said about being reached, the last word for each purpose and channel, newest first."""
    rows = Consent.objects.filter(customer_id=customer_id).order_by("-at", "-id")
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.values("purpose", "channel", "given", "way", "evidence", "at", "by__name")[:200]:
        last.setdefault((row["purpose"], row["channel"]), dict(row))
    return list(last.values())


def told_consents(customer_id: int) -> list[dict[str, Any]]:
    """``consents`` with words for codes."""
    return [
        {
            **row,
            "purpose_name": Purpose(row["purpose"]).label,
            "channel_name": ReachedBy(row["channel"]).label if row["channel"] else _("All channels"),
            "way_name": ConsentWay(row["way"]).label,
        }
        for row in consents(customer_id)
    ]


def refusal(customer_id: int | None, *, channel: str, purpose: Purpose) -> str:
    """Why a customer is not reached for this purpose on this way (``ReachedBy``); "" if he may be. Whatever sends asks here first.

    What the service needs is never refused (``Purpose``).
    """
    if purpose == Purpose.SERVICE:
        return ""
    if customer_id is None:
        return _("Nobody knows whether the person agreed.") if purpose == Purpose.MARKETING else ""
    said = [one for one in consents(customer_id) if one["purpose"] == purpose and one["channel"] in ("", channel)]
    if said:
        last = said[0]
        day = timezone.localdate(last["at"]).isoformat()
        return "" if last["given"] else _("The customer objected to it on %(day)s.") % {"day": day}
    if channel == ReachedBy.CALL and Customer.objects.filter(pk=customer_id, do_not_call=True).exists():
        return _("The customer does not want to be called.")
    return _("The customer has not agreed to it.") if purpose == Purpose.MARKETING else ""


def point_choices(customer_id: int) -> list[tuple[int, str]]:
    return [(one["id"], f"{one['kind_name']} {one['shown']} {one['label_name']}".strip()) for one in told_points(customer_id)]


def valid_points() -> QuerySet[ContactPoint]:
    """By whom customers are known and reached today."""
    today = timezone.localdate(moment.now())
    return ContactPoint.objects.filter(Q(valid_until=None) | Q(valid_until__gte=today))


def shown(point: dict[str, Any]) -> str:
    """The value of a point, masked by what it is."""
    return mask(MASKED[point["kind"]], phone.shown(point["value"]) if point["kind"] == "phone" else point["value"])


def revealed(customer_id: int, field: str) -> tuple[str, str] | None:
    """The class and the whole value of one personal field of a file; ``point12`` is the contact point with this id."""
    if field.startswith("point") and field[5:].isdecimal() and len(field) < 20:
        row = ContactPoint.objects.filter(customer_id=customer_id, pk=int(field[5:])).values_list("kind", "value").first()
        return (MASKED[row[0]], phone.shown(row[1]) if row[0] == "phone" else row[1]) if row else None
    return _column(customer_id, field)


_column = columns("customers.Customer")


def main_phone(customer_id: int) -> str:
    """The first phone number of a customer, or ""."""
    row = valid_points().filter(customer_id=customer_id, kind="phone").order_by("-main", "id").values_list("value").first()
    return row[0] if row else ""


def mail_of(customer_id: int) -> str:
    """The first mail address of a customer, or "". For what goes out by itself: says nothing about who may see it."""
    row = valid_points().filter(customer_id=customer_id, kind=PointKind.EMAIL).order_by("-main", "id").values_list("value").first()
    return row[0] if row else ""


LISTED = ("subject_id", "subject__number", "name", "area", "address", "code", "tier", "verified_at", "phone")
MORE = ("kind", "needs_assistance", "wishes", "do_not_call", "source", "merged_into")


def _with_phone(query: QuerySet[Customer]) -> QuerySet[Customer]:
    main = valid_points().filter(customer_id=OuterRef("pk"), kind="phone").order_by("-main", "id").values("value")[:1]
    return query.annotate(phone=Subquery(main))


def row(actor: Actor, customer_id: int) -> dict[str, Any]:
    """One file as a row; raises ``NotFound`` for a hidden one."""
    found = _with_phone(visible_to(actor).filter(pk=customer_id)).values(*LISTED, *MORE).first()
    if found is None:
        raise NotFound()
    return dict(found)


def rows(
    actor: Actor, *, ids: list[int] | None = None, area: str = "", code: str = "", tree: Any = None, cursor: str | None = None,
    size: int = 50,
) -> Page[dict[str, Any]]:  # fmt: skip
    """One page of the list, newest first; ``ids`` narrows it to what a search found, ``tree`` by a condition.

    What became part of another file is found there, also by its customer number.
    """
    query = visible_to(actor).filter(merged_into=None)
    if code:
        query = query.filter(Q(code=code) | Q(pk__in=Customer.objects.filter(code=code).values("merged_into_id")))
    if ids is not None:
        query = query.filter(pk__in=ids)
    if area:
        query = query.filter(area__startswith=area)
    if tree:
        query = query.filter(to_q(tree, fields_of(KIND), actor=actor, at=moment.now()))
    listed = _with_phone(after(query, keys=("-subject_id",), cursor=cursor)).values(*LISTED)[: size + 1]
    return cut([dict(row) for row in listed], size=size, key=lambda row: [row["subject_id"]])


def number_of(customer_id: int) -> str:
    return str(Customer.objects.filter(pk=customer_id).values_list("subject__number", flat=True).first() or "")


_PARTS = (
    "WITH RECURSIVE part(id) AS (SELECT CAST(%s AS bigint) UNION SELECT one.subject_id FROM customers_customer one"
    " JOIN part ON one.merged_into_id = part.id) SELECT id FROM part"
)


def family(customer_id: int) -> list[int]:
    """A file, first, and all that became part of it, by one statement however often files were merged: whose history is told together."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [customer_id])
        return [customer_id, *sorted(pk for (pk,) in cursor.fetchall() if pk != customer_id)]


def course(customer_id: int, *, cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """One page of what happened to a file and its parts, newest first. What stands in both files of a merger is told once. The caller
    has judged that the file may be seen."""
    page = timeline.history_page(family(customer_id), cursor=cursor, size=size)
    rows = {str((row["kind"], row["at"], row["data"]) if row["kind"] in IN_BOTH else row["id"]): row for row in page.rows}
    return Page(list(rows.values()), page.next)


def line(
    actor: Actor, customer_id: int, *, kind: str = "", channel: str = "", cursor: str | None = None, size: int = 25
) -> Page[dict[str, Any]]:
    """What passed between a customer and the firm, over all channels and chapters, newest first: what a person may see of it.

    Every chapter gives at most one page, found by its index; the caller has judged that the file may be seen.
    """
    place = _place(cursor)
    found: list[dict[str, Any]] = []
    for rank, chapter in enumerate(chapters):
        if kind in ("", chapter.code):
            found += _told(actor, chapter, rank, chapter.rows(actor, customer_id, channel).filter(_before(chapter, rank, place)), size)
    found.sort(key=lambda one: (-one["at"].timestamp(), one["rank"], -one["id"]))
    return cut(found[: size + 1], size=size, key=lambda one: [one["at"].isoformat(), one["rank"], one["id"]])


def _place(cursor: str | None) -> tuple[datetime, int, int] | None:
    if not cursor:
        return None
    at, rank, pk = decode(cursor, 3)
    try:
        found = datetime.fromisoformat(at)
    except (TypeError, ValueError) as error:
        raise Invalid(code="bad_cursor") from error
    if not isinstance(rank, int) or not isinstance(pk, int) or found.tzinfo is None:
        raise Invalid(code="bad_cursor")
    return found, rank, pk


def _before(chapter: Chapter, rank: int, place: tuple[datetime, int, int] | None) -> Q:
    if place is None:
        return Q()
    at, last_rank, last = place
    if rank < last_rank:
        return Q(**{f"{chapter.at}__lt": at})
    older = Q(**{f"{chapter.at}__lte": at})
    return older if rank > last_rank else older & (Q(**{f"{chapter.at}__lt": at}) | Q(**{f"{chapter.key}__lt": last}))


def _told(actor: Actor, chapter: Chapter, rank: int, wanted: QuerySet[Any], size: int) -> list[dict[str, Any]]:
    rows = wanted.order_by(f"-{chapter.at}", f"-{chapter.key}").values(chapter.at, chapter.key, *chapter.values)[: size + 1]
    always = {"kind": chapter.code, "kind_name": chapter.name, "icon": chapter.icon, "rank": rank}
    return [{**always, "id": row[chapter.key], "at": row[chapter.at], **chapter.told(actor, row)} for row in rows]


def life_of(actor: Actor, customer_id: int, channel: str) -> QuerySet[LifeEvent]:
    """What happened in the life of a customer up to now; the caller has judged that the file may be seen. No channel carries it."""
    found = LifeEvent.objects.filter(customer_id=customer_id, at__lte=moment.now())
    return found.none() if channel else found


def life_name(kind: str) -> str:
    return str(Life(kind).label) if kind in Life.values else code_name("life_events", kind)


def tag_names() -> list[tuple[str, str]]:
    """All tags of the list, also those that are given no more."""
    return [(item["code"], named_text(item)) for item in code_items(TAGS, all_items=True)]


def codes_of(customer_id: int) -> list[str]:
    return list(Tag.objects.filter(customer_id=customer_id).values_list("code", flat=True))


def tagged(op: str, value: Any, at: datetime) -> Q:
    """The condition of the field "tag": one of these, or any for ``empty`` turned round."""
    held = Tag.objects.filter(customer_id=OuterRef("pk"))
    if op == "empty":
        return Q(~Exists(held))
    return Q(Exists(held.filter(code__in=value if isinstance(value, list) else [value])))


def tags_of(ids: Iterable[int]) -> dict[int, list[dict[str, str]]]:
    """The tags of these files in the order of the list: code, name, tone."""
    rows = Tag.objects.filter(customer_id__in=list(ids)).values_list("customer_id", "code")
    known = {item["code"]: (place, named_text(item), item["extra"].get("tone", "secondary"))
             for place, item in enumerate(code_items(TAGS, all_items=True))}  # fmt: skip
    found: dict[int, list[dict[str, str]]] = {}
    for customer_id, code in sorted(rows, key=lambda row: known.get(row[1], (len(known),))[0]):
        _place, name, tone = known.get(code, (0, code, "secondary"))
        found.setdefault(customer_id, []).append({"code": code, "name": name, "tone": tone})
    return found


def alike(actor: Actor, customer_id: int | None = None, *, cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """Open proposals, latest first, of one file or of all: both files masked, and why."""
    wanted = Likeness.objects.filter(settled_at=None)
    wanted = wanted if actor.can("customers.see") else wanted.none()
    if customer_id is not None:
        wanted = wanted.filter(Q(one_id=customer_id) | Q(other_id=customer_id))
    named = [f"{side}__{name}" for side in ("one", "other") for name in ("subject__number", "name", "address")]
    listed = after(wanted, keys=("-id",), cursor=cursor).values("id", "one_id", "other_id", "ground", "found_at", *named)[: size + 1]
    page = cut([dict(row) for row in listed], size=size, key=lambda row: [row["id"]])
    for row in page.rows:
        row["ground_name"] = Ground(row["ground"]).label
        for side in ("one", "other"):
            row[f"{side}__name"] = mask("name", row[f"{side}__name"])
            row[f"{side}__address"] = mask("address", row[f"{side}__address"])
    return page


def alike_choices(actor: Actor, customer_id: int) -> list[tuple[int, str]]:
    """The files that may be of the same customer, to choose from."""
    found = []
    for row in alike(actor, customer_id, size=20).rows:
        side = "other" if row["one_id"] == customer_id else "one"
        told = f"{row[f'{side}__subject__number']} {row[f'{side}__name']} {row[f'{side}__address']} · {row['ground_name']}"
        found.append((row[f"{side}_id"], told))
    return found


def merge_choices(customer_id: int) -> list[tuple[int, str]]:
    """The merges into a file that can be undone, to choose from."""
    rows = Merge.objects.filter(kept_id=customer_id, undone_at=None).order_by("-id")
    return [
        (pk, f"{number} {mask('name', name)}") for pk, number, name in rows.values_list("id", "gone__subject__number", "gone__name")[:50]
    ]
