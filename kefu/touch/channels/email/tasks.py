"""Background work of the mail channel: letters that go out, and the folders that are watched for those that come."""

from __future__ import annotations

import logging
import os
import threading
import time
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Q, QuerySet

from kefu.engines.jobs.services import enqueue, enqueue_at, job
from kefu.engines.jobs.worker import this_host
from kefu.engines.post.imap import Folder
from kefu.engines.post.servers import Trouble
from kefu.kit import moment
from kefu.touch.channels.email import asking, routing
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.registry import Outlet
from kefu.touch.conversations.services import Message

log = logging.getLogger("kefu.email")
LEASE, RENEW = timedelta(seconds=30), 10.0
IDLE, POLLS, MOST_PAUSE = 540.0, 6, 300.0


@job(priority=20)
def deliver(message_id: int) -> None:
    """Hand one letter to its mail server."""
    routing.deliver(message_id, lambda at: enqueue_at(at, deliver, message_id))


def send(message: Message) -> None:
    """Make the letter and queue it, in the transaction of the reply."""
    routing.write(message)
    enqueue(deliver, message.pk)


OUTLET = Outlet(Channel.EMAIL, send, routing.hindrance, most_text=100_000)


class Watchman:
    """Watches the folders of this process: one thread a mailbox, one process a mailbox, told by the lease in its row."""

    def __init__(self) -> None:
        self.threads: dict[int, threading.Thread] = {}
        self.looked = 0.0
        self.stopping = threading.Event()

    @property
    def name(self) -> str:
        return f"{this_host()[:60]} {os.getpid()}"

    def turn(self) -> None:
        """Begin to watch what nobody watches; called every second, it looks every ten."""
        if time.monotonic() - self.looked < RENEW:
            return
        self.looked = time.monotonic()
        self.threads = {pk: thread for pk, thread in self.threads.items() if thread.is_alive()}
        for pk in Mailbox.objects.filter(account__active=True).exclude(imap_host="").values_list("pk", flat=True):
            if pk not in self.threads and self.begins(pk):
                self.threads[pk] = threading.Thread(target=self._watch, args=(pk,), name=f"mailbox-{pk}", daemon=True)
                self.threads[pk].start()

    def begins(self, pk: int) -> bool:
        """Whether the mailbox is this process's to watch from now on."""
        free = Q(watched_by__in=("", self.name)) | Q(watched_until=None) | Q(watched_until__lt=moment.now())
        return self._lease(Mailbox.objects.filter(free, pk=pk))

    def goes_on(self, pk: int) -> bool:
        """Whether it still is: nobody took it over, switched it off or changed its servers."""
        return not self.stopping.is_set() and self._lease(Mailbox.objects.filter(pk=pk, watched_by=self.name))

    def _lease(self, rows: QuerySet[Mailbox]) -> bool:
        rows = rows.filter(account__active=True).exclude(imap_host="")
        return bool(rows.update(watched_by=self.name, watched_until=moment.now() + LEASE))

    def _watch(self, pk: int) -> None:
        pause = RENEW
        try:
            while self.goes_on(pk):
                began = time.monotonic()
                self._guarded(pk)
                pause = RENEW if time.monotonic() - began > MOST_PAUSE else min(pause * 2, MOST_PAUSE)
                end = time.monotonic() + pause
                while time.monotonic() < end and self.goes_on(pk):
                    self.stopping.wait(RENEW)
        except DatabaseError as error:
            log.warning("mailbox %s is watched no longer: %s", pk, error)  # the next turn begins anew
        finally:
            connection.close()

    def _guarded(self, pk: int) -> None:
        """Whatever happens at one mailbox, it is written at the mailbox, and watching goes on."""
        try:
            self.stay(pk)
        except DatabaseError:
            connection.close()
            raise
        except Exception as error:
            if not isinstance(error, Trouble):
                log.exception("mailbox %s could not be watched", pk)
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
