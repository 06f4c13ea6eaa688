"""What the commands of supervision ask."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.cases.supervision import queries
from kefu.cases.supervision.choices import Level
from kefu.kit.commands import asked


class UrgeIn(Schema):
    text: str = asked(_("In the customer's words"), widget="textarea", min_length=2, max_length=2000)


class SuperviseIn(Schema):
    level: Level = asked(_("Grade"))
    demand: str = asked(_("What is demanded"), widget="textarea", min_length=2, max_length=2000)


class ReplyIn(Schema):
    reply: str = asked(_("Reply"), widget="textarea", min_length=2, max_length=2000)


class LiftIn(Schema):
    reason: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


class AskSuperior(Schema):
    staff_id: int = asked(_("Superior"), choices=queries.superiors)
    text: str = asked(_("What help is needed"), widget="textarea", min_length=2, max_length=500)


class GiveHelp(Schema):
    answer: str = asked(_("Answer"), widget="textarea", min_length=2, max_length=2000)
