"""The way home stands first in the menu."""

from django.utils.translation import gettext_lazy as _

from kefu.kit.menu import MenuItem

MENU = (MenuItem("home", _("Home"), "/", "home", order=0),)
