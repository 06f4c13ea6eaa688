"""Commands that cross capabilities."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import policies as callback_policies
from kefu.cases.callbacks import queries as callback_queries
from kefu.cases.callbacks import schemas as callback_schemas
from kefu.cases.callbacks import services as callbacks
from kefu.cases.complaints import policies as complaint_policies
from kefu.cases.complaints import queries as complaint_queries
from kefu.cases.complaints import schemas as complaint_schemas
from kefu.cases.workorders import policies, queries, schemas
from kefu.engines.jobs.registry import Periodic
from kefu.engines.privacy.registry import Erasure
from kefu.engines.privacy.retention import months_before
from kefu.flows import archive, complaint_steps, erase_people, erase_person, finish_work, open_passed_on, tell_customers
from kefu.kit import moment
from kefu.kit.commands import Command, CommandSet
from kefu.people import lockout
from kefu.people.actor import Actor

# Cybersecurity Law art. 21: network logs stay six months at least.
SIGN_IN_LOG_MONTHS = 6


def forget_tries() -> int:
    """Drop sign-in tries older than six months; the answer is how many."""
    return lockout.forget_old(before=months_before(moment.now(), SIGN_IN_LOG_MONTHS))


ERASURES = (
    Erasure("conversation", _("What was said and sent on all written channels"), erase_people.talks_over, erase_people.erase_talks),
    Erasure(
        "hotline", _("Orders of the city hotline: who called and what was told"), erase_people.reports_over, erase_people.erase_contacts
    ),
    Erasure("sms.notice", _("Notices by SMS"), erase_people.notices_over, erase_people.erase_notices),
    Erasure("email.quarantine", _("Letters in quarantine"), erase_people.quarantined_over, erase_people.erase_quarantined),
    Erasure("fax.quarantine", _("Faxes in quarantine"), erase_people.faxes_over, erase_people.erase_faxes),
    Erasure("visit", _("Register of visitors"), erase_people.visits_over, erase_people.erase_contacts),
    Erasure("customer", _("Customers without contact, case or contract"), erase_people.customers_over, erase_people.erase_customers),
)
PERIODICS = (
    Periodic("sms.notices", _("Tell residents by SMS how their order goes"), tell_customers.follow, every=15, clauses=("R-03-7.2.2",)),
    Periodic("orders.close_settled", _("Close completed orders that nobody has to call back"), finish_work.close_settled, at="02:10"),
    Periodic("cases.archive_closed", _("Seal closed cases that nobody reopened"), finish_work.archive_closed, at="02:20"),
    Periodic("people.forget_tries", _("Forget sign-in tries older than six months"), forget_tries, at="02:50"),
)


def allowed_order(actor: Actor, order_id: int) -> set[str]:
    """The commands on one order; raises ``NotFound`` for a hidden one."""
    order = queries.get(actor, order_id)
    found = policies.allowed(actor, queries.facts(order))
    if "close" in found and callback_queries.open_of(order_id) is not None:
        found.discard("close")
    return found


def allowed_callback(actor: Actor, task_id: int) -> set[str]:
    """The commands on one callback; raises ``NotFound`` for a hidden one."""
    return callback_policies.allowed(actor, callback_queries.facts(callback_queries.get(actor, task_id)))


def allowed_complaint(actor: Actor, complaint_id: int) -> set[str]:
    """The commands on one complaint; raises ``NotFound`` for a hidden one."""
    complaint = complaint_queries.get(actor, complaint_id)
    case = complaint_queries.facts(complaint)
    found = complaint_policies.allowed(actor, case)
    return found | {"close"} if complaint_policies.may_close(actor, case) else found


HOTLINE_CASES = open_passed_on.HOTLINE_CASES
COMMAND_SETS = (
    open_passed_on.COMMANDS,
    erase_person.COMMANDS,
    CommandSet(
        "workorder",
        allowed_order,
        (
            Command("complete", _("Complete"), finish_work.complete, schemas.Complete, tone="primary"),
            Command("redo", _("Send back"), finish_work.redo, schemas.Redo),
            Command("close", _("Close"), finish_work.close, schemas.Reason),
            Command("archive", _("Archive"), archive.archive_order),
        ),
    ),
    CommandSet(
        "callback",
        allowed_callback,
        (
            Command("record", _("Record the answer"), finish_work.record_callback, callback_schemas.Recorded, tone="primary"),
            Command("try_again", _("Not reached"), callbacks.try_again, callback_schemas.TryAgain),
            Command("give_up", _("Give up"), finish_work.give_up, callback_schemas.GiveUp, tone="danger"),
        ),
    ),
    CommandSet(
        "complaint",
        allowed_complaint,
        (
            Command("explain", _("Explain to the complainant"), complaint_steps.explain, complaint_schemas.Explain, tone="primary"),
            Command("overrule", _("Do not share the verdict"), complaint_steps.overrule, complaint_schemas.Reason),
            Command("tell", _("Tell the result"), complaint_steps.tell, complaint_schemas.Contacted, tone="primary"),
            Command("check_measure", _("Check a measure"), complaint_steps.check_measure, complaint_schemas.CheckMeasure),
            Command("close", _("Close"), complaint_steps.close),
            Command("archive", _("Archive"), complaint_steps.archive_complaint),
        ),
    ),
)
