"""Background work of the SMS channel: texts that go out by a gateway."""

from __future__ import annotations

from kefu.engines.jobs.services import enqueue, enqueue_at, job
from kefu.touch.channels.sms import routing
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


def send(message: Message) -> None:
    """Make the text and queue it, in the transaction of the reply."""
    go(routing.write(message))


OUTLET = Outlet(Channel.SMS, send, routing.hindrance, most_text=routing.MOST_TEXT, most_files=0)
