"""The nightly roll-up, and what follows changes by day."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.measures.following import follow
from kefu.engines.measures.services import fill_all, stand_today

PERIODICS = (
    Periodic("measures.roll_up", _("Add up the figures of closed days"), fill_all, at="00:20"),
    Periodic("measures.follow", _("Add up past days anew whose cases changed"), follow, every=300),
    Periodic("measures.today", _("Add up the figures of the present day"), stand_today, every=120),
)
