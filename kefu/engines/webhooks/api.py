"""Receivers for other systems: the commands on one, and on a delivery."""

from __future__ import annotations

from ninja import Router

from kefu.engines.webhooks.declares import COMMANDS, DELIVERY
from kefu.engines.webhooks.queries import KIND
from kefu.kit.command_api import add_commands

router = Router(tags=[KIND])
add_commands(router, COMMANDS, "webhooks")
add_commands(router, DELIVERY, "webhook-deliveries")
