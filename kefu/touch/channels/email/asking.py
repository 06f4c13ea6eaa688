"""Asking the mail servers: who signs in, and one round of fetching what is new. A letter is stored with its number, or not at all."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pickle import UnpicklingError

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.engines.mail import beside
from kefu.engines.mail.reading import MAX_BYTES
from kefu.engines.mail.reading import Message as Letter
from kefu.engines.post import imap, oauth, servers, smtp
from kefu.kit import moment, prepared, sentences
from kefu.kit.command_pages import Step
from kefu.kit.errors import Text
from kefu.touch.channels.email import queries, services
from kefu.touch.channels.email.choices import SignIn, Why
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account

log = logging.getLogger("kefu.email")
MANY, BATCH, BATCH_BYTES, HEAD = 200, 200, 8_000_000, 100_000
AHEAD, SYNCED_AT_ONCE = 3, 8
ALONE_AFTER, GIVE_UP_AFTER = 2, 10
PATIENCE = 16.0
_LEFT_THERE = gettext_lazy("%(size)s MB; it lies on the server in the folder %(folder)s with the number %(uid)s")
Numbered = tuple[int, int]  # a letter of the folder: its number and its size


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


def attempt(box: Mailbox) -> list[Step]:
    """Reach the servers of a mailbox and sign in, both at once and within ``PATIENCE`` seconds; nothing is read, sent or kept."""
    try:
        who = login(box)
    except servers.Trouble as error:
        return [_failed(gettext_lazy("Signing in at the servers"), error)]
    tries: list[tuple[Text, Callable[[], str]]] = []
    if box.imap_host:
        tries.append((gettext_lazy("Fetching letters"), lambda: _looked(box, who)))
    if box.smtp_host:
        tries.append((gettext_lazy("Sending letters"), lambda: _greeted(box, who)))
    began = time.monotonic()
    pool = ThreadPoolExecutor(2, "attempt")
    going = [(name, pool.submit(work)) for name, work in tries]
    found = [_step(name, later, began + PATIENCE - time.monotonic()) for name, later in going]
    pool.shutdown(wait=False)
    return found


def _looked(box: Mailbox, who: servers.Login) -> str:
    with imap.opened(box.imap, who, box.folder, patience=PATIENCE / 2):
        return box.folder


def _greeted(box: Mailbox, who: servers.Login) -> str:
    smtp.greet(box.smtp, who, patience=PATIENCE / 2)
    return ""


def _step(name: Text, later: Future[str], seconds: float) -> Step:
    try:
        folder = later.result(max(0.0, seconds))
    except TimeoutError:
        return _failed(name, servers.Trouble("timed out"))
    except servers.Trouble as error:
        return _failed(name, error)
    return Step(name, good=True, said=_("signed in, the folder %(folder)s is open") % {"folder": folder} if folder else _("signed in"))


def _failed(name: Text, error: servers.Trouble) -> Step:
    said = _words(error)
    what = queries.known(said)
    return Step(name, good=False, said=what.what, advice=what.advice, raw=said)


def _words(error: Exception) -> str:
    return f"{queries.SIGN_IN}{error}" if isinstance(error, servers.SignInRefused) else str(error)


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
    box.account = Account.objects.select_related("unit").get(pk=box.pk)
    waiting = folder.new(box.last_uid, box.since)
    if waiting:
        _mark(box, waiting[0][0])
    with _bringing(box, folder, len(waiting)) as bring:
        coming: deque[tuple[list[Numbered], Future[Brought]]] = deque()
        while waiting or coming:
            # The next ones are fetched and read while these are stored, unless something went wrong here before: then step by step.
            while waiting and len(coming) < (AHEAD if box.tries == 1 else 1):
                batch = _next(box, waiting)
                waiting = waiting[len(batch) :]
                coming.append((batch, bring(batch)))
            batch, brought = coming.popleft()
            following = coming[0][0] if coming else waiting
            _keep(box, folder, batch, brought.result(), done, following=following[0][0] if following else 0)
    working(box.pk)
    return done


def _mark(box: Mailbox, first: int) -> None:
    """Write down that the batch that begins with this letter is begun, and how often it was."""
    box.tries = box.tries + 1 if box.tried_uid == first else 1
    box.tried_uid = first
    box.save(update_fields=["tried_uid", "tries"])


def _next(box: Mailbox, waiting: Sequence[Numbered]) -> list[Numbered]:
    """As many letters as are fetched at once; what fails again and again is fetched alone."""
    return list(waiting[:1]) if box.tries > ALONE_AFTER else _first(waiting)


def _first(waiting: Sequence[Numbered]) -> list[Numbered]:
    found: list[Numbered] = []
    size = 0
    for one in waiting[:BATCH]:
        if found and size + one[1] > BATCH_BYTES:
            break
        found.append(one)
        size += one[1]
    return found


@dataclass(frozen=True)
class Brought:
    """The letters of a batch, read, and the beginnings of those that are too large, by number."""

    letters: dict[int, services.Opened]
    heads: dict[int, bytes]


@dataclass
class Reading:
    """Letters are read by a process beside this one, if there is one; where it is gone, or a batch is too large for it, by this one."""

    helper: beside.Reader | None = None

    def ask(self, letters: Sequence[bytes]) -> bool:
        """Hand a batch over; whether its ``answer`` can be waited for."""
        if self.helper is None or sum(map(len, letters)) > BATCH_BYTES:
            return False
        try:
            self.helper.ask(letters)
        except (OSError, EOFError, ValueError):
            return self._gone()
        return True

    def answer(self, count: int) -> Sequence[Letter | None]:
        """The letters of the oldest batch that was handed over; None for each that is to be read here."""
        try:
            return self.helper.answer() if self.helper else [None] * count
        except (OSError, EOFError, ValueError, UnpicklingError):
            self._gone()
            return [None] * count

    def _gone(self) -> bool:
        log.warning("the process that reads letters is gone; this one reads them")
        self.helper = None
        return False


@contextmanager
def _reading(count: int) -> Iterator[Reading]:
    """How letters are read: many of them by a process beside this one."""
    if count < MANY:
        yield Reading()
        return
    with beside.reader() as helper:
        yield Reading(helper)


@contextmanager
def _bringing(box: Mailbox, folder: imap.Folder, count: int) -> Iterator[Callable[[Sequence[Numbered]], Future[Brought]]]:
    """Fetch batches, read them and keep their files, each on a thread of its own so that none waits for the others."""
    with (
        _reading(count) as reading,
        ThreadPoolExecutor(1, "letters") as fetching,
        ThreadPoolExecutor(1, "reading") as opening,
        ThreadPoolExecutor(SYNCED_AT_ONCE, "files") as disk,  # the disk takes as long for many files at once as for one
    ):
        held = None if services.watched(box.account) else disk

        def bring(batch: Sequence[Numbered]) -> Future[Brought]:
            fetched = fetching.submit(_fetch, folder, batch, reading, stuck=box.tries > GIVE_UP_AFTER)
            return opening.submit(lambda: _open(box.account, fetched.result(), reading, held))

        yield bring


@dataclass(frozen=True)
class Fetched:
    """The bytes of a batch, and the beginnings of letters that are too large, by number; ``asked``: they are being read already."""

    letters: dict[int, bytes]
    heads: dict[int, bytes]
    asked: bool


def _fetch(folder: imap.Folder, batch: Sequence[Numbered], reading: Reading, *, stuck: bool) -> Fetched:
    huge = {uid for uid, size in batch if size > MAX_BYTES}
    wanted = [] if stuck else [uid for uid, _size in batch if uid not in huge]
    letters = folder.letters(wanted) if wanted else {}
    heads = {uid: folder.head(uid, HEAD) for uid in huge}
    return Fetched(letters, heads, reading.ask(list(letters.values())))


def _open(account: Account, fetched: Fetched, reading: Reading, disk: Executor | None) -> Brought:
    count = len(fetched.letters)
    found = reading.answer(count) if fetched.asked else [None] * count
    both = zip(fetched.letters.items(), found, strict=True)
    return Brought({uid: services.opened(data, account, letter, disk) for (uid, data), letter in both}, fetched.heads)


def _keep(box: Mailbox, folder: imap.Folder, batch: Sequence[Numbered], brought: Brought, done: Round, *, following: int) -> None:
    """Store a batch, with the number it reaches to and the mark that the ``following`` one is begun, in one transaction."""
    stuck = box.tries > GIVE_UP_AFTER
    uids = [uid for uid, _size in batch if uid in brought.letters]
    looked_at = dict(zip(uids, services.sort([brought.letters[uid] for uid in uids], box.account), strict=True))
    with transaction.atomic():
        held = Mailbox.objects.select_for_update(of=("self",)).select_related("account__unit").get(pk=box.pk)
        # Another process may have been here.
        left = [(uid, size) for uid, size in batch if held.validity == folder.validity and uid > held.last_uid]
        for uid, size in left:
            if uid in brought.heads or stuck:
                done.count(_set_aside(held, uid, size, brought.heads.get(uid, b""), stuck=stuck))
        here = [looked_at[uid] for uid, _size in left if uid in looked_at]
        for result in services.ingest_many(here, account=held.account):
            done.count(result)
        reached = {"last_uid": left[-1][0] if left else held.last_uid, "tried_uid": following, "tries": 1 if following else 0}
        prepared.update(Mailbox, box.pk, **reached)
    box.last_uid, box.tried_uid, box.tries = reached["last_uid"], reached["tried_uid"], reached["tries"]


def _set_aside(box: Mailbox, uid: int, size: int, head: bytes, *, stuck: bool) -> str:
    """A letter that is not fetched: what is known of it waits for a person."""
    named = {"size": round(size / 1024 / 1024, 1), "folder": box.folder, "uid": uid}
    detail = sentences.keep(_LEFT_THERE, **named)
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
    why = queries.ill(_words(error))
    Account.objects.filter(pk=account_id).update(health=Health.FAILING, trouble=why, tried_at=moment.now())
