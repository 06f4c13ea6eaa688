"""Writes: freeze a month, review it, sign the record of a day."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.clock.choices import OPEN
from kefu.engines.clock.models import Obligation
from kefu.engines.filters.spans import start_of
from kefu.engines.measures import services as engine
from kefu.engines.measures.models import Freeze
from kefu.engines.measures.period import Period, today
from kefu.engines.measures.queries import measure
from kefu.insight.reports import papers, policies, queries
from kefu.insight.reports.choices import ASKED, MONTH
from kefu.insight.reports.models import Review, SignedDay
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.people.services import hold

DUTY_MONTH, DUTY_DAY = "report.complaints_month", "report.day_record"


@transaction.atomic
def freeze(*, actor: Actor, period: Period, reason: str = "") -> Freeze:
    """Count the month anew and fix it (R-04-3.7.7). Raises ``NotAllowed``, ``Conflict`` while it lasts, ``Invalid`` without a reason."""
    if not policies.allowed(actor, True, None, False):
        raise NotAllowed()
    if not period.is_over:
        raise Conflict(_("This period is not over yet; its figures can be frozen when it is."), code="period_open")
    hold(actor.person_id)
    for code in dict.fromkeys(code for code, _by in ASKED):
        engine.fill(measure(code), period.first, period.last)
    row = engine.freeze(actor=actor, report=MONTH, period=period, asked=ASKED, reason=reason)
    _meet_duty(actor, DUTY_MONTH, period.end, period.following().end)
    return row


@transaction.atomic
def review(*, actor: Actor, freeze_id: int, remark: str = "") -> Review:
    """A second person has looked at the frozen figures. Raises ``NotAllowed`` for the author, ``Conflict`` if it was reviewed."""
    row = queries.get_freeze(freeze_id)
    if "review" not in policies.allowed(actor, True, row, False):
        raise NotAllowed()
    try:
        with transaction.atomic():
            return Review.objects.create(freeze=row, by_id=actor.person_id, remark=remark.strip()[:500])
    except IntegrityError as error:
        raise Conflict(_("These figures have been reviewed already."), code="reviewed") from error


@transaction.atomic
def sign_day(*, actor: Actor, day: date, remark: str = "") -> SignedDay:
    """The leader has seen the record of a day (R-04-3.5.2); once. Raises ``NotAllowed``, ``Invalid`` for a day to come, ``Conflict``."""
    if not policies.may_sign(actor):
        raise NotAllowed()
    if day > today():
        raise Invalid(fields={"day": _("This day is still to come.")})
    rows = papers.day_facts(day)
    try:
        with transaction.atomic():
            made = SignedDay.objects.create(
                day=day, by_id=actor.person_id, remark=remark.strip()[:1000], count=len(rows), sha256=digest(rows)
            )
    except IntegrityError as error:
        raise Conflict(_("The record of this day is signed already."), code="signed") from error
    _meet_duty(actor, DUTY_DAY, start_of(day), start_of(day + timedelta(days=1)))
    return made


def digest(rows: list[tuple[Any, ...]]) -> str:
    """The SHA-256 over the rows of a day."""
    return hashlib.sha256(orjson.dumps(rows, default=str)).hexdigest()


def _meet_duty(actor: Actor, code: str, since: datetime, until: datetime) -> None:
    """The recurring duty that asks for this report is done."""
    rows = Obligation.objects.filter(code=code, state__in=OPEN, started_at__gte=since, started_at__lt=until)
    for pk in list(rows.values_list("pk", flat=True)):
        clock.meet(obligation_id=pk, actor_id=actor.id)
