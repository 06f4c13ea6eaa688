"""What the filter engine declares: the right to share views."""

from django.utils.translation import gettext_lazy as _

from kefu.people.registry import Right

RIGHTS = (Right("views.share", _("Share views with everybody")),)
