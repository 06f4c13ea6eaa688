"""Rights about people, the history of accounts, their pages and commands."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kefu.kit.choices_registry import ChoiceSource
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import label_of
from kefu.kit.menu import MenuItem
from kefu.people import policies, queries, schemas, services, units
from kefu.people.actor import Actor
from kefu.people.choices import Scope, UnitKind
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind, SubjectKind

RIGHTS = (
    Right("people.manage", _("Manage units, staff and posts")),
    Right("people.see", _("See the lists of units and staff")),
    Right("secrets.see", _("See secret records")),
    Right("audit.see", _("Read the audit trail")),
    Right("settings.manage", _("Change settings, packs, calendars and limits")),
)


def _account_url(subject_id: int) -> str:
    return f"/settings/staff/account/{subject_id}"


_COLUMNS = {
    "number": _("Agent number"),
    "name": _("Name"),
    "name_en": _("English name"),
    "unit_id": _("Unit"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "kind": _("Kind"),
    "head_id": _("Head"),
    "takes_orders": _("Takes work orders"),
    "bound": _("The regulations bind this unit"),
    "rights": _("Rights"),
    "scope": _("Data scope"),
    "clauses": _("Clauses"),
}
_IDS = {"unit_id", "head_id"}
_NAMES = {"kind": label_of(UnitKind), "scope": label_of(Scope)}


def _changes(data: dict[str, Any]) -> str:
    """Which columns changed; plain values with before and after, personal ones, ids and lists by name alone."""
    parts = []
    for name, pair in data.get("changed", {}).items():
        label = str(_COLUMNS.get(name, name))
        told = pair and name not in _IDS and not any(isinstance(one, (list, bool)) for one in pair)
        if told and name in _NAMES:
            pair = [one and _NAMES[name](one) for one in pair]
        parts.append(f"{label} {pair[0] or '--'} → {pair[1] or '--'}" if told else label)
    return "; ".join(parts)


def _account_changed(data: dict[str, Any]) -> str:
    return gettext("changed the account: %(what)s") % {"what": _changes(data)}


def _unit_changed(data: dict[str, Any]) -> str:
    return gettext("changed the unit %(unit)s: %(what)s") % {"unit": data.get("unit", ""), "what": _changes(data)}


def _post_changed(data: dict[str, Any]) -> str:
    return gettext("changed the post %(post)s: %(what)s") % {"post": data.get("post", ""), "what": _changes(data)}


SUBJECT_KINDS = (SubjectKind("account", _("Account"), "A", _account_url),)
EVENT_KINDS = (
    EventKind("account.created", _("opened the account"), icon="user-plus"),
    EventKind("account.changed", _("changed the account"), icon="edit", describe=_account_changed),
    EventKind("account.deactivated", _("closed the account"), icon="user-off"),
    EventKind("account.reactivated", _("opened the account again"), icon="user-check"),
    EventKind("account.unlocked", _("unlocked the account"), icon="lock-open"),
    EventKind("account.signed_out", _("ended all sessions"), icon="logout"),
    EventKind("account.password_reset", _("gave a one-time password"), icon="key"),
    EventKind("account.password_changed", _("changed the password"), icon="key"),
    EventKind("account.totp_set", _("switched two-step sign-in on"), icon="shield-check"),
    EventKind("account.totp_removed", _("switched two-step sign-in off"), icon="shield-off"),
    EventKind("account.post_granted", _("gave the post %(post)s in %(unit)s"), icon="id-badge"),
    EventKind("account.post_ended", _("ended the post %(post)s in %(unit)s"), icon="id-badge-off"),
    EventKind("account.deputy_set", _("named %(deputy)s as deputy"), icon="users"),
    EventKind("account.deputy_ended", _("ended the deputy"), icon="users"),
    EventKind("account.token_made", _("made the API key %(name)s"), icon="key"),
    EventKind("account.token_revoked", _("revoked the API key %(name)s"), icon="key-off"),
    EventKind("account.unit_created", _("created the unit %(unit)s"), icon="sitemap"),
    EventKind("account.unit_changed", _("changed the unit %(unit)s"), icon="sitemap", describe=_unit_changed),
    EventKind("account.unit_moved", _("moved the unit %(unit)s below %(below)s"), icon="sitemap"),
    EventKind("account.unit_closed", _("closed the unit %(unit)s"), icon="sitemap"),
    EventKind("account.unit_reopened", _("reopened the unit %(unit)s"), icon="sitemap"),
    EventKind("account.post_changed", _("changed the post %(post)s"), icon="id-badge", describe=_post_changed),
)
MENU = (
    MenuItem("units", _("Units"), "/settings/units", icon="sitemap", group="settings", order=10, rights=("people.manage",)),
    MenuItem("staff", _("Staff"), "/settings/staff", icon="users", group="settings", order=11, rights=("people.manage",)),
    MenuItem("posts", _("Posts and rights"), "/settings/posts", icon="id-badge", group="settings", order=12, rights=("people.manage",)),
)
CHOICES = (
    ChoiceSource("units", lambda actor, _id: queries.unit_choices()),
    ChoiceSource("units_for_orders", lambda actor, _id: queries.unit_choices(takes_orders=True)),
    ChoiceSource("all_staff", lambda actor, _id: queries.staff_choices(200), src="/people/options", named=queries.named),
    ChoiceSource("posts", lambda actor, _id: queries.post_choices()),
)


def _staff_initial(actor: Actor, staff_id: int) -> dict[str, Any]:
    row = queries.staff_row(actor, staff_id)
    return {"number": row["number"], "name": row["name"], "unit": row["unit_id"], "phone": row["phone"], "email": row["email"]}


def _own_unit(actor: Actor, staff_id: int) -> dict[str, Any]:
    return {"unit": queries.staff_row(actor, staff_id)["unit_id"]}


def _unit_initial(actor: Actor, unit_id: int) -> dict[str, Any]:
    row = queries.unit_row(unit_id)
    return {name: row[name] for name in ("name", "name_en", "kind", "takes_orders", "bound")} | {
        "head": row["head_id"],
        "parent": row["parent_id"],
    }


COMMANDS = (
    CommandSet(
        "staff",
        policies.allowed_staff,
        (
            Command("change", _("Change"), services.change_staff, schemas.StaffChange, initial=_staff_initial),
            Command("grant", _("Give a post"), services.grant, schemas.Grant, tone="primary", initial=_own_unit),
            Command("end", _("End a post"), services.end_holding, schemas.EndHolding, confirm=_("End this post? Its rights go at once.")),
            Command("set_deputy", _("Name a deputy"), services.set_deputy, schemas.DeputySpan),
            Command("unlock", _("Unlock"), services.unlock),
            Command("sign_out", _("Sign out everywhere"), services.sign_out, confirm=_("End every session of this person?")),
            Command(
                "reset_password", _("Reset password"), services.reset_password, confirm=_("Give a one-time password? The present one ends.")
            ),
            Command("drop_totp", _("Switch two-step sign-in off"), services.drop_totp, confirm=_("Switch two-step sign-in off?")),
            Command(
                "deactivate",
                _("Close account"),
                services.deactivate,
                tone="danger",
                confirm=_("Close this account? Sessions, keys and posts end at once."),
            ),
            Command("reactivate", _("Open account again"), services.reactivate, tone="primary"),
        ),
    ),
    CommandSet(
        "unit",
        policies.allowed_unit,
        (
            Command("change", _("Change"), units.change_unit, schemas.UnitChange, initial=_unit_initial),
            Command(
                "move",
                _("Move"),
                units.move_unit,
                schemas.UnitMove,
                initial=_unit_initial,
                confirm=_("Move this unit with everything below it?"),
            ),
            Command("close", _("Close unit"), units.close_unit, tone="danger", confirm=_("Close this unit?")),
            Command("reopen", _("Reopen unit"), units.reopen_unit, tone="primary"),
        ),
    ),
)
