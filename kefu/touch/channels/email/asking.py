"""Asking the mail servers: who signs in, and one round of fetching what is new. A letter is stored with its number, or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from kefu.engines.mail.reading import MAX_BYTES
from kefu.engines.post import imap, oauth, servers
from kefu.kit import moment
from kefu.touch.channels.email import services
from kefu.touch.channels.email.choices import SignIn, Why
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account

log = logging.getLogger("kefu.email")
BATCH, BATCH_BYTES, HEAD = 50, 4_000_000, 100_000
ALONE_AFTER, GIVE_UP_AFTER = 2, 10


@dataclass
class Round:
    """What one round of fetching brought."""

    results: dict[str, int] = field(default_factory=dict)

    def count(self, result: str) -> None:
        self.results[result] = self.results.get(result, 0) + 1


def login(box: Mailbox) -> servers.Login:
    """Who signs in at the servers of a mailbox, with a fresh token where one is needed. Raises ``SignInRefused`` or ``Trouble``."""
    if box.sign_in == SignIn.PASSWORD:
        return servers.Login(box.user, box.password)
    at = moment.now()
    if not box.access_token or box.access_until is None or box.access_until <= at + timedelta(seconds=60):
        got = oauth.fresh(
            url=box.token_url, client_id=box.client_id, client_secret=box.client_secret, refresh_token=box.refresh_token, scope=box.scope
        )
        box.access_token, box.access_until = got.access, at + timedelta(seconds=got.seconds)
        box.refresh_token = got.refresh or box.refresh_token
        box.save(update_fields=["access_token", "access_until", "refresh_token"])
    return servers.Login(box.user, box.access_token, oauth=True)


@contextmanager
def opened(box: Mailbox) -> Iterator[imap.Folder]:
    """The folder of a mailbox. A token that the server no longer takes is thrown away. Raises ``SignInRefused`` or ``Trouble``."""
    try:
        with imap.opened(box.imap, login(box), box.folder) as folder:
            yield folder
    except servers.SignInRefused:
        Mailbox.objects.filter(pk=box.pk).update(access_token="")
        raise


def round_of(box: Mailbox) -> Round:
    """One round: sign in, take in what is new, say how it went. Raises ``SignInRefused`` or ``Trouble`` after that was written down."""
    try:
        with opened(box) as folder:
            done = take(box, folder)
    except servers.Trouble as error:
        failing(box.pk, error)
        raise
    return done


def take(box: Mailbox, folder: imap.Folder) -> Round:
    """Take in what is new in the folder, batch by batch. What was stored stays stored, whatever happens to the next."""
    done = Round()
    box.refresh_from_db()
    if folder.validity != box.validity:  # the server numbers anew: everything is looked at again, and what is here already is known
        Mailbox.objects.filter(pk=box.pk).update(validity=folder.validity, last_uid=0, tried_uid=0, tries=0)
        box.refresh_from_db()
    waiting = folder.new(box.last_uid, box.since)
    while waiting:
        batch = _next(box, waiting)
        waiting = waiting[len(batch) :]
        _keep(box, folder, batch, done)
    working(box.pk)
    return done


def _next(box: Mailbox, waiting: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many letters as are fetched at once, and a mark that this was begun: what fails again and again is fetched alone."""
    first = waiting[0][0]
    box.tries = box.tries + 1 if box.tried_uid == first else 1
    box.tried_uid = first
    box.save(update_fields=["tried_uid", "tries"])
    if box.tries > ALONE_AFTER:
        return list(waiting[:1])
    found: list[tuple[int, int]] = []
    size = 0
    for one in waiting[:BATCH]:
        if found and size + one[1] > BATCH_BYTES:
            break
        found.append(one)
        size += one[1]
    return found


def _keep(box: Mailbox, folder: imap.Folder, batch: Sequence[tuple[int, int]], done: Round) -> None:
    """Fetch a batch and store it, with the number it reaches to, in one transaction."""
    sizes = dict(batch)
    stuck = box.tries > GIVE_UP_AFTER
    huge = {uid for uid, size in batch if size > MAX_BYTES}
    letters = {} if stuck else folder.letters([uid for uid in sizes if uid not in huge])
    heads = {uid: folder.head(uid, HEAD) for uid in huge}
    with transaction.atomic():
        held = Mailbox.objects.select_for_update(of=("self",)).select_related("account__unit").get(pk=box.pk)
        for uid in sizes:
            if held.validity != folder.validity or uid <= held.last_uid:
                continue  # another process was here
            if uid in huge or stuck:
                done.count(_set_aside(held, uid, sizes[uid], heads.get(uid, b""), stuck=stuck))
            elif uid in letters:
                done.count(services.ingest(letters[uid], account=held.account).result)
            held.last_uid = uid
        held.tries = 0
        held.save(update_fields=["last_uid", "tries"])
    box.last_uid, box.tries = held.last_uid, 0


def _set_aside(box: Mailbox, uid: int, size: int, head: bytes, *, stuck: bool) -> str:
    """A letter that is not fetched: what is known of it waits for a person."""
    named = {"size": round(size / 1024 / 1024, 1), "folder": box.folder, "uid": uid}
    detail = _("%(size)s MB; it lies on the server in the folder %(folder)s with the number %(uid)s") % named
    data = head or f"X-Kefu-Left-On-Server: {box.folder} {box.validity} {uid}\r\n\r\n".encode()
    why = Why.STUCK if stuck else Why.TOO_LARGE
    return services.quarantine(data, account=box.account, why=why, detail=detail).result


def working(account_id: int) -> None:
    """The folder could be read."""
    at = moment.now()
    Mailbox.objects.filter(pk=account_id).update(fetched_at=at)
    Account.objects.filter(pk=account_id).update(health=Health.GOOD, trouble="", tried_at=at)


def failing(account_id: int, error: Exception) -> None:
    """The folder could not be read; ``error`` says why."""
    log.warning("mailbox %s cannot be fetched: %s", account_id, error)
    said = f"sign-in: {error}" if isinstance(error, servers.SignInRefused) else str(error)
    Account.objects.filter(pk=account_id).update(health=Health.FAILING, trouble=said[:500], tried_at=moment.now())
