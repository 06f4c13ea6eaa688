"""Background work of the mail channel: letters that go out, and the folders that are watched for those that come."""

from __future__ import annotations

import time

from django.db import close_old_connections
from django.db.models import QuerySet

from kefu.engines.jobs.services import enqueue, enqueue_at, job
from kefu.engines.jobs.watching import RENEW, Watching
from kefu.engines.post.imap import Folder
from kefu.engines.post.servers import Trouble
from kefu.touch.channels.email import asking, queries, routing
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.channels.email.registry import acknowledging
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.registry import Outlet
from kefu.touch.conversations.services import Message

IDLE, POLLS = 120.0, 6  # servers lose a word of a new letter now and then, so the folder is looked at all the same


@job(priority=20)
def deliver(message_id: int) -> None:
    """Hand one letter to its mail server."""
    routing.deliver(message_id, lambda at: enqueue_at(at, deliver, message_id))


@job(priority=10)
def acknowledge(conversation_id: int) -> None:
    """Tell whoever wrote that his letter is here."""
    routing.acknowledge(conversation_id, lambda at: enqueue_at(at, acknowledge, conversation_id))


@job(priority=10)
def announce(conversation_id: int, tries: int = 0) -> None:
    """Tell a customer that an answer waits for him."""
    routing.announce(conversation_id, tries, lambda at, count: enqueue_at(at, announce, conversation_id, count))


acknowledging.append(lambda conversation_id: enqueue(acknowledge, conversation_id))


def send(message: Message) -> None:
    """Make the letter and queue it, in the transaction of the reply."""
    routing.write(message)
    enqueue(deliver, message.pk)


OUTLET = Outlet(Channel.EMAIL, send, routing.hindrance, most_text=100_000, copy=routing.copy, heads=queries.heads)


class Watchman(Watching):
    """Watches the folders of this process."""

    what, expected = "mailbox", (Trouble,)

    def rows(self) -> QuerySet[Mailbox]:
        return Mailbox.objects.filter(account__active=True).exclude(imap_host="")

    def failing(self, pk: int, error: Exception) -> None:
        asking.failing(pk, error)

    def stay(self, pk: int) -> None:
        """Stay signed in, and take in what arrives, until the lease ends. Raises ``Trouble``."""
        box = Mailbox.objects.get(pk=pk)
        with asking.opened(box) as folder:
            while True:
                close_old_connections()
                asking.take(box, folder)
                if not self._waited(folder, pk):
                    return

    def _waited(self, folder: Folder, pk: int) -> bool:
        """Until something arrives, or it is time to look all the same; False when the mailbox is not ours any more."""
        if not folder.can_idle:
            for _each in range(POLLS):
                self.stopping.wait(RENEW)
                if not self.goes_on(pk):
                    return False
            return True
        end = time.monotonic() + IDLE
        with folder.idle():
            while time.monotonic() < end:
                told = folder.told(RENEW)
                if not self.goes_on(pk):
                    return False
                if told:
                    break
        return True


WATCHMAN = Watchman()
