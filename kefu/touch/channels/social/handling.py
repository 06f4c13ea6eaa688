"""The end of what a person left who wrote by WeChat: who he is there, and what was said. That there was a talk, when and by whom, stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from kefu.touch.channels.social import queries
from kefu.touch.channels.social.models import Media, Person, Sending
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.services import Conversation


def ended(before: datetime, limit: int) -> list[int]:
    """People who never wrote, or whose last talk was closed before that moment."""
    silent = Q(conversation=None, began_at__lt=before)
    done = Q(conversation__state=State.CLOSED, conversation__closed_at__lt=before)
    return list(Person.objects.filter(silent | done).order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase(ids: Sequence[int]) -> int:
    """Delete these people and blank what their talks hold; gives how many rows were touched."""
    addresses = [queries.address_of(one) for one in Person.objects.filter(pk__in=ids)]
    held = list(Conversation.objects.filter(address__in=addresses).values_list("pk", flat=True))
    rows = Sending.objects.filter(person_id__in=ids).delete()[0]
    rows += Media.objects.filter(message__conversation_id__in=held).delete()[0]
    rows += Person.objects.filter(pk__in=ids).delete()[0]
    return rows + talks.blank(held)
