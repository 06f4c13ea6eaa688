"""What people do with templates: one writes, another approves."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.touch.channels.sms import policies, queries, routing
from kefu.touch.channels.sms.choices import PLACES, Approval, Occasion
from kefu.touch.channels.sms.models import Template
from kefu.touch.conversations.queries import unfit_words

PLACE = re.compile(r"\{([^{}]*)\}")


def _checked(text: str, occasion: str) -> str:
    """The text; raises ``Invalid`` for places that nothing fills, personal data, and words that no customer is to read."""
    text = text.replace("\x00", "").strip()
    known = PLACES[occasion]
    wrong = [name for name in PLACE.findall(text) if name not in known]
    if wrong:
        told = {"wrong": wrong[0][:40], "known": " ".join(f"{{{name}}}" for name in known)}
        raise Invalid(fields={"text": _("Nothing fills {%(wrong)s} here. These places are filled: %(known)s") % told})
    routing.judge(text)
    if unfit := unfit_words(text):
        raise Invalid(fields={"text": _("Please say it in other words: %(words)s") % {"words": ", ".join(unfit)}})
    return text


@transaction.atomic
def write(*, actor: Actor, name: str, text: str, occasion: str = Occasion.NONE, vendor_code: str = "") -> Template:
    """A new draft. Raises ``Invalid``, ``NotAllowed``."""
    policies.judge(actor, queries.WRITE)
    made = Template.objects.create(
        name=name.strip(), text=_checked(text, occasion), occasion=occasion, vendor_code=vendor_code.strip(), written_by_id=actor.person_id
    )
    _told(actor, made, "written")
    return made


def _held(actor: Actor, template_id: int, command: str) -> Template:
    row = queries.template(actor, template_id)
    held = Template.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if command not in policies.allowed(actor, held):
        if command in ("approve", "refuse") and held.written_by_id == actor.id:
            raise NotAllowed(_("Who wrote a template does not approve it. Ask a colleague."))
        raise Conflict()
    return held


def _told(actor: Actor, row: Template, how: str, **more: Any) -> None:
    audit.of_house(actor_id=actor.id, kind="sms.template", data={"id": row.pk, "name": row.name, "how": how, "text": row.text, **more})


@transaction.atomic
def change(*, actor: Actor, id: int, name: str, text: str, occasion: str = Occasion.NONE, vendor_code: str = "") -> Template:  # noqa: A002
    """Write it anew; it is a draft again."""
    held = _held(actor, id, "change")
    held.name, held.text, held.occasion, held.vendor_code = name.strip(), _checked(text, occasion), occasion, vendor_code.strip()
    held.state, held.judged_by, held.judged_at, held.remark = Approval.DRAFT, None, None, ""
    held.written_by_id, held.written_at = actor.person_id, moment.now()
    held.save()
    _told(actor, held, "changed")
    return held


@transaction.atomic
def approve(*, actor: Actor, id: int) -> None:  # noqa: A002
    """It may go out from now on; the one that was in force for the same occasion goes out of use."""
    held = _held(actor, id, "approve")
    _checked(held.text, held.occasion)
    if held.occasion:
        Template.objects.filter(occasion=held.occasion, state=Approval.APPROVED).update(state=Approval.RETIRED)
    _judged(actor, held, Approval.APPROVED, "approved")


@transaction.atomic
def refuse(*, actor: Actor, id: int, remark: str) -> None:  # noqa: A002
    """It is not to go out, for a reason."""
    held = _held(actor, id, "refuse")
    held.remark = remark.replace("\x00", "").strip()[:300]
    _judged(actor, held, Approval.REFUSED, "refused", remark=held.remark)


@transaction.atomic
def retire(*, actor: Actor, id: int) -> None:  # noqa: A002
    """It goes out no longer."""
    held = _held(actor, id, "retire")
    held.state = Approval.RETIRED
    held.save(update_fields=["state"])
    _told(actor, held, "retired")


def _judged(actor: Actor, held: Template, state: Approval, how: str, **more: Any) -> None:
    held.state, held.judged_by_id, held.judged_at = state, actor.person_id, moment.now()
    held.save(update_fields=["state", "judged_by", "judged_at", "remark"])
    _told(actor, held, how, **more)
