"""Residents are told by SMS how their order goes: events of orders become notices, for which a template is approved."""

from __future__ import annotations

from django.db import transaction

from kefu.cases.workorders.models import WorkOrder
from kefu.timeline import feed
from kefu.timeline.feed import Bookmark
from kefu.touch.channels.sms import queries, tasks
from kefu.touch.channels.sms.models import Followed

BATCH, MOST = 500, 20


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
    _stand(reached)


def _orders(ids: set[int]) -> list[tuple[int, str, str]]:
    return list(WorkOrder.objects.filter(pk__in=ids).values_list("pk", "phone", "subject__number"))


def _stand(at: Bookmark) -> None:
    Followed.objects.update_or_create(pk=1, defaults={"bookmark": str(at)})
