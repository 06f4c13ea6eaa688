"""What the form of an account asks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kefu.kit.commands import asked
from kefu.people.queries import unit_choices
from kefu.touch.channels.social.choices import Platform

SIGNING_IN, CALLBACK = _("Signing in at WeChat"), _("What WeChat posts to us")
KEPT = _("Leave it empty to keep what is stored; it is shown to nobody.")


def _units(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    return unit_choices()


class LinkIn(Schema):
    """An official account, or one account of WeChat customer service."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    platform: Platform = asked(_("Platform"), Platform.OFFICIAL)
    unit_id: int = asked(_("Unit"), choices=_units, help=_("Whose inbox the messages come to."))
    active: bool = asked(_("In use"), False, help=_("Kefu calls WeChat only for accounts in use."))
    welcome: str = asked(_("Greeting"), "", max_length=300, help=_("Sent to who begins to follow, or comes in. Empty: none."))
    app_id: str = asked(_("AppID or CorpID"), min_length=4, max_length=64, pattern=r"^\s*[A-Za-z0-9_-]+\s*$", group=SIGNING_IN)
    open_kfid: str = asked(
        _("Customer service account (open_kfid)"), "", max_length=64, pattern=r"^\s*[A-Za-z0-9_-]*\s*$", group=SIGNING_IN,
        help=_("Only for WeChat customer service of WeCom."),
    )  # fmt: skip
    secret: str = asked(_("Secret (AppSecret)"), "", widget="password", max_length=300, group=SIGNING_IN, help=KEPT)
    base: str = asked(
        _("Address of the API"), "", max_length=120, group=SIGNING_IN, placeholder="api.weixin.qq.com",
        help=_("Empty: the one that WeChat publishes."),
    )  # fmt: skip
    token: str = asked(_("Token"), "", widget="password", max_length=64, pattern=r"^[A-Za-z0-9]*$", group=CALLBACK, help=KEPT)
    key: str = asked("EncodingAESKey", "", widget="password", max_length=43, pattern=r"^([A-Za-z0-9]{43})?$", group=CALLBACK, help=KEPT)
