"""The nightly roll-up."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.measures.services import fill_all

PERIODICS = (Periodic("measures.roll_up", _("Add up the figures of closed days"), fill_all, at="00:20"),)
