"""What crosses the door with a customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.engines.rulebook.lists import of_list
from kefu.engines.rulebook.queries import code_items
from kefu.kit.choices_registry import Pairs
from kefu.kit.commands import asked
from kefu.kit.language import named
from kefu.touch.customers import queries
from kefu.touch.customers.choices import ConsentWay, CustomerKind, PointKind, PointLabel, Purpose, ReachedBy, Tier


class CustomerIn(Schema):
    """A customer file."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    kind: CustomerKind = asked(_("Kind"), CustomerKind.PERSON)
    phones: str = asked(_("Phones"), "", max_length=200, help=_("Several with commas; the first is the main one."))
    emails: str = asked(_("Mail addresses"), "", max_length=500, help=_("Several with commas; the first is the main one."))
    area: str = asked(_("Area"), "", max_length=80)
    address: str = asked(_("Address"), "", max_length=200)
    region: str = asked(_("Region class"), "", max_length=10, choices=of_list("region_classes"))
    code: str | None = asked(_("Customer number"), None, max_length=40)
    tier: Tier = asked(_("Tier"), Tier.ORDINARY)
    needs_assistance: str = asked(_("Needs assistance"), "", max_length=100, help=_("Frail, hard of hearing: shown at every contact."))
    wishes: str = asked(_("To mind"), "", max_length=300)
    do_not_call: bool = asked(_("Do not call"), False)


def _alike(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(queries.alike_choices(actor, id or 0))


def _merges(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(queries.merge_choices(id or 0))


class PointIn(Schema):
    """A number, address or identity by which a customer is known and reached."""

    kind: PointKind = asked(_("Kind"), PointKind.PHONE)
    value: str = asked(_("Number or address"), min_length=1, max_length=200)
    label: PointLabel | None = asked(_("Belongs to"), None)
    main: bool = asked(_("Main one of its kind"), False)
    valid_until: date | None = asked(_("Holds until"), None, help=_("After this day nobody is known or reached by it any more."))


def _points(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(queries.point_choices(id or 0))


class PointChangeIn(Schema):
    point: int = asked(_("Contact point"), choices=_points)
    label: PointLabel | None = asked(_("Belongs to"), None)
    main: bool = asked(_("Main one of its kind"), False)
    valid_until: date | None = asked(_("Holds until"), None, help=_("After this day nobody is known or reached by it any more."))


def _purposes(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return [(one.value, one.label) for one in (Purpose.SURVEY, Purpose.MARKETING)]


class ConsentIn(Schema):
    """What a customer said about being called or written to."""

    purpose: Purpose = asked(_("What for"), Purpose.SURVEY, choices=_purposes)
    channel: ReachedBy | None = asked(_("Channel"), None, help=_("Nothing chosen: all channels."))
    given: bool = asked(_("The customer agrees"), False, help=_("Off: the customer objects."))
    way: ConsentWay = asked(_("How it was said"), ConsentWay.SPOKEN)
    evidence: str = asked(_("Evidence"), min_length=1, max_length=300, help=_("Number of the recording, letter or form, or the words."))


def _tags(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    held = set(queries.codes_of(id or 0))
    return [(item["code"], named(item)) for item in code_items(queries.TAGS, all_items=True) if item["valid"] or item["code"] in held]


class TagsIn(Schema):
    tags: list[str] = asked(_("Tags"), [], widget="multi", choices=_tags, max_length=50)


class MergeIn(Schema):
    other: int = asked(_("The other file"), choices=_alike)
    reason: str = asked(_("Reason"), "", max_length=200)


class MergeWithIn(Schema):
    number: str = asked(_("Number of the other file"), min_length=3, max_length=40, placeholder="KH…")
    reason: str = asked(_("Reason"), min_length=1, max_length=200)


class KeepApartIn(Schema):
    other: int = asked(_("The other file"), choices=_alike)


class SplitIn(Schema):
    merge: int = asked(_("The file to take out again"), choices=_merges)


class CustomerMade(Schema):
    id: int = Field(examples=[815])
    number: str = Field(examples=["KH202611220003"])


class CustomerRow(Schema):
    id: int
    number: str
    name: str = Field(examples=["张**"])
    phone: str = Field(examples=["138****1234"])
    area: str
    address: str = Field(examples=["文一路****"])
    code: str | None
    tier: str
    verified_at: datetime | None


class CustomerPage(Schema):
    items: list[CustomerRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class CustomerRead(CustomerRow):
    kind: str
    needs_assistance: str
    wishes: str
    do_not_call: bool
    source: str
    tags: list[str] = Field(description="Codes of the list customer_tags")
    merged_into: int | None = Field(description="The file that this one became a part of")
    points: list[dict[str, Any]]
    events: list[dict[str, Any]]
    allowed: list[str] = Field(description="Commands that may be given now")
