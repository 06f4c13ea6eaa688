"""What webhooks give the other engines, and their commands."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters.fields import FieldSet, FieldSpec
from kefu.engines.jobs.registry import Periodic, Ticker
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.webhooks import gathering, policies, queries, services, tasks
from kefu.engines.webhooks.choices import Off, State
from kefu.kit.commands import Command, CommandSet
from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.choices import Audience

RIGHTS = (Right(policies.MANAGE, _("Set up webhooks")),)
EVENT_KINDS = services.EVENT_KINDS


def _off(why: str) -> str:
    return str(Off(why).label)


NOTICE_KINDS = (NoticeKind("webhook.off", _("The receiver “%(name)s” was switched off: %(why)s"), "alert-triangle", names={"why": _off}),)
HEALTH = (Source("webhooks", queries.health, (policies.MANAGE,)),)
MENU = (MenuItem("webhooks", _("Webhooks"), "/settings/webhooks", "send", "settings", 70, (policies.MANAGE,)),)
TICKERS = (Ticker("webhooks.gather", gathering.gather), Ticker("webhooks.post", tasks.POSTS.turn))
PERIODICS = (Periodic("webhooks.tidy", _("Forget old deliveries of webhooks"), tasks.tidy, every=600),)
FILTER_FIELDS = (
    FieldSet(
        queries.KIND,
        (
            FieldSpec("event", _("Event"), "choice", "kind", choices=lambda: queries.event_choices()),
            FieldSpec("subject", _("Record"), "choice", "kind", choices=lambda: queries.kind_choices()),
            FieldSpec("unit", _("Unit"), "unit", "unit_path"),
            FieldSpec("audience", _("Told to"), "choice", "audience", choices=lambda: list(Audience.choices)),
        ),
        right=policies.MANAGE,
        facts=("event", "subject", "unit", "audience"),
    ),
)


def allowed(actor: Actor, receiver_id: int) -> set[str]:
    """The commands on one receiver; raises ``NotFound``. A new secret has a page of its own, since its answer is shown once."""
    row = queries.get(actor, receiver_id)
    return policies.allowed(actor, row, dead=bool(queries.how_many(row.pk, State.DEAD))) - {"rotate"}


def allowed_delivery(actor: Actor, delivery_id: int) -> set[str]:
    """The commands on one delivery; raises ``NotFound``."""
    return policies.allowed_delivery(actor, queries.get_delivery(actor, delivery_id))


def _deliveries(_result: object, receiver_id: int) -> str:
    return reverse("webhook", args=[receiver_id])


COMMANDS = CommandSet(
    queries.KIND,
    allowed,
    (
        Command("ping", _("Send a test"), services.ping, tone="primary", leads_to=_deliveries),
        Command(
            "send_all_again",
            _("Send all dead letters again"),
            services.send_all_again,
            confirm=_("Send everything again that was given up?"),
            leads_to=_deliveries,
        ),
        Command(
            "remove",
            _("Remove the receiver"),
            services.remove,
            tone="danger",
            confirm=_("Remove this receiver with all its deliveries? The audit trail keeps that it was there."),
            leads_to=lambda _made, _id: reverse("webhooks"),
        ),
    ),
)
DELIVERY = CommandSet(queries.DELIVERY, allowed_delivery, (Command("send_again", _("Send now"), services.send_again, tone="primary"),))
COMMAND_SETS = (COMMANDS, DELIVERY)
