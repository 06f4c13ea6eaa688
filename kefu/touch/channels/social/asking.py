"""Asking the platforms: the access token, the messages of 微信客服, files of messages."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.patience import SWITCHED_OFF, Patience
from kefu.engines.social import calls, turns
from kefu.engines.social.calls import OldToken, Refused, Trouble, Unclear
from kefu.kit import moment, sentences
from kefu.timeline.services import record_one
from kefu.touch.channels.social import services
from kefu.touch.channels.social.choices import CODES, Fetch, Platform
from kefu.touch.channels.social.models import Link, Media, Person
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account, Enclosed

log = logging.getLogger("kefu.social")
T = TypeVar("T")
EARLY, CLAIM = timedelta(minutes=5), timedelta(seconds=40)
PAGE, MOST_PAGES, MOST_BYTES = 100, 200, 20 * 1024 * 1024
WELCOME_HOLDS = timedelta(seconds=20)
PATIENCE = Patience((10, 60, 300, 1800, 7200), timedelta(days=3))
_REFUSED = _("WeChat refuses it: %(why)s")
_LARGE = _("The file is larger than %(most)d MB. Ask the person to send it by another way.")
_ENDINGS = {"image": "jpg", "voice": "amr", "video": "mp4"}


class Off(Trouble):
    """The account is switched off."""


def said(error: Exception) -> str:
    """What an error means and what to do about it, as it is stored (kit.sentences)."""
    if isinstance(error, Refused):
        told = CODES.get(error.code)
        return (
            sentences.keep(_("%(what)s (%(code)s)"), what=told, code=error.code)
            if told
            else sentences.keep(_REFUSED, why=calls.words(error))
        )
    return sentences.keep(SWITCHED_OFF) if isinstance(error, Off) else sentences.plain(calls.words(error))


def token_of(link: Link, refused: str = "") -> str:
    """The access token of an account, kept until shortly before its end. One process gets it anew at a time; the others go on with the old
    one while it holds. ``refused``: the one that the platform takes no more. Raises ``Trouble``, ``Refused``, ``Unclear``."""
    held = Link.objects.only("access", "access_until", "asked_at").get(pk=link.pk)
    at = moment.now()
    good = bool(held.access) and held.access != refused and held.access_until is not None and held.access_until > at
    if good and held.access_until and held.access_until > at + EARLY:
        return held.access
    free = Q(asked_at=None) | Q(asked_at__lt=at - CLAIM)
    if not Link.objects.filter(free, pk=link.pk).update(asked_at=at):
        if good:
            return held.access
        raise Trouble("another process is getting the access token")
    try:
        return _got(link, refused)
    except (Refused, Unclear, Trouble) as error:
        failing(link.pk, said(error))
        raise
    finally:
        Link.objects.filter(pk=link.pk).update(asked_at=None)


def _got(link: Link, refused: str) -> str:
    try:
        told = _asked_for(link, anew=False)
        if told.get("access_token") == refused:
            told = _asked_for(link, anew=True)
    except OldToken as error:  # here the code speaks of the secret
        raise Refused(40001, str(error)) from error
    token, seconds = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise Unclear("the answer holds no access token")
    Link.objects.filter(pk=link.pk).update(access=token, access_until=moment.now() + timedelta(seconds=seconds))
    Account.objects.filter(pk=link.pk).update(health=Health.GOOD, trouble="", tried_at=moment.now())
    return token


def _asked_for(link: Link, *, anew: bool) -> dict[str, Any]:
    base = calls.base_of(link.base)
    if link.platform == Platform.SERVICE:
        return calls.ask(base, "/cgi-bin/gettoken", {"corpid": link.app_id, "corpsecret": link.secret})
    body = {"grant_type": "client_credential", "appid": link.app_id, "secret": link.secret, "force_refresh": anew}
    return calls.ask(base, "/cgi-bin/stable_token", {}, body)


def failing(account_id: int, why: str) -> None:
    """The platform cannot be reached, or lets us not in."""
    log.warning("WeChat account %s: %s", account_id, sentences.shown(why))
    Account.objects.filter(pk=account_id).update(health=Health.FAILING, trouble=why, tried_at=moment.now())


def with_token(link: Link, do: Callable[[str, str], T]) -> T:
    """``do(base, token)``; where the token is refused, once more with a new one."""
    base, token = calls.base_of(link.base), token_of(link)
    try:
        return do(base, token)
    except OldToken:
        token = token_of(link, refused=token)
    try:
        return do(base, token)
    except OldToken as error:
        raise Trouble(f"the platform refuses a new access token: {calls.words(error)}") from error


def ask(link: Link, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A call with JSON. Raises ``Trouble``, ``Unclear``, ``Refused``."""
    return with_token(link, lambda base, token: calls.ask(base, path, {"access_token": token}, body))


def pull(account_id: int, word: str, fetch: services.Go) -> int:
    """Store what people wrote to 微信客服 since the last time, page by page; ``word`` is the one that the platform posted, good for ten
    minutes. How far it was read is written with the messages: a crash between loses none, and none comes twice. Raises ``Trouble``."""
    new = 0
    for _page in range(MOST_PAGES):
        link = Link.objects.select_related("account__unit").get(pk=account_id)
        if not link.account.active or link.platform != Platform.SERVICE:
            return new
        body = {
            "cursor": link.cursor,
            "open_kfid": link.account.address,
            "limit": PAGE,
            "voice_format": 0,
            **({"token": word} if word else {}),
        }
        try:
            told = ask(link, "/cgi-bin/kf/sync_msg", body)
        except (Refused, Trouble, Unclear) as error:
            failing(account_id, said(error))
            raise Trouble(calls.words(error)) from error
        stored, entered = _page_in(link, told, fetch)
        new += stored
        for came in entered:
            _welcome(link, came)
        if not told.get("has_more") or not told.get("next_cursor"):
            return new
    return new


def _page_in(link: Link, told: dict[str, Any], fetch: services.Go) -> tuple[int, list[turns.Came]]:
    """One page with its cursor, in one transaction; how many were new, and who came in."""
    rows = [row for row in told.get("msg_list") or () if isinstance(row, dict)]
    found = [came for came in map(_read, rows) if came is not None]
    names = _names(link, {came.sender for came in found if came.kind != turns.EVENT})
    new, entered = 0, []
    with transaction.atomic():
        if Link.objects.select_for_update(of=("self",)).get(pk=link.pk).cursor != link.cursor:
            return 0, []  # another process was quicker
        for came in found:
            fresh = services.take_in(link, came, fetch, names.get(came.sender, ""))
            new += fresh
            if fresh and came.event == "enter_session" and came.code:
                entered.append(came)
        cursor = str(told.get("next_cursor") or link.cursor)[:128]
        Link.objects.filter(pk=link.pk).update(cursor=cursor, pulled_at=moment.now())
    Account.objects.filter(pk=link.pk).exclude(health=Health.GOOD).update(health=Health.GOOD, trouble="", tried_at=moment.now())
    return new, entered


def _read(row: dict[str, Any]) -> turns.Came | None:
    """A message; one that cannot be read never holds the others up."""
    try:
        return turns.of_service(row)
    except turns.Unreadable as error:
        log.warning("a message of WeChat customer service cannot be read: %s", error)
        return None


def _names(link: Link, senders: set[str]) -> dict[str, str]:
    """What people that are not known yet call themselves; nothing where the platform does not say it."""
    known = set(Person.objects.filter(link=link, key__in=senders).values_list("key", flat=True))
    if not (fresh := sorted(senders - known)):
        return {}
    try:
        told = ask(link, "/cgi-bin/kf/customer/batchget", {"external_userid_list": fresh[:100]})
    except (Refused, Trouble, Unclear) as error:
        log.info("WeChat account %s gives no names: %s", link.pk, calls.words(error))
        return {}
    rows = [row for row in told.get("customer_list") or () if isinstance(row, dict)]
    return {str(row.get("external_userid")): talks.clean(str(row.get("nickname") or ""), 80) for row in rows}


def _welcome(link: Link, came: turns.Came) -> None:
    """Greet who has just come in; the platform takes that for twenty seconds only."""
    if not link.welcome or (came.at and moment.now() - came.at > WELCOME_HOLDS):
        return
    try:
        ask(link, "/cgi-bin/kf/send_msg_on_event", {"code": came.code, "msgtype": "text", "text": {"content": link.welcome}})
    except (Refused, Trouble, Unclear) as error:
        log.info("WeChat account %s could not greet: %s", link.pk, calls.words(error))


def fetch(media_id: int, again: Callable[[datetime], object]) -> None:
    """Fetch one file of a message and keep it; what cannot be fetched now is tried for three days, and ``again`` queues the next try."""
    held = Media.objects.select_related("link__account", "message").filter(pk=media_id, state=Fetch.WAITING).first()
    if held is None:
        return
    link = held.link
    try:
        if not link.account.active:
            raise Off()
        found = with_token(
            link,
            lambda base, token: calls.download(base, "/cgi-bin/media/get", {"access_token": token, "media_id": held.key}, most=MOST_BYTES),
        )
    except (Trouble, Unclear) as error:
        _later(held, error, again)
    except calls.TooLarge:
        _gone(held, sentences.keep(_LARGE, most=MOST_BYTES // 1024 // 1024))
    except Refused as error:
        _gone(held, said(error))
    else:
        _keep(held, found)


def _keep(held: Media, found: calls.Fetched) -> None:
    name = found.name if "." in found.name and held.kind == "file" else f"{held.kind}-{held.pk}.{_ENDINGS.get(held.kind, 'bin')}"
    if held.kind == "image" and found.content[:8] == b"\x89PNG\r\n\x1a\n":
        name = f"{held.kind}-{held.pk}.png"
    elif held.kind == "image" and found.content[:4] == b"GIF8":
        name = f"{held.kind}-{held.pk}.gif"
    with transaction.atomic():
        if Media.objects.filter(pk=held.pk, state=Fetch.WAITING).update(state=Fetch.HERE, key=""):
            talks.enclose(held.message_id, [Enclosed(name, io.BytesIO(found.content).getvalue)])


def _later(held: Media, error: Exception, again: Callable[[datetime], object]) -> None:
    at = moment.now()
    if at - held.since >= PATIENCE.whole:
        _gone(held, said(error))
        return
    with transaction.atomic():
        held.tries += 1
        held.save(update_fields=["tries"])
        again(at + PATIENCE.pause(held.tries - 1))


def _gone(held: Media, why: str) -> None:
    with transaction.atomic():
        Media.objects.filter(pk=held.pk).update(state=Fetch.GONE)
        talks.not_kept(held.message_id, why)
        record_one(actor_id=None, subject_id=held.message.conversation_id, kind="social.not_fetched", data={"why": why})
