"""Background work of the fax channel: folders that are looked into, pages that are drawn, letters that bring faxes."""

from __future__ import annotations

from kefu.engines.jobs.services import enqueue, job
from kefu.engines.mail.reading import Message as Letter
from kefu.engines.paper import pages
from kefu.touch.channels.email.registry import LetterTaker
from kefu.touch.channels.fax import asking, services
from kefu.touch.channels.fax.models import Machine
from kefu.touch.conversations.services import Account


@job()
def draw(sheet_id: int) -> None:
    """Draw the pages of one fax."""
    services.take_in(sheet_id)


def again(sheet_id: int) -> None:
    """Queue the drawing, in the caller's transaction."""
    enqueue(draw, sheet_id)


def look() -> int:
    """Look into every folder; the answer is how many faxes were taken."""
    rows = Machine.objects.select_related("account").filter(account__active=True).exclude(folder="").order_by("pk")
    return sum(asking.look(machine, again) for machine in rows)


def forget() -> int:
    """Delete old files that were taken, of every folder; the answer is how many."""
    return sum(asking.forget(machine) for machine in Machine.objects.exclude(folder="").order_by("pk"))


def _machine(account: Account) -> Machine | None:
    return Machine.objects.filter(mailbox_id=account.pk, account__active=True).first()


def watches(account: Account) -> bool:
    """Whether the letters of a mailbox may bring faxes."""
    return _machine(account) is not None


def take(account: Account, letter: Letter) -> bool:
    """The faxes in a letter to the mailbox of a fax number; False for a letter that brings none."""
    machine = _machine(account)
    if machine is None:
        return False
    found = [(one.name, data) for one in letter.attachments if pages.kind_of(data := one.content())]
    for place, (name, data) in enumerate(found):
        key = services.key_of(machine.pk, letter.message_id or letter.fingerprint, place)
        number = services.number_in(letter.subject, name)
        services.keep(machine, data, name=name or "fax", key=key, number=number, draw=again)
    return bool(found)


TAKER = LetterTaker("fax", watches, take)
