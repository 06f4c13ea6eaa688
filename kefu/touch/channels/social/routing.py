"""How a reply goes out: judged in its transaction, handed over piece by piece after it. No piece is handed over twice by ourselves."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.engines.files import services as files
from kefu.engines.jobs.patience import INTERRUPTED, Patience, maybe
from kefu.engines.social import calls
from kefu.engines.social.calls import Refused, Trouble, Unclear
from kefu.kit import moment
from kefu.kit.errors import Invalid
from kefu.kit.errors import Text as Sentence
from kefu.touch.channels.social import asking, queries
from kefu.touch.channels.social.choices import HOURS, PIECES, Platform, State
from kefu.touch.channels.social.models import Link, Person, Sending
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Delivery
from kefu.touch.conversations.services import Account, Message

log = logging.getLogger("kefu.social")
PATIENCE, CUT_OFF = Patience((2, 10, 30, 60, 120, 300, 600, 900), timedelta(hours=12)), timedelta(seconds=120)
MOST_TEXT, MOST_BYTES, MOST_FILES = 1000, 2048, PIECES - 1
PICTURES = ("image/jpeg", "image/png", "image/gif")
MOST_PICTURE, MOST_FILE = 10 * 1024 * 1024, 20 * 1024 * 1024
WITH_API = (0, 1)  # states of a session in which a program answers
IN_WECOM = 95018
_SHOWN = {State.SENT: Delivery.SENT, State.FAILED: Delivery.FAILED, State.QUEUED: Delivery.QUEUED}


def hindrance(account: Account) -> Sentence:
    """Why this account sends nothing."""
    if not account.active:
        return gettext_lazy("This WeChat account is switched off. Whoever sets up WeChat accounts can switch it on under Settings, WeChat.")
    held = Link.objects.filter(pk=account.pk).only("secret").first()
    if held is None or not held.secret:
        return gettext_lazy("This WeChat account has no secret to answer with. It can be added under Settings, WeChat.")
    return ""


def write(message: Message) -> Sending:
    """Judge a reply and keep it, in its transaction. Raises ``Invalid`` with what to do where the platform would not take it."""
    person = (
        Person.objects.select_for_update(of=("self",))
        .select_related("link")
        .filter(conversation_id=message.conversation_id, link_id=message.account_id)
        .first()
    )
    if person is None:
        raise Invalid(fields={"text": _("This person has gone on in another conversation. Answer there.")})
    held = Sending.objects.filter(pk=message.pk).first() or Sending(message=message, person=person)
    named = conversations.attachments([message.pk]).get(message.pk, [])
    _fits(person.link, message.reply, named)
    pieces = 1 + len(named)
    _open_for(person, pieces - held.done, held.pk)
    held.pieces, held.word, held.state, held.trouble, held.tries = pieces, secrets.token_hex(12), State.QUEUED, "", 0
    held.since = held.next_at = moment.now()
    held.save()
    return held


def _open_for(person: Person, wanted: int, own: int | None) -> None:
    """Raises ``Invalid`` outside the hours and past the number in which the platform takes answers."""
    if person.left_at is not None:
        raise Invalid(fields={"text": _("The person follows the account no longer. Call the person, or wait until the person comes back.")})
    until = queries.closes_at(person)
    if until is None or until <= moment.now():
        told = {"hours": HOURS, "at": timezone.localtime(person.wrote_at).strftime("%Y-%m-%d %H:%M") if person.wrote_at else "--"}
        words = _(
            "WeChat takes answers for %(hours)d hours after a message of the person; the last one came at %(at)s."
            " Call the person, or wait until the person writes again."
        )
        raise Invalid(fields={"text": words % told})
    left = queries.left(person, own or 0)
    if wanted > left:
        words = _(
            "WeChat takes %(most)d messages after each message of the person, text and files counted; %(left)d are left."
            " Say it in fewer pieces, or wait until the person writes again."
        )
        raise Invalid(fields={"text": words % {"most": PIECES, "left": max(left, 0)}})


def _fits(link: Link, text: str, named: list[dict[str, Any]]) -> None:
    if len(text.encode()) > MOST_BYTES:
        raise Invalid(fields={"text": _("The text is too long for WeChat: about 680 Chinese characters fit. Send it in parts.")})
    for one in named:
        picture = one["file__media_type"] in PICTURES
        if not picture and link.platform == Platform.OFFICIAL:
            told = _("An official account can send JPG, PNG and GIF pictures only; “%(name)s” is none. Put the words into the text.")
            raise Invalid(fields={"files": told % {"name": one["file__name"]}})
        if one["file__size"] > (MOST_PICTURE if picture else MOST_FILE):
            told = _("“%(name)s” is too large for WeChat: pictures hold at most 10 MB, other files 20 MB.")
            raise Invalid(fields={"files": told % {"name": one["file__name"]}})


class Claim(NamedTuple):
    held: Sending
    link: Link
    piece: int


def _claimed(message_id: int, again: Callable[[datetime], object]) -> Claim | None:
    """The next piece, marked as being handed over; None if there is none now or ever. What was cut off is judged here."""
    with transaction.atomic():
        held = Sending.objects.select_for_update(of=("self",)).filter(pk=message_id, state__in=(State.QUEUED, State.SENDING)).first()
        link = Link.objects.select_related("account").filter(pk=held.message.account_id).first() if held else None
        if held is None or link is None:
            return None
        at = moment.now()
        if held.state == State.SENDING and held.asked_at is not None:
            if held.asked_at > at - CUT_OFF:
                again(held.asked_at + CUT_OFF)
                return None
            _settle(held, State.FAILED, maybe(INTERRUPTED))
            return None
        if held.next_at > at + timedelta(seconds=5):
            return None
        held.state, held.asked_at = State.SENDING, at
        held.save(update_fields=["state", "asked_at"])
    return Claim(held, link, held.done)


def deliver(message_id: int, again: Callable[[datetime], object]) -> None:
    """Hand the pieces of a reply over, one after the other; what cannot be handed over now waits, and ``again`` queues the next try."""
    while (claim := _claimed(message_id, again)) is not None:
        held, link, _piece = claim
        try:
            if not link.account.active:
                raise asking.Off()
            _hand_over(claim)
        except Trouble as error:
            _waits(held, link, error, again)
            return
        except Refused as error:
            _fails(held, link, asking.said(error))
            return
        except Unclear as error:
            _fails(held, link, maybe(calls.words(error)))
            return
        _taken(held, link)


def _hand_over(claim: Claim) -> None:
    """One piece. Raises ``Trouble``, ``Refused``, ``Unclear``; what breaks while a file goes up has sent nothing."""
    held, link, piece = claim
    said: dict[str, Any] = {"msgtype": "text", "text": {"content": held.message.reply}}
    if piece:
        one = conversations.attachments([held.pk]).get(held.pk, [])[piece - 1]
        kind = "image" if one["file__media_type"] in PICTURES else "file"
        try:
            said = {"msgtype": kind, kind: {"media_id": _put_up(link, kind, one)}}
        except Unclear as error:
            raise Trouble(calls.words(error)) from error
    try:
        _say(claim, said)
    except Refused as error:
        if error.code != IN_WECOM or not _taken_back(link, held.person):
            raise
        _say(claim, said)


def _put_up(link: Link, kind: str, one: dict[str, Any]) -> str:
    content, named = files.read(one["file_id"]), {"name": one["file__name"], "media_type": one["file__media_type"]}
    return asking.with_token(
        link,
        lambda base, token: calls.upload(base, "/cgi-bin/media/upload", {"access_token": token, "type": kind}, content=content, **named),
    )


def _say(claim: Claim, said: dict[str, Any]) -> None:
    held, link, piece = claim
    body = {"touser": held.person.key, **said}
    if link.platform == Platform.SERVICE:
        body |= {"open_kfid": link.account.address, "msgid": f"{held.word}_{piece}"}
        asking.ask(link, "/cgi-bin/kf/send_msg", body)
    else:
        asking.ask(link, "/cgi-bin/message/custom/send", body)


def _taken_back(link: Link, person: Person) -> bool:
    """A session of 微信客服 that nobody serves in WeCom is put into the state in which a program answers; whether that worked."""
    who = {"open_kfid": link.account.address, "external_userid": person.key}
    if asking.ask(link, "/cgi-bin/kf/service_state/get", who).get("service_state") not in WITH_API:
        return False
    asking.ask(link, "/cgi-bin/kf/service_state/trans", {**who, "service_state": 1})
    return True


def _taken(held: Sending, link: Link) -> None:
    with transaction.atomic():
        Link.objects.filter(pk=link.pk).update(sent_at=moment.now(), send_trouble="")
        held.done += 1
        held.save(update_fields=["done"])
        if held.done == held.pieces:
            _settle(held, State.SENT, "")
        else:
            Sending.objects.filter(pk=held.pk).update(state=State.QUEUED)


def _fails(held: Sending, link: Link, why: str) -> None:
    Link.objects.filter(pk=link.pk).update(send_trouble=why)
    _settle(held, State.FAILED, why)


def _waits(held: Sending, link: Link, error: Exception, again: Callable[[datetime], object]) -> None:
    """The platform cannot take it now."""
    why = asking.said(error)
    Link.objects.filter(pk=link.pk).update(send_trouble=why)

    def later(why: str) -> None:
        _settle(held, State.QUEUED, why)
        again(held.next_at)

    PATIENCE.wait(held, why, over=lambda told: _settle(held, State.FAILED, told), later=later)


def _settle(held: Sending, state: State, trouble: str) -> None:
    """How far the reply is, told in its conversation."""
    trouble = talks.clean(trouble, 500)
    with transaction.atomic():
        held.state, held.trouble = state, trouble
        held.save(update_fields=["state", "trouble"])
        talks.delivered(held.pk, _SHOWN[state], trouble)
