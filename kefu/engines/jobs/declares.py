"""The queue cleans itself."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.jobs.tasks import prune

PERIODICS = (Periodic("jobs.prune", _("Forget finished background work"), prune, at="03:40"),)
