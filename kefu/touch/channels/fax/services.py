"""A file becomes a fax once; its pages become a conversation, or it waits for a person."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from kefu.engines.files import services as files
from kefu.engines.files.kinds import clean_name
from kefu.engines.paper import pages
from kefu.engines.paper.pages import Unreadable
from kefu.kit import phone
from kefu.touch.channels.fax.choices import State, Why
from kefu.touch.channels.fax.models import Machine, Sheet
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.services import Enclosed, Incoming

PAGE = "page-"
# A number with area code, a mobile, or a local one; a date is none.
_NUMBER = re.compile(r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|(?!20\d\d(?:0[1-9]|1[0-2]))[2-9]\d{6,7})(?!\d)")


def number_in(*texts: str) -> str:
    """The first number that a fax server wrote into a name or a subject line, "" if there is none."""
    for text in texts:
        if found := _NUMBER.search(text):
            return phone.normalise(found[0])
    return ""


def key_of(*words: object) -> str:
    return hashlib.sha256("\n".join(str(word) for word in words).encode()).hexdigest()


def known(key: str) -> bool:
    return Sheet.objects.filter(key=key).exists()


@transaction.atomic
def keep(machine: Machine, data: bytes, *, name: str, key: str, number: str, draw: Callable[[int], object]) -> bool:
    """Keep the file of a fax and queue its drawing in the same transaction; whether it is new."""
    if known(key):
        return False
    kind = pages.kind_of(data) or "application/octet-stream"
    stored = files.keep_letter(data, name=clean_name(name), media_type=kind)
    made = Sheet.objects.create(machine=machine, key=key, name=stored.name, number=number, file=stored)
    draw(made.pk)
    return True


def refuse(machine: Machine, *, name: str, key: str, why: Why) -> None:
    """A file that is not even read: it stays where it lies, and a person is told."""
    Sheet.objects.get_or_create(key=key, defaults={"machine": machine, "name": name[:160], "state": State.HELD, "why": why})


def take_in(sheet_id: int) -> None:
    """Draw the pages and store them as a conversation; what cannot be drawn waits for a person."""
    sheet = Sheet.objects.select_related("machine__account__unit").filter(pk=sheet_id, state=State.WAITING).first()
    if sheet is None or sheet.file_id is None:
        return
    data = files.read(sheet.file_id)
    try:
        drawn = pages.drawn(data)
    except Unreadable as error:
        words = {"state": State.HELD, "why": Why(error.code), "detail": talks.clean(str(error), 300)}
        Sheet.objects.filter(pk=sheet_id).update(**words)
        return
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Fax of %(count)d pages") % {"count": len(drawn)}
    enclosed = [Enclosed(f"{PAGE}{place}.png", _bytes(page), f"{PAGE}{place}") for place, page in enumerate(drawn, 1)]
    if pages.kind_of(data) == pages.PDF:
        enclosed.append(Enclosed(_named(sheet.name), _bytes(data)))
    incoming = Incoming(
        foreign_id=f"sheet:{sheet.pk}", sender=sheet.number, phone=sheet.number, title=title, text=title, reply=title, files=enclosed
    )
    with transaction.atomic():
        message, _new = talks.receive(account=sheet.machine.account, incoming=incoming)
        Sheet.objects.filter(pk=sheet_id).update(
            state=State.TAKEN, why=Why.NONE, detail="", pages=len(drawn), conversation_id=message.conversation_id
        )


def _bytes(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _named(name: str) -> str:
    """The name with the ending of what it is."""
    return name if name.lower().endswith(".pdf") else f"{name.rpartition('.')[0] or name}.pdf"
