"""What the commands of a complaint ask."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.cases.complaints import queries
from kefu.cases.complaints.choices import Action, ClosingWay, Effect, Stand, Validity
from kefu.engines.rulebook.lists import of_list
from kefu.kit.choices_registry import Pairs
from kefu.kit.commands import asked
from kefu.people.queries import all_staff, units_for_orders


def _reasons(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    """Causes of a valid complaint and reasons of an invalid one; the judge checks that they fit the verdict."""
    valid, invalid = of_list("complaint_valid_causes")(actor, id), of_list("complaint_invalid_reasons")(actor, id)
    return [
        *((code, f"{Validity.VALID.label} · {name}") for code, name in valid),
        *((code, f"{Validity.INVALID.label} · {name}") for code, name in invalid),
    ]


def _open_measures(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return queries.open_measures(id or 0)


def _owed_measures(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return queries.owed_measures(actor, id or 0)


def _staff_actions(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return [(code, str(Action(code).label)) for code in queries.staff_actions(id or 0) if code in Action.values]


def _own_liabilities(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return queries.unsettled(actor, id or 0, own=True)


def _open_liabilities(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return queries.unsettled(actor, id or 0, own=False)


def _stands(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return [(one.value, str(one.label)) for one in (Stand.CONFIRMED, Stand.OBJECTED)]


def _effects(actor: Any, id: int | None) -> Pairs:  # noqa: A002
    return [(effect.value, effect.label) for effect in (Effect.EFFECTIVE, Effect.INEFFECTIVE)]


class ComplaintIn(Schema):
    """A complaint as it is heard (R-03-4.2.1): who, what, demand, evidence."""

    content: str = asked(_("What is complained of"), widget="textarea", min_length=2, max_length=20_000)
    demand: str = asked(_("Demand"), "", widget="textarea", max_length=2000)
    evidence: str = asked(_("Evidence"), "", widget="textarea", max_length=2000)
    name: str = asked(_("Complainant"), "", max_length=80)
    phone: str = asked(_("Phone"), "", max_length=40, widget="phone")
    address: str = asked(_("Address"), "", max_length=200)
    heard_at: datetime | None = asked(_("Heard at"), None, help=_("When you heard it, if it was not just now."))
    against_id: int | None = asked(_("Complained of"), None, choices=all_staff, help=_("If it is about a colleague."))
    first_handling: str = asked(
        _("Settled at once by"), "", max_length=500, help=_("Only if you settled it on the spot; your superior is told.")
    )


class Classify(Schema):
    subject_type: str = asked(_("Subject"), choices=of_list("complaint_subjects"))
    severity_tests: list[str] = asked(
        _("Tests of severity that are met"),
        [],
        widget="checks",
        choices=of_list("complaint_severity_tests"),
        help=_("One is enough: the complaint is severe."),
    )
    other_units: bool = asked(_("Other units are involved"), False)
    unit_id: int | None = asked(_("Department concerned"), None, choices=units_for_orders)
    reason: str = asked(_("Reason, if classed anew"), "", max_length=500)


class Concern(Schema):
    unit_id: int = asked(_("Department"), choices=units_for_orders)
    remark: str = asked(_("What was agreed"), "", widget="textarea", max_length=500)


class Contacted(Schema):
    remark: str = asked(_("What was said"), widget="textarea", min_length=2, max_length=500)


class Judge(Schema):
    validity: Validity = asked(_("Verdict"), widget="radio")
    reason: str = asked(_("Reason"), choices=_reasons, about="/knowledge/cards")
    basis: str = asked(_("Basis"), widget="textarea", min_length=2, max_length=2000, help=_("The rule or fact that the verdict rests on."))


class Remark(Schema):
    remark: str = asked(_("Remark"), "", widget="textarea", max_length=500)


class Reason(Schema):
    reason: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


class Explain(Schema):
    explanation: str = asked(_("Explanation, and how it was taken"), widget="textarea", min_length=2, max_length=2000)


class Analyse(Schema):
    analysis: str = asked(_("Cause and responsibility"), widget="textarea", min_length=2, max_length=5000)
    responsible: str = asked(_("Responsible person"), "", max_length=200)


class MeasureIn(Schema):
    text: str = asked(_("Corrective measure"), widget="textarea", min_length=2, max_length=1000)
    owner_id: int = asked(_("Owner"), choices=all_staff)
    due: date = asked(_("Due"))


class CheckMeasure(Schema):
    measure_id: int = asked(_("Corrective measure"), choices=_open_measures)
    effect: Effect = asked(_("Effect"), choices=_effects)
    check_note: str = asked(_("What was found"), widget="textarea", min_length=2, max_length=1000)


class Visit(Schema):
    at: datetime = asked(_("Time"))
    attendees: str = asked(_("Attendees"), min_length=2, max_length=300)
    findings: str = asked(_("Findings"), widget="textarea", min_length=2, max_length=5000)


class Decide(Schema):
    closing_way: ClosingWay = asked(_("Settled by"), widget="radio")
    result: str = asked(_("Result"), widget="textarea", min_length=2, max_length=5000)
    staff_action: str = asked(
        _("Consequence for staff"), "", choices=_staff_actions, help=_("Where staff was the cause, one has to be chosen.")
    )


class HoldLiable(Schema):
    person_id: int = asked(_("Responsible person"), choices=all_staff)
    ground: str = asked(_("Ground"), widget="textarea", min_length=2, max_length=1000)


class Answer(Schema):
    liability_id: int = asked(_("Responsibility"), choices=_own_liabilities)
    stand: Stand = asked(_("Opinion"), widget="radio", choices=_stands)
    statement: str = asked(_("Statement"), "", widget="textarea", max_length=2000)


class SettleLiability(Schema):
    liability_id: int = asked(_("Responsibility"), choices=_open_liabilities)
    action: Action = asked(_("Consequence"), widget="radio")
    decision: str = asked(_("Decision"), widget="textarea", min_length=2, max_length=1000)
    clause: str = asked(_("Clause of the reward rules"), "", max_length=200, help=_("A penalty needs it."))
    amount: str = asked(_("Points or amount"), "", max_length=60, help=_("A penalty needs it."))


class MeasureDone(Schema):
    measure_id: int = asked(_("Corrective measure"), choices=_owed_measures)
    note: str = asked(_("What was done"), widget="textarea", min_length=2, max_length=1000)


class Review(Schema):
    defect: str = asked(_("Defect of the system"), widget="textarea", min_length=2, max_length=1000)


class Note(Schema):
    text: str = asked(_("Note"), widget="textarea", min_length=1, max_length=5000)


class ComplaintMade(Schema):
    id: int = Field(examples=[77])
    number: str = Field(examples=["TS202611220002"])
    state: str = Field(examples=["received"])


class ComplaintRow(Schema):
    """One line of the list; it never names the complainant."""

    id: int
    number: str
    state: str
    channel: str
    content: str
    severity: str
    validity: str
    subject_type: str
    reason: str
    unit: str | None
    receiver: str | None
    accepted_at: datetime
    decided_at: datetime | None
    closed_at: datetime | None
    next_due: datetime | None


class ComplaintPage(Schema):
    items: list[ComplaintRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class ComplaintRead(ComplaintRow):
    name: str
    phone: str
    address: str
    demand: str
    evidence: str
    heard_at: datetime
    judged_at: datetime | None
    told_at: datetime | None
    closing_way: str
    result: str
    satisfaction: str
    order_id: int | None
    contact_id: int | None
    obligations: list[dict[str, Any]]
    measures: list[dict[str, Any]]
    liabilities: list[dict[str, Any]]
    visits: list[dict[str, Any]]
    involved: list[dict[str, Any]]
    review: dict[str, Any] | None
    events: list[dict[str, Any]]
    allowed: list[str] = Field(description="Commands that may be given now")
