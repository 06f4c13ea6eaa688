"""The sections that the rule book itself understands."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from kefu.engines.rulebook import schemas, sections
from kefu.engines.rulebook.registry import Reference, RuleKind


def _regulation(row: schemas.ClauseRow) -> Iterable[Reference]:
    return [Reference("regulations", row.regulation, "regulation")]


def _parent(row: schemas.UnitRow) -> Iterable[Reference]:
    return [Reference("units", row.parent, "parent")] if row.parent else []


RULE_KINDS = (
    RuleKind("regulations", _("Regulations"), schemas.RegulationRow, sections.plan_regulations, order=10, how="rule"),
    RuleKind("clauses", _("Clauses"), schemas.ClauseRow, sections.plan_clauses, order=11, how="rule", refs=_regulation),
    RuleKind("units", _("Units"), schemas.UnitRow, sections.plan_units, order=15, how="post", refs=_parent),
    RuleKind("posts", _("Posts"), schemas.PostRow, sections.plan_posts, order=20, how="post"),
    RuleKind("settings", _("Settings"), schemas.SettingRow, sections.plan_settings, order=30, how="setting"),
    RuleKind("lists", _("Code lists"), schemas.ListRow, sections.plan_lists, order=31, how="list"),
    RuleKind("texts", _("Script texts"), schemas.TextRow, sections.plan_texts, order=32, how="text"),
)
