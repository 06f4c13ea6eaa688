"""The end of what a visitor left: his identity, and what was said in his talks. That there was a talk, when and by whom, stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from kefu.touch.channels.chat import queries
from kefu.touch.channels.chat.models import Rating, Visitor
from kefu.touch.conversations import services as conversations
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.services import Conversation


def ended(before: datetime, limit: int) -> list[int]:
    """Visitors who never wrote, or whose last talk was closed before that moment."""
    silent = Q(conversation=None, began_at__lt=before)
    done = Q(conversation__state=State.CLOSED, conversation__closed_at__lt=before)
    return list(Visitor.objects.filter(silent | done).order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase(ids: Sequence[int]) -> int:
    """Delete these visitors, so that their tokens open nothing, and blank what their talks hold; gives how many rows were touched."""
    keys = Visitor.objects.filter(pk__in=ids).values_list("key", flat=True)
    talks = list(Conversation.objects.filter(address__in=[queries.address_of(key) for key in keys]).values_list("pk", flat=True))
    rows = Rating.objects.filter(pk__in=talks).update(text="")
    rows += Visitor.objects.filter(pk__in=ids).delete()[0]
    return rows + conversations.blank(talks)
