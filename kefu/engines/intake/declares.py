"""What the ways in give the other engines."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.intake import services
from kefu.engines.jobs.registry import Periodic

PERIODICS = (Periodic("intake.forget", _("Forget answered requests and counted tries"), services.forget_old, at="03:40"),)
