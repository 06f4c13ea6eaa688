"""Platforms, how far a reply or a file has come, and what the codes of the platforms mean."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Text


class Platform(models.TextChoices):
    OFFICIAL = "official", _("WeChat official account")
    SERVICE = "service", _("WeChat customer service of WeCom")


class State(models.TextChoices):
    """SENDING: a piece is being handed over, or that was cut off."""

    QUEUED = "queued", _("Waits to be sent")
    SENDING = "sending", _("Being handed over")
    SENT = "sent", _("Handed over")
    FAILED = "failed", _("Not sent")


class Fetch(models.TextChoices):
    WAITING = "waiting", _("Waits to be fetched")
    HERE = "here", _("Fetched")
    GONE = "gone", _("Cannot be fetched")


BASES = {Platform.OFFICIAL: "api.weixin.qq.com", Platform.SERVICE: "qyapi.weixin.qq.com"}
HOURS, PIECES = 48, 5  # how long and how often the platforms let a centre answer after each message of a person

_CLOSED = _(
    "WeChat takes no answer any more: more than 48 hours have passed since the person wrote, or the person follows the account no longer."
    " Call the person, or wait until the person writes again."
)
_TOO_MANY = _("WeChat takes five messages after each message of the person, and these are used up. Wait until the person writes again.")
_NO_RIGHT = _(
    "WeChat says that this account has no right to do this. The official account must be verified (认证), or the application allowed"
    " to call WeChat customer service. Ask whoever runs the account."
)
_SECRET = _("WeChat does not take the ID or the secret of this account. Check them under Settings, WeChat.")
_ADDRESS = _("WeChat does not let this machine in. Add its address to the IP white list in the console of the account.")
_LARGE = _("WeChat does not take a file of this size or kind. Send a JPG or PNG picture of at most 10 MB.")
_IN_WECOM = _(
    "This person is being served in WeCom itself, or the session was ended there. Answer there, or wait until the person writes again."
)

CODES: dict[int, Text] = {
    **dict.fromkeys((45015, 95002), _CLOSED),
    **dict.fromkeys((45047, 95001), _TOO_MANY),
    **dict.fromkeys((48001, 48002, 48004, 50002, 60011), _NO_RIGHT),
    **dict.fromkeys((40001, 40013, 40014, 40125, 41002, 41004), _SECRET),
    **dict.fromkeys((40164, 60020, 61004), _ADDRESS),
    **dict.fromkeys((40004, 40005, 40006, 40009, 45001), _LARGE),
    95018: _IN_WECOM,
    95000: _("WeCom does not know this customer service account. Check its ID (open_kfid) under Settings, WeChat."),
    40003: _("WeChat does not know this person at this account. Check that the ID of the account is right."),
    43004: _("The person follows the account no longer. Call the person, or wait until the person comes back."),
    45002: _("The text is too long for WeChat. Say it in fewer words."),
    40007: _("WeChat keeps this file no longer. Ask the person to send it again."),
}
FAILURES: dict[str, Text] = {
    "4": _CLOSED,
    "5": _IN_WECOM,
    "6": _TOO_MANY,
    "10": _("The person takes no messages of this account. Call the person."),
}
