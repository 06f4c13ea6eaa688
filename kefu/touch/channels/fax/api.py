"""Faxes that wait for a person, for other systems: the commands on one."""

from __future__ import annotations

from ninja import Router

from kefu.kit.command_api import add_commands
from kefu.touch.channels.fax.declares import COMMANDS
from kefu.touch.channels.fax.queries import KIND

router = Router(tags=[KIND])
add_commands(router, COMMANDS, "fax-quarantine")
