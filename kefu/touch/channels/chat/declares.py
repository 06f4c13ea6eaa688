"""What chat gives the engines."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.privacy.registry import Erasure
from kefu.kit.health import Source
from kefu.kit.menu import MenuItem
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind
from kefu.touch.channels.chat import asking, handling, queries, services, settings
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.registry import Outlet
from kefu.touch.knowledge.registry import QuestionSource


def _rated(data: dict[str, Any]) -> str:
    told = _("The customer gave %(stars)s stars: %(text)s") if data.get("text") else _("The customer gave %(stars)s stars")
    return str(told) % {"stars": data.get("stars", ""), "text": data.get("text", "")}


RIGHTS = (Right(queries.MANAGE, _("Set up chat widgets")),)
EVENT_KINDS = (EventKind("chat.rated", _("The customer gave %(stars)s stars"), "star", _rated), *settings.EVENT_KINDS)
NOTICE_KINDS = (NoticeKind("chat.rated", _("%(number)s: the customer gave %(stars)s stars"), icon="star"),)
ERASURES = (Erasure("chat.visitor", _("Chat visitors and what they wrote"), handling.ended, handling.erase),)
OUTLETS = (Outlet(Channel.CHAT, None, most_text=services.LONGEST, most_files=services.MOST_FILES, most_bytes=services.MOST_BYTES),)
HEALTH = (Source("chat", queries.health, (queries.MANAGE,)),)
MENU = (MenuItem("chat", _("Chat widgets"), "/settings/chat", "message", group="settings", order=46, rights=(queries.MANAGE,)),)
PERIODICS = (Periodic("chat.robot", _("Talks with the robot that are over"), asking.end_quiet, every=60),)
QUESTION_SOURCES = (QuestionSource("robot", _("Robot"), queries.unanswered),)
