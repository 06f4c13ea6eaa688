"""One row of each section that the rule book itself understands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, field_validator

from kefu.engines.rulebook.choices import Moment
from kefu.engines.rulebook.registry import Cited, RuleRow, within
from kefu.people.choices import Scope, UnitKind


class RegulationRow(RuleRow):
    """A regulation (制度). ``header`` holds the eight fields of its document head."""

    name: str
    name_en: str = ""
    version: str = "1"
    source: str = ""
    header: dict[str, Any] = {}


class ClauseRow(RuleRow):
    """A clause (条款); ``code`` is its id such as R-04-3.7.1."""

    regulation: str
    number: str
    group: str = Field("", pattern=r"^[A-U]?$")
    summary: str
    summary_en: str = ""
    figure: str = ""
    figure_en: str = ""
    truncated: bool = False
    later: str = ""


class UnitRow(RuleRow):
    """A unit that is made if the centre has none with this code; a unit that exists is left as it is."""

    name: str
    name_en: str = ""
    parent: str = ""
    kind: UnitKind = UnitKind.DEPARTMENT
    takes_orders: bool = True
    bound: bool = True


class PostRow(RuleRow):
    """A post (岗位) with its rights."""

    name: str
    name_en: str = ""
    rights: list[str] = []
    scope: Scope = Scope.UNIT
    duties: str = ""


class SettingRow(RuleRow):
    """A dated value; ``code`` is its key such as ``voice.answer_ring``."""

    name: str = ""
    name_en: str = ""
    value: Any
    valid_from: date | None = None


class ItemRow(BaseModel):
    """One choice of a list."""

    model_config = ConfigDict(extra="forbid")

    code: str
    name: str
    name_en: str = ""
    help: str = ""
    extra: dict[str, Any] = {}
    clauses: list[str] = []


class ListRow(RuleRow):
    """A code list (代码表)."""

    name: str
    name_en: str = ""
    help: str = ""
    items: list[ItemRow]

    @field_validator("items")
    @classmethod
    def _once(cls, items: list[ItemRow]) -> list[ItemRow]:
        seen: set[str] = set()
        for item in items:
            if item.code in seen:
                raise ValueError(_("The choice “%(code)s” stands twice.") % {"code": item.code})
            seen.add(item.code)
        return items

    def cited(self) -> Iterable[Cited]:
        yield from super().cited()
        for item in self.items:
            for clause in item.clauses:
                yield Cited(f"{self.code}.{item.code}", clause, *within(self.name, item.name, self.name_en, item.name_en))


class TextRow(RuleRow):
    """A script text (话术) that is offered at a moment, on one channel or ("") on all."""

    moment: Moment
    channel: str = ""
    name: str
    name_en: str = ""
    text: str
    text_en: str = ""
