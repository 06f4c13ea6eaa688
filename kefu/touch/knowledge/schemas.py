"""What crosses the door with an article."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.engines.rulebook.lists import of_list
from kefu.engines.rulebook.queries import code_items
from kefu.kit.choices_registry import Pairs
from kefu.kit.commands import asked
from kefu.kit.language import named
from kefu.people.queries import post_codes
from kefu.touch.knowledge import queries
from kefu.touch.knowledge.choices import Domain, Reach
from kefu.touch.knowledge.queries import today


def _in_a_year() -> date:
    return today() + timedelta(days=365)


def categories(actor: Any = None, id: int | None = None) -> Pairs:  # noqa: A002
    """The categories with the domain they belong to."""
    names = dict(Domain.choices)
    rows = [(item["code"], named(item), names.get(item["extra"].get("domain", ""))) for item in code_items("knowledge_categories")]
    return [(code, f"{domain} · {name}" if domain else name) for code, name, domain in rows]


def _posts(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(post_codes())


def _attached(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return queries.newest_files(actor, id or 0)


class ArticleIn(Schema):
    """The text of an article and for how long it holds."""

    title: str = asked(_("Title"), min_length=1, max_length=120)
    domain: Domain = asked(_("Knowledge domain"), Domain.PRODUCT)
    category: str = asked(_("Knowledge catalogue"), "", max_length=60, choices=categories)
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
    posts: list[str] = asked(_("Posts"), [], widget="multi", choices=_posts, help=_("For certain posts only: who holds one of them."))
    valid_from: date = asked(_("Holds from"), default_factory=today)
    valid_until: date = asked(_("Holds until"), default_factory=_in_a_year)


class ReasonIn(Schema):
    reason: str = asked(_("Reason"), min_length=1, max_length=500, widget="textarea")


class DismissIn(Schema):
    reason: str = asked(
        _("Reason"), min_length=1, max_length=200, widget="textarea", help=_("Seen beside the questions, so nobody asks again.")
    )


class AttachIn(Schema):
    files: list[int] = asked(_("Files"), [], widget="file", max_length=20)


class DetachIn(Schema):
    file: int = asked(_("File"), choices=_attached)


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
    category: str
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
    files: list[dict[str, Any]] = Field(description="Id, name, size and media type of what is attached")
    figures: dict[str, int]
    events: list[dict[str, Any]]
    allowed: list[str] = Field(description="Commands that may be given now")


class QuestionRow(Schema):
    id: int
    text: str
    count: int = Field(description="How often on this day")
    total: int = Field(description="How often at all")
    sources: dict[str, int] = Field(description="Where it was asked, and how often")
    examples: list[str]
    state: str
    article: int | None
    first_on: date
    last_on: date


class QuestionList(Schema):
    day: date
    items: list[QuestionRow]
    next: str | None
