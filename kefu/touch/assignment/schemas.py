"""What the commands ask."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.kit.commands import asked
from kefu.touch.assignment import queries


class SetSkill(Schema):
    account_id: int = asked(_("Way in"), choices=queries.accounts)
    level: int = asked(_("Level from 1 to 9 (0: none)"), ge=0, le=9)
