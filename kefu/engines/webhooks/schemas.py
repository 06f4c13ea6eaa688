"""What the forms of a receiver ask."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.engines.webhooks.queries import event_choices, kind_choices
from kefu.kit.commands import asked


class ReceiverIn(Schema):
    """A system that hears of events."""

    name: str = asked(_("Name"), min_length=1, max_length=80, placeholder="ERP")
    url: str = asked(_("Address"), min_length=8, max_length=500, widget="text", placeholder="https://erp.example.com/hooks")
    active: bool = asked(_("In use"), True)
    kinds: list[str] = asked(_("Kinds of records"), [], choices=kind_choices, help=_("Nothing ticked: all of them."))
    events: list[str] = asked(_("Events"), [], choices=event_choices, help=_("Nothing chosen: all of them."))


class Rotate(Schema):
    secret: str = asked(
        _("Signing secret"),
        "",
        max_length=120,
        help=_("A secret is “whsec_” and 24 to 64 bytes in base64. Leave it empty to have one made."),
    )
