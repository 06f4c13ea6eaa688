"""A line by SMPP: what waits is submitted, what arrives is stored and only then acknowledged."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.patience import maybe
from kefu.engines.texting import pdus, smpp
from kefu.engines.texting.carrier import Arrived, Busy, Receipt, SignInRefused, Trouble
from kefu.engines.texting.pdus import Short
from kefu.kit import moment, phone, sentences
from kefu.kit.errors import Text as Sentence
from kefu.touch.channels.sms import routing, services
from kefu.touch.channels.sms.choices import State
from kefu.touch.channels.sms.models import Handed, Line, Piece, Text
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account

log = logging.getLogger("kefu.sms")
WINDOW, PAUSE = 10, 1.0
AFTER_BIND, BEFORE_BIND = 60.0, timedelta(minutes=10)
BUSY, AGAIN = {pdus.THROTTLED, pdus.QUEUE_FULL}, {pdus.SYSTEM}


def place_of(line: Line) -> smpp.Place:
    return smpp.Place(line.host, line.port, line.tls, line.key, line.secret, line.system_type)


class Talk:
    """One session of a line: what was submitted and has no answer yet, and how fast it may go."""

    def __init__(self, line: Line, session: smpp.Session) -> None:
        self.line, self.session = line, session
        self.asked: dict[int, tuple[Text, int, int]] = {}
        self.parts: dict[int, int] = {}
        self.rest_until = 0.0
        self.sent_in_second: tuple[int, int] = (0, 0)
        self.bound_at = moment.now()

    def turn(self, seconds: float) -> None:
        """Submit what waits and take in what arrives within ``seconds``. Raises ``Trouble`` when the session is over."""
        self.submit_waiting()
        for event in self.session.events(seconds):
            if isinstance(event, smpp.Taken):
                self._answered(event)
            else:
                self._came(event)

    def submit_waiting(self) -> None:
        """As many texts as the window and the pace allow, each marked before it is written."""
        if time.monotonic() < self.rest_until:
            return
        cut_off = Q(state=State.SENDING, asked_at__lt=moment.now() - routing.CUT_OFF)
        waiting = Text.objects.filter(Q(state=State.QUEUED) | cut_off, account_id=self.line.pk, next_at__lte=moment.now())
        busy = {text.pk for text, _part, _last in self.asked.values()}
        for pk in waiting.exclude(pk__in=busy).order_by("next_at", "pk").values_list("pk", flat=True)[:WINDOW]:
            if len(self.asked) >= WINDOW or not self._pace():
                return
            self._submit(pk)

    def _pace(self) -> bool:
        second, count = int(time.monotonic()), self.sent_in_second[1]
        count = count + 1 if self.sent_in_second[0] == second else 1
        if count > self.line.per_second:
            return False
        self.sent_in_second = (second, count)
        return True

    def _submit(self, pk: int) -> None:
        """The parts of a text that the SMSC has not taken yet."""
        with transaction.atomic():
            held = Text.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            if held is None or held.state not in (State.QUEUED, State.SENDING):
                return
            if held.state == State.SENDING:  # the process that wrote it has died before the answer
                routing.settle(held, State.FAILED, maybe(_("the session ended")))
                return
            held.state, held.asked_at = State.SENDING, moment.now()
            held.save(update_fields=["state", "asked_at"])
            there = set(Handed.objects.filter(text=held).values_list("part", flat=True))
        parts = pdus.cut(held.body, held.pk % 255 + 1, payload=self.line.payload)
        for number, part in enumerate(parts, 1):
            if number not in there:
                self.asked[self.session.submit(self.line.account.address, held.number, part)] = (held, number, len(parts))
        self.parts[held.pk] = len(parts) - len(there)

    def _answered(self, taken: smpp.Taken) -> None:
        """The SMSC took a part, refused it, or asks to wait."""
        held, part, _of = self.asked.pop(taken.sequence, (None, 0, 0))
        if held is None:
            return
        self.parts[held.pk] -= 1
        last = self.parts[held.pk] == 0
        if taken.status == pdus.OK:
            routing.works(self.line)
            routing.handed(held, part, taken.id, last=last and held.state == State.SENDING)
        elif held.state == State.SENDING:
            self._not_taken(held, taken.status)
        if last:
            del self.parts[held.pk]

    def _not_taken(self, held: Text, status: int) -> None:
        why = pdus.STATUS.get(status, f"status {status:#x}")
        if status in BUSY:
            self.rest_until = time.monotonic() + PAUSE
            routing.waits(held, self.line, Busy(why), _by_itself)
        elif status in AGAIN:
            routing.waits(held, self.line, Trouble(why), _by_itself)
        else:
            routing.refused(held, self.line, sentences.plain(why))

    def _came(self, came: smpp.Came) -> None:
        """Store a receipt or a text, then say so; what cannot be read is refused, so that it comes no second time."""
        if came.short is None:
            log.warning("SMS line %s: a malformed deliver_sm was refused", self.line.pk)
            self.session.acknowledge(came.pdu, pdus.REJECT)
            return
        told = pdus.receipt(came.short)
        if told is not None:
            self._receipt(told)
        else:
            self._text(came.short)
        self.session.acknowledge(came.pdu)

    def _receipt(self, told: pdus.Told) -> None:
        state = "pending" if told.state in pdus.PENDING or not told.state else "delivered" if told.state == "DELIVRD" else "failed"
        detail = f"{told.state} {told.error}".strip()
        if told.id:
            routing.receive(self.line.pk, Receipt(_known(self.line.pk, told.id), state, detail))

    def _text(self, short: Short) -> None:
        with transaction.atomic():
            coding, data = _whole(self.line, short)
            if data is None:
                return
            text = pdus.words(coding, data)
            number = short.source if short.source.startswith("+") or len(short.source) < 12 else f"+{short.source}"
            if time.monotonic() - self.session.bound_at < AFTER_BIND and self._said_before(number, text):
                return
            services.take_in(self.line, Arrived(uuid.uuid4().hex, number, text, short.target))

    def _said_before(self, number: str, text: str) -> bool:
        """Whether the same came shortly before this session began: then its acknowledgement was lost, and it is delivered again."""
        span = (self.bound_at - BEFORE_BIND, self.bound_at)
        return conversations.said_between(self.line.pk, phone.normalise(number), text.strip(), *span)

    def end(self, why: Sentence) -> None:
        """The session is over: what has no answer may have been sent."""
        for held, _part, _of in self.asked.values():
            if held.state == State.SENDING:
                routing.refused(held, self.line, maybe(why))
        self.asked.clear()


def _by_itself(_at: object) -> None:
    """The session finds what waits."""


def _known(account_id: int, name: str) -> str:
    """The name under which the text was taken: some SMSCs answer in hexadecimal digits and write receipts in decimal ones."""
    other = []
    if name.isdecimal() and len(name) >= 8:
        other = [f"{int(name):x}", f"{int(name):X}", name.lstrip("0")]
    known = set(Handed.objects.filter(account_id=account_id, foreign_id__in=[name, *other]).values_list("foreign_id", flat=True))
    return next((one for one in (name, *other) if one in known), name)


def _whole(line: Line, short: Short) -> tuple[int, bytes | None]:
    """The bytes of a text; None while parts of it are missing."""
    if short.total == 1:
        return short.coding, short.data
    which = {"account_id": line.pk, "number": short.source[:40], "reference": short.reference, "total": short.total}
    Line.objects.select_for_update(of=("self",)).get(pk=line.pk)
    Piece.objects.filter(**which, at__lt=moment.now() - services.KEEP_PIECES).delete()
    Piece.objects.get_or_create(**which, place=short.place, defaults={"text": short.data.hex()[:400]})
    pieces = list(Piece.objects.filter(**which).order_by("place").values_list("text", flat=True))
    if len(pieces) < short.total:
        return short.coding, None
    Piece.objects.filter(**which).delete()
    return short.coding, b"".join(bytes.fromhex(one) for one in pieces)


def stay(line: Line, goes_on: Callable[[], bool], seconds: float = 0.5) -> None:
    """Hold a session until it is no longer ours. Raises ``Trouble`` when it breaks."""
    with smpp.opened(place_of(line)) as session:
        works(line.pk)
        talk = Talk(line, session)
        try:
            while goes_on():
                talk.turn(seconds)
        except Trouble as error:
            talk.end(str(error))
            raise
        finally:
            talk.end(_("the session was closed"))


def works(account_id: int) -> None:
    """The SMSC has bound us."""
    Account.objects.filter(pk=account_id).update(health=Health.GOOD, trouble="", tried_at=moment.now())


def failing(account_id: int, error: Exception) -> None:
    """The SMSC cannot be reached; ``error`` says why."""
    said = str(error) if isinstance(error, SignInRefused | Trouble) else f"{type(error).__name__}: {error}"
    log.warning("SMS line %s has no session: %s", account_id, said)
    Account.objects.filter(pk=account_id).update(health=Health.FAILING, trouble=said[:500], tried_at=moment.now())
