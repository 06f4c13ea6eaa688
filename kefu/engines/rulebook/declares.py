"""The sections that the rule book itself understands, its commands, events and places in the menu."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from kefu.engines.rulebook import policies, queries, rows, schemas, scripts, sections, services
from kefu.engines.rulebook.registry import Carries, Reference, RuleKind
from kefu.kit import show
from kefu.kit.choices_registry import ChoiceFamily, ChoiceSource
from kefu.kit.commands import Command, CommandSet
from kefu.kit.menu import MenuItem
from kefu.timeline.registry import EventKind


def _regulation(row: rows.ClauseRow) -> Iterable[Reference]:
    return [Reference("regulations", row.regulation, "regulation")]


def _parent(row: rows.UnitRow) -> Iterable[Reference]:
    return [Reference("units", row.parent, "parent")] if row.parent else []


CHOICE_FAMILIES = (ChoiceFamily("list", lambda code: ChoiceSource(f"list:{code}", queries.choices_of(code))),)
RULE_KINDS = (
    RuleKind("regulations", _("Regulations"), rows.RegulationRow, sections.plan_regulations, order=10, how="rule"),
    RuleKind("clauses", _("Clauses"), rows.ClauseRow, sections.plan_clauses, order=11, how="rule", refs=_regulation),
    RuleKind("units", _("Units"), rows.UnitRow, sections.plan_units, order=15, how="post", refs=_parent),
    RuleKind("posts", _("Posts"), rows.PostRow, sections.plan_posts, order=20, how="post", by_hand=True),
    RuleKind("settings", _("Settings"), rows.SettingRow, sections.plan_settings, order=30, how="setting"),
    RuleKind("lists", _("Code lists"), rows.ListRow, sections.plan_lists, order=31, how="list"),
    RuleKind("texts", _("Script texts"), rows.TextRow, sections.plan_texts, order=32, how="text"),
)

COMMANDS = (
    CommandSet(
        "setting",
        policies.allowed_setting,
        (Command("set", _("Set a new value"), services.set_value, schemas.SetValue, tone="primary", initial=services.value_now),),
    ),
    CommandSet(
        "code_list", policies.allowed_list, (Command("add", _("Add a choice"), services.add_item, schemas.NewItem, tone="primary"),)
    ),
    CommandSet(
        "code_item",
        policies.allowed_item,
        (
            Command("change", _("Change"), services.change_item, schemas.ItemText, initial=services.item_words),
            Command("retire", _("Take out"), services.retire_item, tone="danger", confirm=_("Take this choice out of new cases?")),
            Command("restore", _("Offer again"), services.restore_item),
        ),
    ),
    CommandSet(
        "text_card",
        policies.allowed_text,
        (
            Command("change", _("Change"), scripts.change, schemas.ScriptText, initial=scripts.words),
            Command("retire", _("Take out"), scripts.retire, tone="danger", confirm=_("Offer this text no longer?")),
            Command("restore", _("Offer again"), scripts.restore),
        ),
    ),
    CommandSet(
        "regulation", policies.allowed_regulation, (Command("read", _("I have read this version"), services.confirm_read, tone="primary"),)
    ),
)
_DONE = {"added": _("added"), "changed": _("changed"), "retired": _("taken out"), "restored": _("offered again")}


def _done(what: str) -> str:
    return str(_DONE.get(what, what))


_LIST_NAMES = {"list": queries.list_name, "what": _done}
_VALUE_NAMES = {"key": queries.setting_name, "valid_from": lambda at: show.stamp(datetime.fromisoformat(at))}
EVENT_KINDS = (
    EventKind("rulebook.pack_loaded", _("loaded the pack %(pack)s: %(count)s changes"), icon="package"),
    EventKind("rulebook.setting_changed", _("set %(key)s to %(after)s from %(valid_from)s"), icon="adjustments", names=_VALUE_NAMES),
    EventKind("rulebook.text_changed", _("changed the script text: %(name)s (%(what)s)"), icon="message-2", names={"what": _done}),
    EventKind("rulebook.list_changed", _("changed the list %(list)s: %(name)s (%(what)s)"), icon="list", names=_LIST_NAMES),
)
_READERS = policies.READERS
MENU = (
    MenuItem("packs", _("Packs"), "/settings/packs", icon="package", group="settings", order=50, rights=_READERS),
    MenuItem("values", _("Dated values"), "/settings/values", icon="adjustments", group="settings", order=51, rights=_READERS),
    MenuItem("lists", _("Code lists"), "/settings/lists", icon="list", group="settings", order=52, rights=_READERS),
    MenuItem("texts", _("Script texts"), "/settings/texts", icon="message-2", group="settings", order=53, rights=_READERS),
    MenuItem("regulations", _("Regulations"), "/regulations", icon="book", group="insight", order=60),
)
CARRIES = (
    Carries("screen", "/regulations", _("Regulations with their head fields, versions and read receipts"), ("R-00-hdr", "R-00-1b")),
    Carries("screen", "/settings/packs", _("Packs: versions, comparison, loading"), ("R-03-1.2.3",)),
)
