"""The ways in that nobody sets up: there before anybody comes by them, so that skills can be given for them (decision 0030)."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils import translation

from kefu.kit.health import Way
from kefu.people.models import Unit
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries
from kefu.touch.conversations.models import Account
from kefu.touch.conversations.registry import WayIn, outlets
from kefu.touch.conversations.services import way_in


def standing() -> Iterator[tuple[str, WayIn]]:
    """What the channels have without being set up."""
    return ((outlet.channel, one) for outlet in outlets if outlet.ways_in for one in outlet.ways_in())


def keep_ways() -> int:
    """Make the ways in that are not there yet, name them as their channel does, and put those out of use that it no longer has (a counter
    that was taken out of the list); gives how many were written. Without a unit that they could belong to, none is made."""
    with translation.override(settings.LANGUAGE_CODE):
        wanted = {(channel, one.address): str(one.name)[:80] for channel, one in standing()}
    held = {(row.channel, row.address): row for row in Account.objects.filter(channel__in=_channels())}
    missing = wanted.keys() - held.keys()
    if missing and not Unit.objects.filter(active=True).exists():
        return 0
    for channel, address in sorted(missing):
        way_in(channel, address, wanted[channel, address])
    return len(missing) + sum(_follows(row, wanted.get(key)) for key, row in held.items())


def _follows(row: Account, name: str | None) -> int:
    if (row.name, row.active) == (name or row.name, name is not None):
        return 0
    return Account.objects.filter(pk=row.pk).update(name=name or row.name, active=name is not None)


def _channels() -> list[str]:
    return [outlet.channel for outlet in outlets if outlet.ways_in]


def health() -> list[Way]:
    """Those of which no channel tells by itself."""
    last = queries.last_of_accounts()
    held = {(row.channel, row.address): row for row in Account.objects.filter(channel__in=_channels())}
    found = []
    for channel, one in standing():
        row = held.get((channel, one.address))
        if one.url:
            came = last.get(row.pk, (None, None))[0] if row else None
            found.append(Way(Channel(channel).label, str(one.name), one.url, row is not None, row is not None, last_in=came))
    return found
