"""What crosses the door with links and contracts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from ninja import Schema

from kefu.kit.choices_registry import Pairs
from kefu.kit.commands import asked
from kefu.touch.profiles import queries
from kefu.touch.profiles.choices import LinkKind

MISTAKE = _("Left empty: it was entered by mistake and is taken away.")


class LinkIn(Schema):
    """The other file and what it is to this one."""

    kind: LinkKind = asked(_("Link"), LinkKind.HOUSEHOLD)
    number: str = asked(_("Number of the other file"), min_length=3, max_length=40, help=_("KH number, customer number or phone."))
    role: str = asked(_("Role"), "", max_length=40, placeholder=_("Owner, tenant, who pays the bills"))
    since: date | None = asked(pgettext_lazy("link", "Since"), None)


def _links(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(queries.link_choices(actor, id or 0))


class UnlinkIn(Schema):
    link: int = asked(_("Link"), choices=_links)
    until: date | None = asked(_("Last day"), None, help=MISTAKE)


class ContractIn(Schema):
    """A contract of a customer."""

    number: str = asked(_("Contract or meter number"), min_length=1, max_length=40)
    matter: str = asked(_("What it is about"), min_length=1, max_length=80, placeholder=_("Supply, rent, upkeep"))
    place: str = asked(_("Place"), "", max_length=200)
    began: date | None = asked(_("First day"), None)
    ended: date | None = asked(_("Last day"), None)


def _contracts(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return list(queries.contract_choices(id or 0))


class ContractEndIn(Schema):
    contract: int = asked(_("Contract"), choices=_contracts)
    ended: date | None = asked(_("Last day"), None, help=MISTAKE)
