"""Background work of the WeChat channel: replies out, messages of 微信客服 and files of messages in."""

from __future__ import annotations

from kefu.engines.jobs.services import enqueue, enqueue_at, job
from kefu.touch.channels.social import asking, routing, services
from kefu.touch.channels.social.choices import Platform
from kefu.touch.channels.social.models import Link
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.registry import Outlet
from kefu.touch.conversations.services import Message


@job(priority=20)
def deliver(message_id: int) -> None:
    """Hand one reply over."""
    routing.deliver(message_id, lambda at: enqueue_at(at, deliver, message_id))


@job(priority=20)
def pull(account_id: int, word: str = "") -> None:
    """Store what people wrote to 微信客服."""
    asking.pull(account_id, word, queue_fetch)


@job()
def fetch(media_id: int) -> None:
    """Fetch one file of a message."""
    asking.fetch(media_id, lambda at: enqueue_at(at, fetch, media_id))


def queue_fetch(media_id: int) -> None:
    """Queue the fetching, in the caller's transaction."""
    enqueue(fetch, media_id)


def queue_pull(account_id: int, word: str) -> None:
    """Queue the reading, in the caller's transaction."""
    enqueue(pull, account_id, word)


def send(message: Message) -> None:
    """Judge and queue a reply, in its transaction."""
    enqueue(deliver, routing.write(message).pk)


def look() -> None:
    """Ask each account of 微信客服 in use whether something came that nobody told us of, and forget old marks."""
    rows = Link.objects.filter(account__active=True, platform=Platform.SERVICE)
    for pk in rows.values_list("pk", flat=True):
        enqueue(pull, pk)
    services.forget_old()


OUTLET = Outlet(Channel.SOCIAL, send, routing.hindrance, most_text=routing.MOST_TEXT, most_files=routing.MOST_FILES)
