"""Background work of the SMS channel: texts that go out by a gateway, and the sessions with SMSCs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from django.db.models import QuerySet

from kefu.engines.jobs.services import enqueue, enqueue_at, job
from kefu.engines.jobs.watching import RENEW, Watching
from kefu.engines.texting.carrier import Trouble
from kefu.touch.channels.sms import asking, routing
from kefu.touch.channels.sms.choices import Carrier
from kefu.touch.channels.sms.models import Line, Text
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.registry import Outlet
from kefu.touch.conversations.services import Message


@job(priority=20)
def deliver(text_id: int) -> None:
    """Hand one text to its gateway."""
    routing.deliver(text_id, lambda at: enqueue_at(at, deliver, text_id))


def go(held: Text) -> None:
    """Queue a text in the caller's transaction; the session of an SMPP line finds its texts by itself."""
    if Line.objects.filter(pk=held.account_id, carrier=Carrier.GATEWAY).exists():
        enqueue_at(held.next_at, deliver, held.pk) if held.next_at > held.since else enqueue(deliver, held.pk)


def notice(**about: Any) -> Text | None:
    """Write a notice (``routing.notice``) and queue it, in the caller's transaction."""
    made = routing.notice(**about)
    if made is not None:
        go(made)
    return made


def send(message: Message) -> None:
    """Make the text and queue it, in the transaction of the reply."""
    go(routing.write(message))


OUTLET = Outlet(Channel.SMS, send, routing.hindrance, most_text=routing.MOST_TEXT, most_files=0)


class Sessions(Watching):
    """Holds the SMPP sessions of this process."""

    what, expected = "sms-line", (Trouble,)

    def rows(self) -> QuerySet[Line]:
        return Line.objects.filter(account__active=True, carrier=Carrier.SMPP).exclude(host="")

    def stay(self, pk: int) -> None:
        line = Line.objects.select_related("account__unit").get(pk=pk)
        asking.stay(line, self._ours(pk))

    def _ours(self, pk: int) -> Callable[[], bool]:
        """Asked at every turn; the lease is renewed every few seconds."""
        asked = [time.monotonic()]

        def ours() -> bool:
            if time.monotonic() - asked[0] < RENEW and not self.stopping.is_set():
                return True
            asked[0] = time.monotonic()
            close_old_connections()
            return self.goes_on(pk)

        return ours

    def failing(self, pk: int, error: Exception) -> None:
        asking.failing(pk, error)


SESSIONS = Sessions()
