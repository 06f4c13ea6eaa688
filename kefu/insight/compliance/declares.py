"""What compliance gives the engines."""

from django.utils.translation import gettext_lazy as _

from kefu.insight.compliance import measures
from kefu.kit.menu import MenuItem
from kefu.people.registry import Right

RIGHTS = (Right(measures.RIGHT, _("See how the regulations are kept")),)
MEASURES = measures.MEASURES
MENU = (
    MenuItem("compliance", _("Compliance"), "/compliance", "shield-check", group="insight", order=30, rights=(measures.RIGHT,), key="p"),
)
