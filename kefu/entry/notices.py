"""What an agent reads beside a talk of the word to the customer that an answer waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kefu.kit import sentences, show
from kefu.touch.conversations.choices import Notice
from kefu.touch.conversations.models import Conversation
from kefu.touch.conversations.registry import outlets

KINDS = (Notice.QUEUED, Notice.MAILED, Notice.UNTOLD, Notice.TEXTED, Notice.NOT_TEXTED)


def of_answer(conversation: Conversation, events: list[dict[str, Any]]) -> str:
    """Whether a customer who has to look for our answers was told of the last one, or has read it; "" where none waits for him.

    ``events`` are those of the talk, newest first.
    """
    outlet, answered_at = outlets.get(conversation.account.channel), conversation.last_out_at
    if outlet is None or not outlet.looked_up or answered_at is None:
        return ""
    read = next((one["at"] for one in events if one["kind"] == Notice.READ), None)
    if read is not None and read >= answered_at:
        return _("Answer read %(at)s") % {"at": show.short_stamp(read)}
    last = next((one for one in events if one["kind"] in KINDS and (read is None or one["at"] > read)), None)
    return _said(last) if last else _("The notice is being made")


def _said(event: dict[str, Any]) -> str:
    data, kind = event["data"], event["kind"]
    if kind in (Notice.UNTOLD, Notice.NOT_TEXTED):
        return _("Not told: %(why)s") % {"why": sentences.shown(str(data.get("trouble", "")))}
    if kind == Notice.QUEUED and data.get("way") == "email":
        return _("Notice goes out by mail")
    if kind == Notice.QUEUED:
        return _("Notice goes out by SMS %(at)s") % {"at": show.short_stamp(datetime.fromisoformat(str(data["due"])))}
    return (_("Notice sent by mail %(at)s") if kind == Notice.MAILED else _("Notice sent by SMS %(at)s")) % {
        "at": show.short_stamp(event["at"])
    }
