"""What reports give the engines."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.rulebook.registry import Carries
from kefu.insight.reports import measures
from kefu.kit.menu import MenuItem
from kefu.people.registry import Right

RIGHTS = (
    Right("reports.see", _("See figures and reports in scope")),
    Right("reports.freeze", _("Freeze and review the figures of a month, sign the day record")),
)
MEASURES = measures.ALL
MENU = (MenuItem("reports", _("Reports"), "/reports", "chart-bar", group="insight", order=20, rights=("reports.see",), key="r"),)
CARRIES = (
    Carries("measure", "complaints.accepted", _("Monthly complaint statistics, frozen with author and reviewer"), ("R-04-3.7.7",)),
    Carries(
        "measure", "complaints.on_time", _("Complaint limits kept, per limit"), ("R-04-3.7.1", "R-04-3.6.5", "R-04-3.6.6a", "R-04-3.7.5")
    ),
    Carries("measure", "complaints.pass_on_delay", _("Pass-on delay"), ("R-04-3.1",)),
    Carries("measure", "contacts.in_rings", _("Answered within the ring target"), ("R-04-1.2",)),
    Carries("screen", "/reports/day", _("Day work record (F-2), signed by the leader"), ("R-04-3.5.2",)),
    Carries("screen", "/reports/f1", _("Complaint handling record (F-1), printed"), ("R-04-3.6.6a", "R-04-3.7.2a")),
)
