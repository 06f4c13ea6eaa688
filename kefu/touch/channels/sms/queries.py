"""Reads about SMS: lines, templates, texts on their way, numbers that want none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kefu.engines.privacy.masking import mask
from kefu.engines.texting import length
from kefu.kit import phone, sentences
from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.health import Ill, Way
from kefu.people.actor import SYSTEM, Actor
from kefu.touch.channels.sms.choices import Approval, Carrier, Occasion, State
from kefu.touch.channels.sms.models import Blocked, Line, Template, Text
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account

KIND = "sms_template"
MANAGE, WRITE, APPROVE = "sms.manage", "sms.write", "sms.approve"
MOST = 100
ACCOUNT = ("id", "name", "address", "unit_id", "unit__name", "active", "health", "trouble", "tried_at")
# What may be read of a line: no secret is among it.
KEPT = (
    "carrier",
    "recipe",
    "key",
    "host",
    "port",
    "tls",
    "system_type",
    "payload",
    "per_second",
    "signature",
    "hours",
    "workdays",
    "hotline",
)
LINE = (*KEPT, "hook", "sent_at", "send_trouble")
TEMPLATE = (
    "id", "name", "text", "occasion", "vendor_code", "state", "written_by_id", "written_by__name", "written_at", "judged_by__name",
    "judged_at", "remark",
)  # fmt: skip


def lines(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The lines, with what waits and failed lately; none for who has nothing to do with them."""
    if actor.id is not None and not any(actor.can(one) for one in (MANAGE, WRITE, APPROVE)):
        return []
    rows = {row["id"]: dict(row) for row in Account.objects.filter(channel=Channel.SMS, **which).order_by("name", "pk").values(*ACCOUNT)}
    for line in Line.objects.filter(pk__in=list(rows)).values("account_id", *LINE):
        rows[line.pop("account_id")].update(line | {"send_trouble": sentences.shown(line["send_trouble"])})
    for pk, row in rows.items():
        texts = Text.objects.filter(account_id=pk).order_by().values_list("pk")
        row["waits"] = len(texts.filter(state__in=(State.QUEUED, State.SENDING))[:MOST])
        row["failed"] = len(texts.filter(state=State.FAILED)[:MOST])
    return [row for row in rows.values() if "hook" in row]


def line(actor: Actor, account_id: int) -> dict[str, Any]:
    """One line for its form; raises ``NotAllowed``, ``NotFound``."""
    if actor.id is not None and not actor.can(MANAGE):
        raise NotAllowed()
    found = lines(actor, pk=account_id)
    if not found:
        raise NotFound()
    return found[0]


def by_hook(hook: str) -> Line:
    """The line in use whose gateway posts to this address; raises ``NotFound``."""
    found = Line.objects.select_related("account__unit").filter(hook=hook[:40], account__active=True, carrier=Carrier.GATEWAY).first()
    if found is None:
        raise NotFound()
    return found


def templates(actor: Actor) -> list[dict[str, Any]]:
    """All templates, those in force first."""
    if not (actor.can(WRITE) or actor.can(APPROVE)):
        return []
    order = {Approval.APPROVED: 0, Approval.DRAFT: 1, Approval.REFUSED: 2, Approval.RETIRED: 3}
    found = [dict(row) for row in Template.objects.order_by("-id").values(*TEMPLATE)[:300]]
    for row in found:
        row["state_name"], row["occasion_name"] = Approval(row["state"]).label, Occasion(row["occasion"]).label
        row["length"] = length.measure(row["text"])
    return sorted(found, key=lambda row: order[Approval(row["state"])])


def template(actor: Actor, template_id: int) -> Template:
    """One template; raises ``NotFound`` for who neither writes nor approves them."""
    rows = Template.objects.select_related("written_by", "judged_by")
    found = rows.filter(pk=template_id).first() if actor.can(WRITE) or actor.can(APPROVE) else None
    if found is None:
        raise NotFound()
    return found


def recent(actor: Actor, size: int = 30) -> list[dict[str, Any]]:
    """The newest texts that went wrong or wait, numbers masked and without their words."""
    if not any(actor.can(one) for one in (MANAGE, WRITE, APPROVE)):
        return []
    names = ("id", "account__name", "number", "parts", "state", "trouble", "since", "next_at", "tries", "template__name")
    rows = Text.objects.filter(state__in=(State.QUEUED, State.SENDING, State.FAILED)).order_by("-id").values(*names)[:size]
    return [
        {
            **row,
            "number": mask("phone", phone.shown(row["number"])),
            "state_name": State(row["state"]).label,
            "trouble": sentences.shown(row["trouble"]),
        }
        for row in rows
    ]


def blocked_since(number: str, wrote_at: datetime | None) -> bool:
    """Whether a person wants no texts, and has not written again since."""
    at = Blocked.objects.filter(number=number).values_list("at", flat=True).first()
    return at is not None and (wrote_at is None or wrote_at <= at)


def how_many_blocked() -> int:
    """Counted to ``MOST``."""
    return len(Blocked.objects.order_by().values_list("pk")[:MOST])


def occasions() -> set[str]:
    """For which occasions a template is approved and a line is there to send it."""
    if not Line.objects.filter(account__active=True).exists():
        return set()
    return set(Template.objects.filter(state=Approval.APPROVED).exclude(occasion=Occasion.NONE).values_list("occasion", flat=True))


def advice(trouble: str) -> str:
    """What to do about the trouble of a carrier."""
    said = trouble.lower()
    if any(word in said for word in ("sign-in", "401", "403", "password", "bind", "auth")):
        return _("Check the key and the secret; some carriers also want the address of this machine to be registered.")
    if any(word in said for word in ("refused", "timed out", "unreachable", "reset", "name or service", "getaddrinfo", "no address")):
        return _("Check name and port of the server, and that this machine may reach it.")
    if any(word in said for word in ("throttl", "busy", "429", "503", "queue full")):
        return _("The server asks to wait; it is tried again by itself.")
    return _("It is tried again by itself; if it stays so, ask the carrier.")


def health() -> list[Way]:
    """How each line fares."""
    last, found = conversations.last_of_accounts(), []
    for row in lines(SYSTEM):
        came, went = last.get(row["id"], (None, None))
        ills = tuple(_ills(row)) if row["active"] else ()
        tried, out = row["health"] != Health.UNKNOWN or row["sent_at"] is not None, row["sent_at"] or went
        found.append(
            Way(_("SMS line"), row["address"], "/settings/sms", row["active"], tried, came, out, row["waits"], row["failed"], ills)
        )
    return found


def _ills(row: dict[str, Any]) -> Iterator[Ill]:
    if trouble := row["trouble"] if row["health"] == Health.FAILING else row["send_trouble"]:
        yield Ill(_("The carrier says: %(trouble)s") % {"trouble": trouble}, advice(trouble))
    if row["failed"]:
        yield Ill(_("%(failed)s texts not sent") % row, _("Look at them in the inbox and under Settings, SMS."))
