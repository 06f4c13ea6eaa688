"""What the command of an agent asks, and what crosses the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.kit.commands import asked
from kefu.touch.presence import queries
from kefu.touch.presence.choices import BY_HAND, KINDS


def _states(_actor: Any, _id: int | None) -> list[tuple[str, str]]:
    return [(str(state), str(state.label)) for state in BY_HAND]


def _reasons(_actor: Any, _id: int | None) -> list[tuple[str, str]]:
    return [pair for state, kind in KINDS.items() if kind.why for pair in queries.reasons(state)]


class Change(Schema):
    state: str = asked(_("State"), max_length=10, choices=_states)
    reason: str = asked(_("Reason"), "", max_length=40, choices=_reasons)


class AgentRow(Schema):
    id: int = Field(description="Of the person", examples=[21])
    number: str = Field(examples=["021"])
    name: str
    unit: str
    state: str = Field(examples=["ready"])
    reason: str
    since: datetime
    due: datetime | None = Field(description="When the state has lasted long enough")


class AgentPage(Schema):
    items: list[AgentRow]
