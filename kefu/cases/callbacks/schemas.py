"""What the commands of a callback ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import ConfigDict, Field

from kefu.cases.callbacks.choices import Reached, Verdict, Way
from kefu.cases.callbacks.models import DEFAULT_POST
from kefu.kit.commands import asked
from kefu.people.queries import post_codes


class Recorded(Schema):
    verdict: Verdict = asked(_("The customer says"), widget="radio")
    words: str = asked(_("In the customer's words"), "", widget="textarea", max_length=2000)
    way: Way = asked(_("Way"), Way.PHONE)
    heads_present: str = asked(_("Heads present"), "", max_length=200)


class TryAgain(Schema):
    reached: Reached = asked(_("How the try ended"))
    not_before: datetime | None = asked(_("Try again from"), None)
    remark: str = asked(_("Remark"), "", max_length=500)


class GiveUp(Schema):
    reason: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


def _posts(actor: object, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    return post_codes()


class CallbackRuleIn(Schema):
    """Which finished cases are called back."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    name_en: str = asked(_("English name"), "", max_length=80)
    percent: int = asked(_("Share"), 100, ge=0, le=100, unit="%", help=_("Of the cases that match; 0 calls none of them back."))
    post: str = asked(
        _("Post"), DEFAULT_POST, max_length=40, choices=_posts, help=_("Its holders call back; the limit is addressed to them.")
    )
    position: int = asked(_("Position"), 100, ge=0, le=9999, help=_("The first rule that matches decides."))
    active: bool = asked(_("In force"), False)


class CallbackRuleWrite(CallbackRuleIn):
    """A whole rule with its condition. `POST /filters/preview` tells what the condition finds before the rule is in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "报修一半",
                "subject_kind": "workorder",
                "condition": {"field": "type_kind", "op": "eq", "value": "repair"},
                "percent": 50,
                "post": DEFAULT_POST,
                "position": 10,
                "active": True,
            }
        }
    )

    subject_kind: str = Field("workorder", max_length=32, description="The kind of case; that of a stored rule stays")
    condition: dict[str, Any] = Field(default_factory=dict, description="As in `GET /orders?filter=`, of facts of a case; {}: every case")


class CallbackRuleSet(Schema):
    id: int
    code: str
    name: str
    name_en: str
    subject_kind: str
    condition: dict[str, Any]
    words: str = Field(description="The condition in words")
    percent: int
    post: str = Field(description="Code of the post that calls back", examples=[DEFAULT_POST])
    position: int
    active: bool
    clauses: list[str]
    pack: str = Field(description="The pack it came with; empty: this centre's own")


class CallbackRuleSets(Schema):
    rows: list[CallbackRuleSet]


class CallbackRuleSetRead(CallbackRuleSet):
    allowed: list[str] = Field(description="Commands that may be given now")


class CallbackRow(Schema):
    id: int
    subject_id: int = Field(description="Id of the order or complaint")
    number: str = Field(examples=["GD202611220012"])
    kind: str = Field(examples=["workorder"])
    content: str
    name: str
    phone: str
    tries: int
    created_at: datetime
    not_before: datetime


class CallbackPage(Schema):
    items: list[CallbackRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class CallbackRead(CallbackRow):
    state: str
    verdict: str
    words: str
    done_at: datetime | None
    of_case: list[dict[str, Any]]
    allowed: list[str]
