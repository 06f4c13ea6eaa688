"""What arrives: texts of people become turns of a conversation; words that end notices are honoured."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from django.db import transaction

from kefu.engines.texting.carrier import Arrived
from kefu.kit import moment, phone
from kefu.touch.channels.sms.models import Blocked, Early, Line, Piece
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Auto
from kefu.touch.conversations.services import Incoming

STOP = frozenset({"t", "td", "退订", "退訂", "取消订阅", "stop", "unsubscribe", "td退订", "退订td", "t退订"})
RESUME = frozenset({"恢复订阅", "恢复", "订阅", "start", "hf"})
MOST_TEXT = 5000
KEEP_PIECES, KEEP_RECEIPTS = timedelta(days=2), timedelta(days=7)


def said(text: str) -> str:
    """The bare word of a text: without marks and spaces, small, of one width."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in plain if char.isalnum())


@transaction.atomic
def take_in(line: Line, arrived: Arrived) -> str:
    """Store a text once: ``stored``, ``known``, ``unsubscribed`` or ``resumed``.

    It goes on the last conversation with the number on this line; two of one instant come one after the other.
    """
    Line.objects.select_for_update(of=("self",)).get(pk=line.pk)
    number = phone.normalise(arrived.number) or arrived.number.strip()[:40]
    text = talks.clean(arrived.text, MOST_TEXT).strip()
    word = said(text)
    running = conversations.latest_with(line.pk, number)
    incoming = Incoming(
        foreign_id=f"in:{arrived.foreign_id}", sender=number, phone=number, title=text[:60], text=text, reply=text,
        auto=Auto.AUTO_REPLY if word in STOP | RESUME else Auto.NONE,
    )  # fmt: skip
    if word in STOP:
        held, new = Blocked.objects.get_or_create(number=number, defaults={"word": text[:40]})
        if not new:
            Blocked.objects.filter(pk=held.pk).update(at=moment.now())
    elif word in RESUME:
        Blocked.objects.filter(number=number).delete()
    if incoming.auto and running is None:
        return "unsubscribed" if word in STOP else "resumed"
    _message, new = talks.receive(account=line.account, incoming=incoming, conversation_id=running)
    if incoming.auto:
        return "unsubscribed" if word in STOP else "resumed"
    return "stored" if new else "known"


def forget_old() -> int:
    """Drop parts whose rest never came after two days, and receipts that no text asked for after a week."""
    at = moment.now()
    gone = Piece.objects.filter(at__lt=at - KEEP_PIECES).delete()[0]
    return gone + Early.objects.filter(at__lt=at - KEEP_RECEIPTS).delete()[0]
