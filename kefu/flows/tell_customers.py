"""Customers are told: residents by SMS how their order goes, and who has to look for our answer that one waits.

Events become notices; a notice by SMS goes out only from an approved template. None says what an answer holds.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from kefu.cases.workorders.models import WorkOrder
from kefu.engines.jobs.services import enqueue
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment, sentences
from kefu.timeline import feed
from kefu.timeline import queries as timeline
from kefu.timeline.feed import Bookmark
from kefu.timeline.services import record_one
from kefu.touch.channels.email import routing as mail
from kefu.touch.channels.email.tasks import announce
from kefu.touch.channels.sms import queries, routing, tasks
from kefu.touch.channels.sms.choices import Occasion
from kefu.touch.channels.sms.models import Followed
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Notice
from kefu.touch.conversations.models import Conversation
from kefu.touch.conversations.registry import outlets

BATCH, MOST = 500, 20
AGAIN_HOURS = "conversation.notice_again_hours"


def follow() -> int:
    """Write the notices of what happened since the last time; the answer is how many events were looked at.

    What happened while no template was approved is not told later.
    """
    row = Followed.objects.filter(pk=1).first()
    stood = Bookmark.parse(row.bookmark) if row else None
    if stood is None:
        _stand(feed.end())
        return 0
    seen = 0
    for _turn in range(MOST):
        entries = feed.read(stood, BATCH)
        if entries:
            stood = entries[-1].bookmark
            _tell(entries, stood)
            seen += len(entries)
        if len(entries) < BATCH:
            break
    return seen


@transaction.atomic
def _tell(entries: list[feed.Entry], reached: Bookmark) -> None:
    """The notices of a batch and how far it reached are written together."""
    wanted = queries.occasions()
    told = [one for one in entries if one.kind in wanted and one.subject_kind == "workorder"]
    ids = {one.subject_id for one in told}
    orders = {pk: (number, case) for pk, number, case in _orders(ids)} if ids else {}
    for one in told:
        number, case = orders.get(one.subject_id, ("", ""))
        if number:
            tasks.notice(occasion=one.kind, number=number, subject_id=one.subject_id, once=f"{one.kind}:{one.id}", case=case)
    answered = {one.subject_id: one.id for one in entries if one.kind == Occasion.ANSWERED}
    channels = [outlet.channel for outlet in outlets if outlet.looked_up]
    rows = Conversation.objects.filter(pk__in=list(answered), account__channel__in=channels) if answered else Conversation.objects.none()
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        _answer_waits(pk, answered[pk])
    _stand(reached)


def _orders(ids: set[int]) -> list[tuple[int, str, str]]:
    return list(WorkOrder.objects.filter(pk__in=ids).values_list("pk", "phone", "subject__number"))


def _stand(at: Bookmark) -> None:
    Followed.objects.update_or_create(pk=1, defaults={"bookmark": str(at)})


def _answer_waits(conversation_id: int, event_id: int) -> None:
    """The customer is told by mail, else by SMS; or the line says why not."""
    held = talks.lock(conversation_id)
    if held is None or not _to_be_told(conversation_id, event_id):
        return
    if mail.way_to(held) is not None:
        record_one(actor_id=None, subject_id=held.pk, kind=Notice.QUEUED, data={"way": "email"})
        enqueue(announce, held.pk)
        return
    number = held.contact.phone
    why = routing.why_not(occasion=Occasion.ANSWERED, number=number)
    made = None
    if not why:
        made = tasks.notice(
            occasion=Occasion.ANSWERED, number=number, subject_id=held.pk, once=f"answer:{event_id}", case=held.contact.tracking_code
        )
    if made is not None:
        record_one(actor_id=None, subject_id=held.pk, kind=Notice.QUEUED, data={"way": "sms", "due": made.next_at.isoformat()})
    elif why:
        record_one(actor_id=None, subject_id=held.pk, kind=Notice.UNTOLD, data={"trouble": sentences.keep(why)})


def _to_be_told(conversation_id: int, event_id: int) -> bool:
    """Not if it was read by now, nor while a notice of an answer before it is unread (until the hours of the setting are over)."""
    last = timeline.last_of(conversation_id, Notice.STANDS)
    if last is None or last.kind in (Notice.UNTOLD, Notice.NOT_TEXTED):
        return True
    if last.kind == Notice.READ:
        return last.pk < event_id
    return last.at + timedelta(hours=int(setting(AGAIN_HOURS, default=24))) <= moment.now()


@transaction.atomic
def has_looked(conversation_id: int) -> None:
    """The customer looks at our answers: the line says so once for each, and a notice that still waits does not go out."""
    last = timeline.last_of(conversation_id, (Occasion.ANSWERED, Notice.READ))
    if last is not None and last.kind != Notice.READ:
        record_one(actor_id=None, subject_id=conversation_id, kind=Notice.READ)
        routing.withdraw(conversation_id, Occasion.ANSWERED)
