"""What crosses the door with an article."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.engines.rulebook.lists import of_list
from kefu.kit.commands import asked
from kefu.touch.knowledge.choices import Domain, Reach
from kefu.touch.knowledge.queries import today


def _in_a_year() -> date:
    return today() + timedelta(days=365)


class ArticleIn(Schema):
    """The text of an article and for how long it holds."""

    title: str = asked(_("Title"), min_length=1, max_length=120)
    domain: Domain = asked(_("Knowledge domain"), Domain.PRODUCT)
    reason: str = asked(
        _("Reason of an invalid complaint"),
        "",
        max_length=60,
        choices=of_list("complaint_invalid_reasons"),
        help=_("For explanation cards."),
    )
    body: str = asked(
        _("Content"), min_length=1, max_length=20_000, widget="textarea", rows=14, help=_("Markdown: # heading, - list, **bold**.")
    )
    source: str = asked(_("Source or legal basis"), "", max_length=200)
    reach: Reach = asked(_("Who reads it"), Reach.STAFF)
    valid_from: date = asked(_("Holds from"), default_factory=today)
    valid_until: date = asked(_("Holds until"), default_factory=_in_a_year)


class ReasonIn(Schema):
    reason: str = asked(_("Reason"), min_length=1, max_length=500, widget="textarea")


class RemarkIn(Schema):
    text: str = asked(_("What is out of date or wrong?"), min_length=1, max_length=500, widget="textarea")


class AnswerIn(Schema):
    answer: str = asked(_("What was done"), min_length=1, max_length=500, widget="textarea")


class ArticleMade(Schema):
    id: int = Field(examples=[815])
    number: str = Field(examples=["ZS20261122000003"])


class ArticleRow(Schema):
    id: int
    number: str
    title: str
    domain: str
    reach: str
    reason: str
    state: str
    version: int = Field(description="The number of the version in force; 0: none")
    valid_from: date
    valid_until: date
    changed_at: datetime


class ArticlePage(Schema):
    items: list[ArticleRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class ArticleRead(ArticleRow):
    body: str
    source: str
    figures: dict[str, int]
    events: list[dict[str, Any]]
    allowed: list[str] = Field(description="Commands that may be given now")
