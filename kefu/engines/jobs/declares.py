"""The queue cleans itself; its page stands in the settings."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.engines.jobs.tasks import prune
from kefu.kit.menu import MenuItem

PERIODICS = (Periodic("jobs.prune", _("Forget finished background work"), prune, at="03:40"),)
MENU = (MenuItem("jobs", _("Background work"), "/settings/jobs", icon="refresh", group="settings", order=90, rights=("settings.manage",)),)
