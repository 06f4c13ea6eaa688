"""Background work of the mail channel: letters that go out."""

from __future__ import annotations

from kefu.engines.jobs.services import enqueue, enqueue_at, job
from kefu.touch.channels.email import routing
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.registry import Outlet
from kefu.touch.conversations.services import Message


@job(priority=20)
def deliver(message_id: int) -> None:
    """Hand one letter to its mail server."""
    routing.deliver(message_id, lambda at: enqueue_at(at, deliver, message_id))


def send(message: Message) -> None:
    """Make the letter and queue it, in the transaction of the reply."""
    routing.write(message)
    enqueue(deliver, message.pk)


OUTLET = Outlet(Channel.EMAIL, send, routing.hindrance, most_text=100_000)
