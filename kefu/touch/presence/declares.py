"""What presence gives the engines."""

from django.utils.translation import gettext_lazy as _

from kefu.engines.jobs.registry import Periodic
from kefu.touch.presence.services import forget_old

PERIODICS = (Periodic("presence.forget", _("Forget who looked at records an hour ago"), forget_old, every=1800),)
