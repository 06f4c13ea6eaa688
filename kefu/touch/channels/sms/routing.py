"""How a text goes out: judged and signed in the transaction of its reply, handed over after it, and its receipts."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from kefu.engines.clock import calendars, reading
from kefu.engines.clock.calendar import Calendar
from kefu.engines.jobs.patience import INTERRUPTED, SWITCHED_OFF, Patience, maybe
from kefu.engines.texting import gateway, length, personal
from kefu.engines.texting.carrier import Outgoing, Receipt, Refused, Trouble, Unclear
from kefu.engines.texting.recipes import Recipe
from kefu.kit import moment, sentences
from kefu.kit.errors import Invalid
from kefu.kit.errors import Text as Sentence
from kefu.people.models import Unit
from kefu.timeline.services import record_one
from kefu.touch.channels.sms import queries
from kefu.touch.channels.sms.choices import PURPOSES, Approval, Carrier, Occasion, State
from kefu.touch.channels.sms.models import Early, Handed, Line, Template, Text
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Delivery, Notice
from kefu.touch.conversations.services import Account, Message
from kefu.touch.customers import queries as customers
from kefu.touch.customers.choices import Purpose, ReachedBy

log = logging.getLogger("kefu.sms")
PATIENCE, CUT_OFF = Patience((10, 30, 60, 120, 300, 600, 900), timedelta(hours=24)), timedelta(seconds=90)
MOST_TEXT, MOST_OFFERED, MOST_MEASURED = 500, 50, 2000
GAP, FAR = "……", 30  # no rest is longer than that many days
_UNDELIVERED = gettext_lazy("The carrier could not deliver it: %(why)s")
MOBILE, PLACE = re.compile(r"\+861[3-9]\d{9}"), re.compile(r"\{(unit|hotline|number)\}")
KINDS: dict[str, Sentence] = {
    "phone": gettext_lazy("a mobile number"),
    "id_number": gettext_lazy("an identity number"),
    "bank_card": gettext_lazy("a bank card number"),
    "email": gettext_lazy("a mail address"),
    "address": gettext_lazy("a home address"),
    "plate": gettext_lazy("a number plate"),
    "name": gettext_lazy("the full name of the customer"),
}
_SHOWN = {State.SENT: Delivery.SENT, State.DELIVERED: Delivery.ARRIVED, State.FAILED: Delivery.FAILED, State.QUEUED: Delivery.QUEUED}


def hindrance(account: Account) -> Sentence:
    """Why this line sends nothing."""
    if not account.active:
        return gettext_lazy("This SMS line is switched off.")
    line = Line.objects.filter(pk=account.pk).first()
    if line is None or not (line.recipe if line.carrier == Carrier.GATEWAY else line.host):
        return gettext_lazy("This SMS line has no carrier to send by. Whoever sets up SMS lines can add one under Settings, SMS.")
    if line.carrier == Carrier.GATEWAY and _only_templates(line):
        return gettext_lazy(
            "The gateway of this line sends only templates. Who sets up SMS lines can name one for answers in its description (“plain”)."
        )
    return ""


def _only_templates(line: Line) -> bool:
    try:
        return recipe_of(line).send.only_templates
    except Trouble:
        return False


def judge(text: str, names: Iterable[str] = ()) -> None:
    """Raises ``Invalid`` for a text that holds personal data (R-03-7.2.2)."""
    found = personal.kinds(text, names)
    if found:
        named = _(", ").join(str(KINDS[one]) for one in found)
        why = _("An SMS may hold no personal data; this text holds %(what)s. Please leave it out.") % {"what": named}
        raise Invalid(fields={"text": why})


def signed(line: Line, text: str) -> str:
    """The text behind the signature that carriers ask for."""
    return f"【{line.signature}】{text}" if line.signature and not text.startswith("【") else text


def measured(account_id: int, text: str) -> length.Length:
    """How long a text is that goes out by this line, with its signature."""
    line = Line.objects.filter(pk=account_id).first()
    return length.measure(signed(line, text) if line else text)


def offered(account_id: int, case: str) -> list[tuple[str, str]]:
    """Name and words of the approved templates, as they go out by this line; ``case`` is the number of what they are about."""
    line = Line.objects.filter(pk=account_id).first()
    places = _places(line.hotline if line else "", case)
    rows = Template.objects.filter(state=Approval.APPROVED).order_by("name", "id").values_list("name", "text")[:MOST_OFFERED]
    return [(name, PLACE.sub(lambda found: places.get(found[1]) or GAP, text)) for name, text in rows]


def _places(hotline: str, case: str) -> dict[str, str]:
    """What stands in the places of a template."""
    root = Unit.objects.filter(parent=None).order_by("pk").first()
    return {"unit": root.name if root else "", "hotline": hotline, "number": case}


def write(message: Message) -> Text:
    """Make the text of a reply, in its transaction. Raises ``Invalid`` for personal data, and for a person who wants no texts."""
    talk, line = message.conversation, Line.objects.get(pk=message.account_id)
    judge(message.reply, (talk.contact.name,))
    if queries.blocked_since(talk.address, talk.last_in_at):
        raise Invalid(fields={"text": _("This person wants no more SMS. Please call, or wait until the person writes again.")})
    body = signed(line, message.reply)
    held = Text.objects.filter(message=message).first() or Text(message=message, account_id=message.account_id, number=talk.address)
    if held.pk:
        Handed.objects.filter(text=held).delete()  # asked by a person to go once more: a new text for the carrier
    held.word, held.body, held.parts = secrets.token_hex(12), body, length.measure(body).parts
    held.state, held.trouble, held.tries = State.QUEUED, "", 0
    held.since = held.next_at = moment.now()
    held.save()
    return held


def notice(*, occasion: str, number: str, subject_id: int, once: str, case: str) -> Text | None:
    """Write the notice of an occasion, in the caller's transaction; it waits for the hours of the line. The same ``once`` is written once.

    None: no template is approved, no line is there, the number is no mobile of the country, or its owner wants none (by a word to the
    line, or in the customer file; then the case says why).
    """
    template, line, hindered = _way(occasion, number)
    if hindered or template is None or line is None:
        return None
    why = _objection(number, occasion)
    if why:
        record_one(actor_id=None, subject_id=subject_id, kind=Notice.NOT_TEXTED, data={"name": template.name, "trouble": why})
        return None
    places = _places(line.hotline, case)
    body = signed(line, PLACE.sub(lambda found: places.get(found[1], ""), template.text))
    at = moment.now()
    made, new = Text.objects.get_or_create(
        once=once[:80],
        defaults={
            "account": line.account, "subject_id": subject_id, "template": template, "word": secrets.token_hex(12), "number": number,
            "body": body, "params": {name: places[name] for name in PLACE.findall(template.text)}, "parts": length.measure(body).parts,
            "since": at, "next_at": within_hours(line, at),
        },
    )  # fmt: skip
    return made if new else None


def _way(occasion: str, number: str) -> tuple[Template | None, Line | None, Sentence]:
    """Template and line of a notice to this number, and why it cannot go; "" if nothing but an objection of its owner hinders it."""
    if not number:
        return None, None, gettext_lazy("no phone number is known")
    if not MOBILE.fullmatch(number):
        return None, None, gettext_lazy("the phone number is no mobile number")
    line = Line.objects.select_related("account").filter(account__active=True).order_by("pk").first()
    if line is None:
        return None, None, gettext_lazy("there is no SMS line in use")
    template = Template.objects.filter(occasion=occasion, state=Approval.APPROVED).first()
    if template is None:
        return None, line, gettext_lazy("no SMS template is approved for it")
    return template, line, gettext_lazy("the number wants no SMS") if queries.blocked_since(number, None) else ""


def why_not(*, occasion: str, number: str) -> Sentence:
    """Why a notice of this occasion cannot go to this number; "" if it can."""
    return _way(occasion, number)[2] or _objection(number, occasion)


def withdraw(subject_id: int, occasion: str) -> None:
    """A notice that has not gone out is needed no more."""
    waiting = Text.objects.filter(subject_id=subject_id, message=None, template__occasion=occasion, state=State.QUEUED)
    waiting.filter(pk__in=list(waiting.select_for_update(of=("self",)).values_list("pk", flat=True))).delete()


def _objection(number: str, occasion: str) -> str:
    purpose = PURPOSES.get(Occasion(occasion), Purpose.SERVICE)
    held = customers.of_phone(number, limit=1) if purpose != Purpose.SERVICE else []
    return customers.refusal(held[0]["customer_id"] if held else None, channel=ReachedBy.SMS, purpose=purpose)


def recipe_of(line: Line) -> Recipe:
    """The description of the gateway. Raises ``Trouble`` for one that no longer holds."""
    try:
        return Recipe.model_validate(line.recipe)
    except ValidationError as error:
        raise Trouble("the description of the gateway cannot be read") from error


def within_hours(line: Line, at: datetime) -> datetime:
    """The first instant from ``at`` on at which texts go out that nobody waits for."""
    begin, _dash, end = line.hours.partition("-")
    pairs = [[begin, end]] if begin < end else [[begin, "24:00"], *([["00:00", end]] if end > "00:00" else [])]
    calendar = Calendar(timezone=settings.TIME_ZONE, week=(reading.spans(pairs),) * 7)
    today = calendar.local(at).date()
    rests = calendars.all_calendars().get(line.workdays)
    days = [today + timedelta(days=day) for day in range(-1, FAR if rests else 3)]
    spans = [span for day in days if rests is None or rests.is_working_day(day) for span in calendar.working(day)]
    return next((max(at, start) for start, stop in spans if stop > at), at)


def _claimed(text_id: int, again: Callable[[datetime], object]) -> tuple[Text, Line] | None:
    """The text, marked as being handed over; None if it is not to be, now or ever. What was cut off is judged here."""
    with transaction.atomic():
        held = Text.objects.select_for_update(of=("self",)).filter(pk=text_id, state__in=(State.QUEUED, State.SENDING)).first()
        line = Line.objects.filter(pk=held.account_id).select_related("account").first() if held else None
        if held is None or line is None or line.carrier != Carrier.GATEWAY:
            return None
        at = moment.now()
        if held.state == State.SENDING and held.asked_at is not None:
            if held.asked_at > at - CUT_OFF:
                again(held.asked_at + CUT_OFF)
                return None
            if not recipe_of(line).send.repeatable:
                settle(held, State.FAILED, maybe(INTERRUPTED))
                return None
        if held.next_at > at + timedelta(seconds=5):
            return None
        held.state, held.asked_at = State.SENDING, at
        held.save(update_fields=["state", "asked_at"])
    return held, line


class Off(Trouble):
    """The line is switched off."""


def deliver(text_id: int, again: Callable[[datetime], object]) -> None:
    """Hand a waiting text to its gateway; what cannot be handed over now waits for a day, and ``again`` queues the next try."""
    claimed = _claimed(text_id, again)
    if claimed is None:
        return
    held, line = claimed
    code = held.template.vendor_code if held.template else ""
    out = Outgoing(held.word, held.number, held.body, line.signature, code, held.params)
    try:
        if not line.account.active:
            raise Off()
        foreign = gateway.send(recipe_of(line), out, key=line.key, secret=line.secret, at=moment.now())
    except Trouble as error:
        waits(held, line, error, again)
    except Refused as error:
        refused(held, line, sentences.plain(str(error)))
    except Unclear as error:
        refused(held, line, maybe(str(error)))
    else:
        works(line)
        handed(held, 1, foreign)


def works(line: Line) -> None:
    """The carrier has taken a text."""
    Line.objects.filter(pk=line.pk).update(sent_at=moment.now(), send_trouble="")


def refused(held: Text, line: Line, why: str) -> None:
    Line.objects.filter(pk=line.pk).update(send_trouble=why)
    settle(held, State.FAILED, why)


def waits(held: Text, line: Line, error: Exception, again: Callable[[datetime], object]) -> None:
    """The carrier cannot take it now."""
    why = sentences.keep(SWITCHED_OFF) if isinstance(error, Off) else sentences.plain(str(error) or type(error).__name__)
    Line.objects.filter(pk=line.pk).update(send_trouble=why)

    def later(why: str) -> None:
        settle(held, State.QUEUED, why)
        again(held.next_at)

    PATIENCE.wait(held, why, over=lambda told: settle(held, State.FAILED, told), later=later)


def handed(held: Text, part: int, foreign_id: str, *, last: bool = True) -> None:
    """The carrier has taken a part and calls it ``foreign_id``; a receipt that was quicker counts now."""
    with transaction.atomic():
        name = foreign_id[:100] or None
        Handed.objects.get_or_create(text=held, part=part, defaults={"account_id": held.account_id, "foreign_id": name})
        early = Early.objects.filter(account_id=held.account_id, foreign_id=name).first() if name else None
        if last:
            settle(held, State.SENT, "")
            _all_there(held)
        if early:
            early.delete()
            _reached(held.account_id, early.foreign_id, State(early.state), early.detail)


def receive(account_id: int, receipt: Receipt) -> bool:
    """A receipt of the carrier; whether it is of a text that is known. Said twice, it counts once; what is final stays."""
    if receipt.state == "pending":
        return True
    state = State.DELIVERED if receipt.state == "delivered" else State.FAILED
    with transaction.atomic():
        if _reached(account_id, receipt.foreign_id[:100], state, receipt.detail):
            return True
        words = {"state": state, "detail": talks.clean(receipt.detail, 200)}
        Early.objects.get_or_create(account_id=account_id, foreign_id=receipt.foreign_id[:100], defaults=words)
    return False


def _reached(account_id: int, foreign_id: str, state: State, detail: str) -> bool:
    part = Handed.objects.select_for_update(of=("self",)).filter(account_id=account_id, foreign_id=foreign_id).first()
    if part is None:
        return False
    held = Text.objects.select_for_update(of=("self",)).get(pk=part.text_id)
    if part.state == State.SENT:
        part.state = state
        part.save(update_fields=["state"])
        if state == State.FAILED:
            settle(held, State.FAILED, sentences.keep(_UNDELIVERED, why=sentences.plain(detail)))
        else:
            _all_there(held)
    return True


def _all_there(held: Text) -> None:
    """A text has arrived when each of its parts has."""
    if held.state == State.SENT and not Handed.objects.filter(text=held).exclude(state=State.DELIVERED).exists():
        settle(held, State.DELIVERED, "")


def settle(held: Text, state: State, trouble: str) -> None:
    """How far the text is, told in its conversation or in the course of its case."""
    trouble = talks.clean(trouble, 500)
    with transaction.atomic():
        held.state, held.trouble = state, trouble
        held.sent_at = moment.now() if state == State.SENT else held.sent_at
        held.save(update_fields=["state", "trouble", "sent_at"])
        if held.message_id is not None:
            talks.delivered(held.message_id, _SHOWN[state], trouble)
        elif held.subject_id is not None and state in (State.SENT, State.FAILED):
            data = {"name": held.template.name if held.template else "", "trouble": trouble}
            kind = Notice.TEXTED if state == State.SENT else Notice.NOT_TEXTED
            record_one(actor_id=None, subject_id=held.subject_id, kind=kind, data=data)
