"""What the form of a fax number asks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.kit.commands import asked
from kefu.people.queries import unit_choices
from kefu.touch.channels.fax.queries import mailboxes


def _units(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return unit_choices()


class LayAside(Schema):
    reason: str = asked(
        _("Reason"), widget="textarea", min_length=1, max_length=500, help=_("Why nobody is to answer it. The fax is kept.")
    )


class MachineIn(Schema):
    """A fax number that people send to."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    address: str = asked(_("Fax number"), min_length=3, max_length=40, pattern=r"^\s*[0-9 +()-]+\s*$", placeholder="0571-87654321")
    unit_id: int = asked(_("Unit"), choices=_units, help=_("Whose inbox the faxes come to."))
    active: bool = asked(_("In use"), True)
    folder: str = asked(
        _("Folder that the fax server writes to"), "", max_length=300, placeholder="/var/spool/fax/in",
        help=_("On the machine that runs Kefu; PDF and TIFF files are taken once they are whole."),
    )  # fmt: skip
    mailbox_id: int | None = asked(
        _("Or the mailbox that the fax server writes to"), None, choices=mailboxes, help=_("Attached PDF and TIFF files are faxes.")
    )
