"""What crosses the door with an announcement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.kit import moment
from kefu.kit.choices_registry import Pairs
from kefu.kit.commands import asked
from kefu.people.queries import post_codes, unit_choices
from kefu.touch.announcements.choices import Kind


def _posts(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(post_codes())


def _units(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(unit_choices())


class AnnouncementIn(Schema):
    """What is announced, to whom, and until when it must be read."""

    kind: Kind = asked(_("Kind"), Kind.NOTICE)
    title: str = asked(_("Title"), min_length=1, max_length=120)
    body: str = asked(
        _("Content"), min_length=1, max_length=20_000, widget="textarea", rows=10, help=_("Markdown: # heading, - list, **bold**.")
    )
    read_hours: int | None = asked(
        _("To be read within (hours)"), 24, ge=1, le=720, help=_("Each reader confirms the reading. Empty: no receipt is asked.")
    )
    posts: list[str] = asked(_("For these posts"), [], widget="multi", choices=_posts, help=_("Empty: for all posts."))
    units: list[int] = asked(_("For these units"), [], widget="multi", choices=_units, help=_("With all below. Empty: for all units."))
    unit_id: int | None = asked(_("Department in charge"), None, choices=_units, group=_("Business information"))
    area: str = asked(_("Area"), "", max_length=120, group=_("Business information"))
    effective_from: datetime | None = asked(_("Takes effect"), None, group=_("Business information"))
    effective_to: datetime | None = asked(_("Ends"), None, group=_("Business information"))


class ReasonIn(Schema):
    reason: str = asked(_("Reason"), min_length=1, max_length=500, widget="textarea")


def _tomorrow() -> datetime:
    return timezone.localtime(moment.now()).replace(hour=18, minute=0, second=0, microsecond=0) + timedelta(days=1)


class DemandIn(Schema):
    until: datetime = asked(
        _("Hand in by"), default_factory=_tomorrow, help=_("The head of the department is told now and urged before the limit.")
    )


class AttachIn(Schema):
    files: list[int] = asked(_("Files"), [], widget="file", max_length=20)


class AnnouncementMade(Schema):
    id: int = Field(examples=[815])
    number: str = Field(examples=["GG20261122000003"])


class AnnouncementRow(Schema):
    id: int
    number: str
    title: str
    kind: str
    state: str
    published_at: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None
    late: bool = Field(description="Information that took effect before the centre received it")


class AnnouncementPage(Schema):
    items: list[AnnouncementRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class AnnouncementRead(AnnouncementRow):
    body: str
    read_hours: int | None
    reading: dict[str, int] | None = Field(description="How many were asked to read it, have, and are overdue; for who publishes")
    allowed: list[str] = Field(description="Commands that may be given now")
