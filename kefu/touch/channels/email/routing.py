"""How a reply becomes a letter: addressed, threaded and quoted in the transaction of the reply, sent after it until it is taken."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.engines.files import services as files
from kefu.engines.mail import writing
from kefu.engines.notify.services import tell
from kefu.engines.post import smtp
from kefu.engines.post.servers import SignInRefused, Trouble
from kefu.engines.rulebook.queries import text_cards
from kefu.kit import moment, sentences
from kefu.kit.errors import Invalid, Text
from kefu.timeline import queries as timeline
from kefu.timeline.services import record_one
from kefu.touch.channels.email import asking, queries
from kefu.touch.channels.email.choices import Token
from kefu.touch.channels.email.models import Acknowledged, Mailbox, Outgoing, Recipients
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Delivery, Notice
from kefu.touch.conversations.registry import Copies
from kefu.touch.conversations.services import Account, Conversation, Message
from kefu.touch.customers import queries as customers
from kefu.touch.customers.choices import Purpose, ReachedBy

log = logging.getLogger("kefu.email")
PAUSES = (15, 60, 120, 300, 600, 900)
PATIENCE = timedelta(hours=48)
MOST_QUOTED, MOST_REFERENCES = 20_000, 20
MOST_COPIES = 50  # an answer is no circular; every server takes a hundred recipients (RFC 5321, 4.5.3.1.8)
NOT_COPIED = "email.not_copied"
ACKNOWLEDGED = "conversation.acknowledged"
_GIVEN_UP = gettext_lazy("Given up after %(hours)d hours. The server said: %(why)s")
_NOBODY_LEFT = gettext_lazy("Nobody is left whom it could be sent to.")
_NO_ADDRESS = gettext_lazy("This is no address that a letter can be sent to: %(address)s")
_NO_WAY = gettext_lazy("no mail address is known any more, or no mailbox sends")
MARKS = ("number", "subject", "mailbox")
MARK = re.compile(r"\{([a-z_]*)\}")
_TOKEN = re.compile(r"\s*\[#[2-9A-HJ-NP-Z]{16}\]")


def hindrance(account: Account) -> Text:
    """Why this mailbox sends nothing."""
    if not account.active:
        return gettext_lazy("This mailbox is switched off.")
    if not Mailbox.objects.filter(pk=account.pk).exclude(smtp_host="").exists():
        return gettext_lazy("This mailbox has no server to send by. Whoever sets up mailboxes can add one under Settings, Mailboxes.")
    return ""


def copy(message: Message, copies: Copies) -> None:
    """Keep who gets copies of a reply, each once. Raises ``Invalid`` for what is no address, and for too many."""
    own, to = queries.own_addresses(), _recipient(message)[1]
    seen = {to.lower(), message.account.address.lower()}
    lines: dict[str, list[list[str]]] = {}
    typed = {name: _typed(name, text, own - seen) for name, text in (("cc", copies.cc), ("bcc", copies.bcc))}
    for field, pairs in (("cc", [*_all_of(message, copies.also, own), *typed["cc"]]), ("bcc", typed["bcc"])):
        fresh: dict[str, list[str]] = {}
        for name, address in pairs:
            if queries.bare(address) not in seen:
                fresh.setdefault(queries.bare(address), [name, address])
        seen |= fresh.keys()
        lines[field] = list(fresh.values())
    if sum(map(len, lines.values())) > MOST_COPIES:
        words = _("At most %(most)d people can get a copy of a reply. Leave some out, or write to them apart.") % {"most": MOST_COPIES}
        raise Invalid(fields={"cc": words})
    Recipients.objects.create(message=message, **lines)


def _typed(field: str, text: str, own: set[str]) -> list[tuple[str, str]]:
    try:
        found = writing.typed(text)
        for _name, address in found:
            if queries.bare(address) in own:
                words = _("“%(address)s” is a mailbox of this centre. Transfer the conversation to its unit, or point a colleague to it.")
                raise Invalid(fields={field: words % {"address": address}})
        return found
    except writing.Unwritable as error:
        words = _("“%(address)s” is no mail address that a letter can be sent to. Please correct it.") % {"address": error}
        raise Invalid(fields={field: words}) from error


def _all_of(message: Message, keys: Sequence[str], own: set[str]) -> list[Sequence[str]]:
    """Whom letters of this conversation named, by the keys of their heads."""
    letters = {int(one.partition(".")[0]) for one in keys if re.fullmatch(r"\d{1,18}\.\d{1,5}", one)}
    rows = Recipients.objects.filter(pk__in=letters, message__conversation_id=message.conversation_id)
    known = {key: pair for row in rows for key, pair in queries.keyed(row, own)}
    if not known.keys() >= set(keys):
        raise Invalid(fields={"also": _("Who was to get copies has changed meanwhile. Load the page again and choose once more.")})
    return [known[one] for one in keys]


def write(message: Message) -> None:
    """Make the letter, in the transaction of the reply; it waits to be delivered. Sent once more, it goes to whom it has not reached."""
    held = Outgoing.objects.filter(pk=message.pk).first() or _addressed(message)
    held.since, held.tries, held.next_at = moment.now(), 0, moment.now()
    held.save()
    Recipients.objects.filter(pk=message.pk).update(refused={})


def _recipient(message: Message) -> tuple[dict[str, Any] | None, str]:
    """The letter that a reply answers, and where it goes."""
    came = conversations.last_letter(message.conversation_id)
    return came, (came["sender"] if came else "") or message.conversation.address


def _addressed(message: Message) -> Outgoing:
    talk, box = message.conversation, Mailbox.objects.get(pk=message.account_id)
    came, recipient = _recipient(message)
    known = [one for one in conversations.identifiers(talk.pk, MOST_REFERENCES) if one.startswith("<")]
    answers = came["foreign_id"] if came and (came["foreign_id"] or "").startswith("<") else ""
    subject = writing.answering(_TOKEN.sub("", talk.title).strip())
    if box.token == Token.SUBJECT:
        subject = f"{subject[:370]} [#{talk.thread}]"
    head, quoted = ("", "")
    if came:
        words = {"at": timezone.localtime(came["at"]).strftime("%Y-%m-%d %H:%M"), "who": came["sender"]}
        with translation.override(settings.LANGUAGE_CODE):
            head = _("On %(at)s, %(who)s wrote:") % words
        quoted = (came["reply"] or came["text"])[:MOST_QUOTED]
    message.foreign_id = f"<kefu.{talk.thread}.{message.pk}@{message.account.address.rpartition('@')[2]}>"
    body = message.reply.replace("\r\n", "\n") + (f"\n\n{box.signature.strip()}" if box.signature.strip() else "")
    made = Outgoing(
        message=message, recipient=recipient, subject=subject, answers=answers, references=" ".join(known), head=head, quoted=quoted,
        body=body,
    )  # fmt: skip
    message.text = writing.plain(_letter(made, message, box, None))
    message.save(update_fields=["foreign_id", "text"])
    return made


def _letter(held: Outgoing, message: Message, box: Mailbox, copied: Recipients | None) -> writing.Outgoing:
    account = message.account
    plus = ""
    if box.token == Token.PLUS:
        name, _at, host = account.address.rpartition("@")
        plus = f"{name}+{message.conversation.thread.lower()}@{host}"
    return writing.Outgoing(
        identifier=message.foreign_id or "", sender=(box.sender_name or account.name, account.address), to=("", held.recipient),
        subject=held.subject, text=held.body, at=timezone.localtime(message.at), head=held.head, quoted=held.quoted, reply_to=plus,
        answers=held.answers, references=held.references.split(), cc=[(name, one) for name, one in copied.cc if one] if copied else (),
    )  # fmt: skip


def deliver(message_id: int, again: Callable[[datetime], object]) -> None:
    """Hand a waiting letter to its server; what cannot be handed over now waits for two days, and ``again`` queues the next try."""
    along = ("message__account", "message__conversation")
    held = Outgoing.objects.select_related(*along).filter(pk=message_id, message__delivery=Delivery.QUEUED).first()
    if held is None or (held.next_at and held.next_at > moment.now() + timedelta(seconds=5)):
        return
    box, copied = Mailbox.objects.get(pk=held.message.account_id), Recipients.objects.filter(pk=message_id).first()
    copies = (address for _name, address in ((*copied.cc, *copied.bcc) if copied else ()) if address)  # who was erased gets none
    to = held.left or [held.recipient, *copies]
    to = [one for one in to if one]  # who was erased meanwhile is written to no more
    if not to:
        _fails(held, sentences.keep(_NOBODY_LEFT))
        return
    try:
        data = _bytes(held, box, copied)
        refused = smtp.send_all(box.smtp, asking.login(box), sender=held.message.account.address, to=to, data=data)
    except writing.Unwritable as error:
        _fails(held, sentences.keep(_NO_ADDRESS, address=error))
    except smtp.Refused as error:
        _fails(held, queries.unsent(str(error)))
    except Exception as error:
        if not isinstance(error, Trouble):
            log.exception("a letter could not be sent")
        _waits(held, box, error, again)
    else:
        _taken(held, box, copied, refused, again)


def _bytes(held: Outgoing, box: Mailbox, copied: Recipients | None) -> bytes:
    named = conversations.attachments([held.pk]).get(held.pk, [])
    letter = _letter(held, held.message, box, copied)
    enclosed = [writing.Enclosure(one["file__name"], one["file__media_type"], files.read(one["file_id"])) for one in named]
    return writing.written(replace(letter, files=enclosed))


def acknowledge(conversation_id: int, again: Callable[[datetime], object]) -> None:
    """Tell whoever began a conversation that his letter is here; a server that cannot take it is asked again for a day."""
    along = ("conversation__account", "conversation__contact__subject")
    held = Acknowledged.objects.select_related(*along).filter(pk=conversation_id, done_at=None).first()
    if held is None:
        return
    box = Mailbox.objects.filter(pk=held.conversation.account_id, account__active=True).exclude(acknowledgement="").first()
    if box is None:
        return
    talk, at = held.conversation, moment.now()
    try:
        smtp.send(box.smtp, asking.login(box), sender=talk.account.address, to=talk.address, data=writing.written(_word(talk, box)))
    except (writing.Unwritable, smtp.Refused) as error:
        log.info("an acknowledgement is not wanted: %s", error)
    except Trouble as error:
        if at - held.at < PATIENCE / 2:
            Acknowledged.objects.filter(pk=held.pk).update(tries=F("tries") + 1)
            again(at + timedelta(seconds=PAUSES[min(held.tries, len(PAUSES) - 1)]))
            return
        log.warning("an acknowledgement is given up: %s", error)
    else:
        record_one(actor_id=None, subject_id=talk.pk, kind=ACKNOWLEDGED, at=at)
    Acknowledged.objects.filter(pk=held.pk).update(done_at=at)


def _word(talk: Conversation, box: Mailbox) -> writing.Outgoing:
    account = talk.account
    came = conversations.last_letter(talk.pk)
    told = {"number": talk.contact.subject.number, "subject": talk.title, "mailbox": box.sender_name or account.name}
    text = MARK.sub(lambda found: told.get(found[1], found[0]), box.acknowledgement.replace("\r\n", "\n"))
    answers = came["foreign_id"] if came and (came["foreign_id"] or "").startswith("<") else ""
    return writing.Outgoing(
        identifier=f"<kefu.{talk.thread}.0@{account.address.rpartition('@')[2]}>", sender=(told["mailbox"], account.address),
        to=("", talk.address), subject=f"{writing.answering(_TOKEN.sub('', talk.title).strip())[:370]} [#{talk.thread}]",
        text=text, at=timezone.localtime(moment.now()), answers=answers, automatic=True,
    )  # fmt: skip


def way_to(talk: Conversation) -> tuple[Mailbox, str] | None:
    """By which mailbox, and at which address, whoever began a talk is told something by mail; None where there is no such way."""
    box = Mailbox.objects.select_related("account").filter(account__active=True).exclude(smtp_host="").order_by("pk").first()
    if box is None:
        return None
    known = [{"customer_id": talk.contact.customer_id}] if talk.contact.customer_id else customers.of_phone(talk.contact.phone, 2)
    if len(known) != 1 or customers.refusal(known[0]["customer_id"], channel=ReachedBy.EMAIL, purpose=Purpose.SERVICE):
        return None
    address = customers.mail_of(known[0]["customer_id"])
    return (box, address) if address else None


def announce(conversation_id: int, tries: int, again: Callable[[datetime, int], object]) -> None:
    """Tell the customer by mail that an answer waits; a server that cannot take it is asked again for an hour or so. Who has read it
    meanwhile is told nothing."""
    talk = Conversation.objects.select_related("contact__subject", "account").filter(pk=conversation_id).first()
    last = timeline.last_of(conversation_id, Notice.STANDS)
    if talk is None or last is None or last.kind != Notice.QUEUED:
        return
    way = way_to(talk)
    if way is None:
        _untold(talk, sentences.keep(_NO_WAY))
        return
    box, address = way
    try:
        smtp.send(box.smtp, asking.login(box), sender=box.account.address, to=address, data=writing.written(_news(talk, box, address)))
    except (writing.Unwritable, smtp.Refused) as error:
        _untold(talk, sentences.plain(str(error)))
    except Trouble as error:
        if tries >= len(PAUSES):
            _untold(talk, sentences.plain(str(error)))
        else:
            again(moment.now() + timedelta(seconds=PAUSES[tries]), tries + 1)
    else:
        record_one(actor_id=None, subject_id=talk.pk, kind=Notice.MAILED)


def _untold(talk: Conversation, why: str) -> None:
    record_one(actor_id=None, subject_id=talk.pk, kind=Notice.UNTOLD, data={"trouble": why})


def _news(talk: Conversation, box: Mailbox, address: str) -> writing.Outgoing:
    """That an answer waits and how it is read, and nothing of what it says. A text card of the centre comes before our words."""
    told = {"code": talk.contact.tracking_code, "mailbox": box.sender_name or box.account.name}
    cards = text_cards("answer_waits", "email")
    with translation.override(settings.LANGUAGE_CODE):
        said = "\n".join(MARK.sub(lambda found: told.get(found[1], found[0]), card["text"]) for card in cards)
        text = (
            said
            or _(
                "Our answer to your matter is ready.\n\nRead it on our public pages under “Track a matter”, with the tracking code "
                "%(code)s and the last four digits of your phone. You can write to us there, too.\n\n%(mailbox)s"
            )
            % told
        )
        subject = _("An answer waits for you: %(code)s") % told
    return writing.Outgoing(
        identifier=f"<kefu.{talk.thread}.{secrets.token_hex(6)}@{box.account.address.rpartition('@')[2]}>",
        sender=(told["mailbox"], box.account.address), to=("", address), subject=subject, text=text, at=timezone.localtime(moment.now()),
        automatic=True,
    )  # fmt: skip


def _taken(
    held: Outgoing, box: Mailbox, copied: Recipients | None, refused: dict[str, smtp.Answer], again: Callable[[datetime], object]
) -> None:
    """The server took the letter for all but these: whom it may still take it for is tried again, of the others its writer is told."""
    gone = {one: answer.said for one, answer in refused.items() if answer.final}
    later = {one: answer.said for one, answer in refused.items() if not answer.final}
    if copied:
        gone = copied.refused = {**copied.refused, **gone}
        copied.save(update_fields=["refused"])
    if later:
        held.left = list(later)
        held.save(update_fields=["left"])
        _waits(held, box, Trouble(next(iter(later.values()))), again)
        return
    if held.recipient not in gone:
        Mailbox.objects.filter(pk=box.pk).update(sent_at=moment.now(), send_trouble="")
    _ends(held, gone, several=copied is not None)


@transaction.atomic
def _ends(held: Outgoing, missing: dict[str, str], *, several: bool) -> None:
    """It has reached all but these, and is tried no more unless a person says so."""
    held.left = list(missing)
    held.save(update_fields=["left"])
    if held.recipient in missing:
        _fails(held, queries.refusals(missing) if several else queries.unsent(missing[held.recipient]))
        return
    talks.delivered(held.pk, Delivery.PARTLY if missing else Delivery.SENT, queries.refusals(missing, copies=True))
    if missing:
        subject_id, agent = held.message.conversation_id, held.message.conversation.contact.agent_id
        tell(staff_ids={one for one in (held.message.author_id, agent) if one}, kind=NOT_COPIED, subject_id=subject_id)


def _fails(held: Outgoing, why: str) -> None:
    talks.delivered(held.pk, Delivery.FAILED, why)


def _waits(held: Outgoing, box: Mailbox, error: Exception, again: Callable[[datetime], object]) -> None:
    """The server cannot take it now."""
    why = str(error) or type(error).__name__
    if isinstance(error, SignInRefused):
        Mailbox.objects.filter(pk=box.pk).update(access_token="")
    why = f"{queries.SIGN_IN}{why}" if isinstance(error, SignInRefused) else why
    Mailbox.objects.filter(pk=box.pk).update(send_trouble=queries.ill(why))
    at = moment.now()
    if at - held.since >= PATIENCE:
        told = sentences.keep(_GIVEN_UP, hours=int(PATIENCE.total_seconds() // 3600), why=queries.unsent(why))
        copied = Recipients.objects.filter(pk=held.pk).first()
        if copied and held.left:
            _ends(held, {**copied.refused, **dict.fromkeys(held.left, told)}, several=True)
        else:
            _fails(held, told)
        return
    with transaction.atomic():
        held.next_at = at + timedelta(seconds=PAUSES[min(held.tries, len(PAUSES) - 1)])
        held.tries += 1
        held.save(update_fields=["next_at", "tries"])
        talks.delivered(held.pk, Delivery.QUEUED, queries.unsent(why))
        again(held.next_at)
