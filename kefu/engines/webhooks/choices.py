"""How far a delivery has come, and why a receiver was switched off."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Text


class State(models.TextChoices):
    """DEAD: every try failed, or the receiver said that it is gone. A person can send it once more."""

    WAITING = "waiting", _("Waits to be delivered")
    DELIVERED = "done", _("Delivered")
    DEAD = "dead", _("Given up")


class Off(models.TextChoices):
    """Why Kefu switched a receiver off by itself."""

    NONE = "", "--"
    GONE = "gone", _("The receiver said that it is gone (410)")
    FAILING = "failing", _("Nothing could be delivered for days")


class Trouble(models.TextChoices):
    """Why a try failed."""

    NONE = "", "--"
    ADDRESS = "address", _("This is no address of the web")
    INSIDE = "inside", _("The address lies inside this network and is not named as allowed")
    PLAIN = "plain", _("Only https addresses are called outside this network")
    NAME = "name", _("The name is not known")
    CONNECT = "connect", _("No connection")
    UNTRUSTED = "cert", _("The certificate of the receiver is not trusted")
    BROKE = "broke", _("The connection broke")
    SLOW = "slow", _("It took too long to answer")
    STATUS = "status", _("The receiver refused it")
    REDIRECT = "redirect", _("The receiver redirects; redirects are not followed")
    GONE = "gone", _("The receiver said that it is gone")


ADVICE: dict[str, Text] = {
    Trouble.ADDRESS: _("Enter the whole address, such as https://erp.example.com/hooks."),
    Trouble.INSIDE: _("Whoever runs this machine can name the host or network in KEFU_WEBHOOK_INSIDE and restart."),
    Trouble.PLAIN: _("Use an https address, or have the host named in KEFU_WEBHOOK_INSIDE."),
    Trouble.NAME: _("Check the name of the host, and that this machine can look it up."),
    Trouble.CONNECT: _("Check that the receiver runs and that this machine may reach it."),
    Trouble.UNTRUSTED: _(
        "It must be in force and valid for this host. One of your own authority is trusted if KEFU_WEBHOOK_CA_FILE names the file."
    ),
    Trouble.BROKE: _("Check the receiver and its certificate; it is tried again by itself."),
    Trouble.SLOW: _("The receiver should answer at once and work afterwards; it is tried again by itself."),
    Trouble.STATUS: _("Look at its answer below; it is tried again by itself."),
    Trouble.REDIRECT: _("Enter the address to which it redirects."),
    Trouble.GONE: _("Enter the new address and switch it on again, or leave it off."),
}
