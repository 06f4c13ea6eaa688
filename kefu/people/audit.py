"""The history of accounts: units and posts have no history of their own, so what is done to them stands with the one who did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kefu.kit.errors import Text
from kefu.people.models import Staff
from kefu.timeline.choices import Audience, Secrecy
from kefu.timeline.services import open_subject, record_one

ACCOUNT = "account"


def account_subject(staff: Staff) -> int:
    """The id of the subject that carries the account's history; made at first need, in the caller's transaction."""
    if staff.subject_id is not None:
        return staff.subject_id
    held: int | None = Staff.objects.select_for_update().values_list("subject_id", flat=True).get(pk=staff.pk)
    if held is None:
        held = open_subject(kind=ACCOUNT, number=f"A{staff.pk}", title=str(staff), secrecy=Secrecy.SECRET).pk
        Staff.objects.filter(pk=staff.pk).update(subject_id=held)
    staff.subject_id = held
    return held


def of_account(*, actor_id: int | None, staff: Staff, kind: str, data: dict[str, Any] | None = None) -> None:
    """Record what happened to an account. ``data`` holds no passwords, secrets or phone numbers."""
    record_one(actor_id=actor_id, subject_id=account_subject(staff), kind=kind, data=data, audience=Audience.AUDIT, clauses=("R-00-1a",))


def of_house(*, actor_id: int | None, kind: str, data: dict[str, Any]) -> None:
    """Record a change of units or posts with the account of the one who made it. What the system itself does stands with no account
    and is left to the log of the command that did it."""
    if actor_id is not None:
        of_account(actor_id=actor_id, staff=Staff.objects.get(pk=actor_id), kind=kind, data=data)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs, by column: [before, after]; ``after`` holds JSON values."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def describes(
    text: Text, labels: Mapping[str, Text], names: Mapping[str, Callable[[str], str]] | None = None
) -> Callable[[dict[str, Any]], str]:
    """How an event with ``changed`` (``differences``) is told: ``text`` with %(name)s and %(what)s, columns called by ``labels``, the
    codes of single columns put into words by ``names``."""

    def said(column: str, value: Any) -> str:
        return _short(names[column](value) if names and column in names and isinstance(value, str) and value else value)

    def describe(data: dict[str, Any]) -> str:
        told = [(name, said(name, old), said(name, new)) for name, (old, new) in data.get("changed", {}).items()]
        # What is new has columns that nobody filled in.
        parts = [f"{labels.get(name, name)} {old} → {new}" for name, old, new in told if old != new]
        return str(text) % {"name": data.get("name", ""), "what": "; ".join(parts)}

    return describe


def _short(value: Any) -> str:
    text = "--" if value in (None, "", [], {}) else "✓" if value is True else "✗" if value is False else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
