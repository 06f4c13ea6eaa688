"""The end of what people left: talks over every written channel, and customers who have had nothing to do with the firm for a time.

That there was something, when and by whom, stays; orders and complaints go by their own archive (decision 0003), whose copies carry the
day until which they are kept. A number that objected to texts stays objected, or it would be written to again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.files import services as files
from kefu.engines.forms.models import FormAnswer
from kefu.engines.search import services as search
from kefu.engines.webhooks.models import Delivery
from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.timeline.services import blank_events, blank_notes
from kefu.touch.channels.chat import handling as chat
from kefu.touch.channels.chat.models import Rating, Visitor
from kefu.touch.channels.email import handling as letters_of_others
from kefu.touch.channels.email.choices import Settled
from kefu.touch.channels.email.models import Outgoing, Quarantined, Recipients
from kefu.touch.channels.fax.choices import State as Faxed
from kefu.touch.channels.fax.models import Sheet
from kefu.touch.channels.hotline.choices import State as Hotline
from kefu.touch.channels.hotline.models import HotlineOrder, HotlineRound, Told
from kefu.touch.channels.sms.models import Piece, Text
from kefu.touch.channels.social import handling as social
from kefu.touch.channels.social.models import Media
from kefu.touch.channels.visits.choices import Protocol
from kefu.touch.channels.visits.choices import State as Visited
from kefu.touch.channels.visits.models import Visit
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import services as conversations
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.models import Conversation
from kefu.touch.customers import queries as customers
from kefu.touch.customers.models import Consent, ContactPoint, Customer, LifeEvent, Likeness, Merge, Tag
from kefu.touch.knowledge import asking as knowledge
from kefu.touch.profiles.models import Contract, Link

ERASED = "erased:"
GONE = "--"
REGISTERED = (Channel.HOTLINE12345, Channel.VISIT)
DONE = (Hotline.RETURNED, Hotline.REPORTED)


def talks_over(before: datetime, limit: int) -> list[int]:
    """Conversations closed before that moment that still hold something; orders of the hotline and visits have terms of their own."""
    over = Conversation.objects.filter(state=State.CLOSED, closed_at__lt=before).exclude(address__startswith=ERASED)
    over = over.exclude(account__channel__in=REGISTERED)
    return list(over.order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase_talks(ids: Sequence[int]) -> int:
    """Blank what these conversations hold on every channel: turns, files, texts, letters, faxes, reports to the city hotline, what was
    told to other systems; gives how many rows were touched."""
    rows = _erase_sheets(Sheet.objects.filter(conversation_id__in=ids))
    texts = Q(message__conversation_id__in=ids) | Q(subject_id__in=ids, asked_at__isnull=False)
    rows += Text.objects.filter(texts).update(number="", body="", params={}, trouble="")
    rows += Recipients.objects.filter(message__conversation_id__in=ids).delete()[0]
    letters = Outgoing.objects.filter(message__conversation_id__in=ids)
    rows += letters.update(recipient="", left=[], subject="", references="", answers="", head="", quoted="", body="")
    rows += Media.objects.filter(message__conversation_id__in=ids).delete()[0]
    rows += Rating.objects.filter(pk__in=ids).update(text="")
    rows += Delivery.objects.filter(subject_id__in=ids).delete()[0] + knowledge.forget(list(ids))
    return rows + conversations.blank(ids)


def _erase_sheets(sheets: QuerySet[Sheet]) -> int:
    rows = files.erase(sheets.exclude(file=None).values_list("file_id", flat=True))
    return rows + sheets.update(number="", name="", detail="", reason="")


def reports_over(before: datetime, limit: int) -> list[int]:
    """Orders of the city hotline that came before that moment and are done with."""
    over = HotlineOrder.objects.filter(state__in=DONE, contact__received_at__lt=before).exclude(contact__content="")
    return list(over.order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase_contacts(ids: Sequence[int]) -> int:
    """Blank these contacts: who it was, what was said, the files, what the register of visitors asked, what the city hotline was told."""
    rows = HotlineRound.objects.filter(order_id__in=ids).update(words="")
    rows += Told.objects.filter(order_id__in=ids).update(text="", remark="")
    rows += _erase_visits(ids)
    rows += files.erase_of(ids) + Delivery.objects.filter(subject_id__in=ids).delete()[0]
    Subject.objects.filter(pk__in=ids).update(title="")
    search.remove(list(ids))
    rows += sum(blank_events(one) + blank_notes(one) for one in ids) + knowledge.forget(list(ids))
    rows += conversations.blank(list(Conversation.objects.filter(pk__in=ids).values_list("pk", flat=True)))
    return rows + Contact.objects.filter(pk__in=ids).update(name="", phone="", address="", content="", wishes="", record={})


def _erase_visits(ids: Sequence[int]) -> int:
    """That somebody came, when, and at which level he was received stays (F-26)."""
    kept = Case(When(protocol=Protocol.EQUAL, then=Value("")), default=Value(GONE))
    found = Visit.objects.filter(pk__in=ids)
    return found.update(organisation="", rank="", protocol_reason=kept, refused_reason="", opinion="")


def visits_over(before: datetime, limit: int) -> list[int]:
    """Visits that ended, by visitors who came before that moment, and that still say who it was."""
    over = Visit.objects.filter(state__in=(Visited.LEFT, Visited.REFUSED), contact__received_at__lt=before)
    said = Q(organisation="", contact__name="", contact__phone="", contact__content="", opinion="")
    return list(over.exclude(said).order_by("pk").values_list("pk", flat=True)[:limit])


def quarantined_over(before: datetime, limit: int) -> list[int]:
    """Letters that came into quarantine before that moment, settled or not."""
    return list(Quarantined.objects.filter(at__lt=before).exclude(file__sha256="").order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase_quarantined(ids: Sequence[int]) -> int:
    """Blank these letters with their bytes; what nobody settled is laid aside. That the same one came before is still known."""
    found = Quarantined.objects.filter(pk__in=ids)
    rows = files.erase(found.values_list("file_id", flat=True))
    found.filter(settled=Settled.OPEN).update(settled=Settled.ASIDE, settled_at=moment.now())
    return rows + found.update(detail="", sender="", title="", reason="")


def faxes_over(before: datetime, limit: int) -> list[int]:
    """Faxes that became no conversation and came before that moment, laid aside or not."""
    over = Sheet.objects.filter(conversation=None, state__in=(Faxed.HELD, Faxed.ASIDE), at__lt=before)
    return list(over.exclude(number="", name="").order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase_faxes(ids: Sequence[int]) -> int:
    """Blank these faxes with their bytes; what nobody settled is laid aside."""
    found = Sheet.objects.filter(pk__in=ids)
    found.filter(state=Faxed.HELD).update(state=Faxed.ASIDE)
    return _erase_sheets(found)


def notices_over(before: datetime, limit: int) -> list[int]:
    """Notices by SMS that went out, or did not, before that moment. Replies end with their conversation."""
    told = Text.objects.filter(message=None, since__lt=before, asked_at__isnull=False).exclude(number="")
    return list(told.order_by("pk").values_list("pk", flat=True)[:limit])


def erase_notices(ids: Sequence[int]) -> int:
    return Text.objects.filter(pk__in=ids).update(number="", body="", params={}, trouble="")


def customers_over(before: datetime, limit: int) -> list[int]:
    """Files with which nothing was done since that moment: no contact, no case that is open or was closed since, no contract that runs,
    nobody who lives or works there."""
    since = Q(subject__closed_at=None) | Q(subject__closed_at__gte=before)
    day = before.date()
    talking = ~Q(state=State.CLOSED) | Q(closed_at__gte=before)
    busy: list[QuerySet[Any]] = [
        Conversation.objects.filter(talking, contact__customer=OuterRef("pk")),
        Contact.objects.filter(customer=OuterRef("pk"), received_at__gte=before),
        WorkOrder.objects.filter(since, customer=OuterRef("pk")),
        Complaint.objects.filter(since, customer=OuterRef("pk")),
        Contract.objects.filter(Q(ended=None) | Q(ended__gte=day), customer=OuterRef("pk")),
        Link.objects.filter(Q(until=None) | Q(until__gte=day)).filter(Q(customer=OuterRef("pk")) | Q(whole=OuterRef("pk"))),
    ]
    found = Customer.objects.filter(merged_into=None, subject__opened_at__lt=before).exclude(name="")
    for one in busy:
        found = found.filter(~Exists(one))
    return list(found.order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase_customers(ids: Sequence[int]) -> int:
    """Blank these files, what became part of them, and the talks and contacts behind them; gives how many rows were touched."""
    every = [one for customer_id in ids for one in customers.family(customer_id)]
    talks = dict(Conversation.objects.filter(contact__customer_id__in=every).values_list("pk", "address"))
    rows = _erase_identities(every, set(talks.values())) + erase_talks(list(talks))
    rows += erase_contacts(list(Contact.objects.filter(customer_id__in=every).values_list("pk", flat=True)))
    rows += _erase_chapters(every)
    blank = {"name": "", "code": None, "area": "", "address": "", "region": "", "needs_assistance": "", "wishes": "", "source": ""}
    rows += Customer.objects.filter(pk__in=every).update(**blank)
    Subject.objects.filter(pk__in=every).update(title="")
    search.remove(every)
    return rows + sum(blank_events(one) + blank_notes(one) for one in every)


def talks_unlinked(every: Sequence[int]) -> QuerySet[Conversation]:
    """Talks by letter that they began, by an address that is theirs alone, and that nobody put to their file."""
    values = list(ContactPoint.objects.filter(customer_id__in=every, kind="email").values_list("kind", "value"))
    known = _mails(list(every), values, set())
    return Conversation.objects.filter(address__in=known, account__channel=Channel.EMAIL, contact__customer=None)


def _erase_identities(every: list[int], addresses: set[str]) -> int:
    """By what they were known: numbers and addresses, visitors of the chat, people at WeChat; and the texts that went to their numbers."""
    points = ContactPoint.objects.filter(customer_id__in=every)
    values = list(points.values_list("kind", "value"))
    keys = {name: [one.removeprefix(name) for one in addresses if one.startswith(name)] for name in ("visitor:", "wechat:")}
    rows = chat.erase(list(Visitor.objects.filter(key__in=keys["visitor:"]).values_list("pk", flat=True)))
    rows += social.erase([int(one) for one in keys["wechat:"]])
    numbers = [value for kind, value in values if kind == "phone"]
    shared = ContactPoint.objects.filter(kind="phone", value__in=numbers).exclude(customer_id__in=every).values_list("value", flat=True)
    own = set(numbers) - set(shared)
    rows += Piece.objects.filter(number__in=own).delete()[0]
    rows += letters_of_others.forget(_mails(every, values, addresses))
    letters = Quarantined.objects.filter(sender__in=[value for kind, value in values if kind == "email"])
    rows += erase_quarantined(list(letters.values_list("pk", flat=True)))
    rows += erase_notices(list(Text.objects.filter(number__in=own, asked_at__isnull=False).values_list("pk", flat=True)))
    return rows + points.delete()[0]


def _mails(every: list[int], values: list[tuple[str, str]], addresses: set[str]) -> set[str]:
    """The mail addresses that are theirs alone."""
    known = {value.lower() for kind, value in values if kind == "email"} | {one.lower() for one in addresses if "@" in one}
    shared = ContactPoint.objects.filter(kind="email", value__in=known).exclude(customer_id__in=every)
    return known - {one.lower() for one in shared.values_list("value", flat=True)}


def _erase_chapters(every: list[int]) -> int:
    """What stands beside a file. That the customer agreed or objected, and that files were merged, stays without the words."""
    merges = Merge.objects.filter(Q(kept__in=every) | Q(gone__in=every))
    rows = merges.update(reason="", moved={}, points={"moved": [], "dropped": []}, filled={})
    rows += Consent.objects.filter(customer_id__in=every).update(evidence="")
    rows += files.erase_of(every)
    rows += FormAnswer.objects.filter(subject_id__in=every).update(data={}, signatures=[])
    for model in (Tag, LifeEvent, Contract):
        rows += model._default_manager.filter(customer_id__in=every).delete()[0]
    rows += Link.objects.filter(Q(customer_id__in=every) | Q(whole_id__in=every)).delete()[0]
    rows += Likeness.objects.filter(Q(one__in=every) | Q(other__in=every)).delete()[0]
    return rows + Delivery.objects.filter(subject_id__in=every).delete()[0]
