"""Who a visitor is, said by the web site on which he is signed in and signed with the secret of the widget (JWT, RFC 7519, HS256).

A site tells what it knows by claims: ``sub`` its own number of the customer and ``exp`` until when the word holds, both owed; ``name``,
``phone`` and ``email`` if it has them. The same number is the same visitor on every device.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import jwt
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment, phone
from kefu.kit.errors import Invalid
from kefu.people.actor import SYSTEM
from kefu.touch.channels.chat import queries
from kefu.touch.channels.chat.models import Visitor, Widget
from kefu.touch.contacts.choices import Channel
from kefu.touch.customers import queries as customers
from kefu.touch.customers import services as files

LEEWAY = 60  # seconds by which the site's clock may differ
MOST, MOST_NUMBER = 4_000, 64


@dataclass(frozen=True)
class Known:
    """What a site says of the customer who is signed in there; only ``number`` is never empty."""

    number: str
    name: str = ""
    phone: str = ""
    email: str = ""


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def proven(widget: Widget, word: str) -> Known:
    """What a signed word says. Raises ``Invalid`` for one that is not signed with the secret of the widget, is over, or names nobody."""
    try:
        if not widget.secret or len(word) > MOST:
            raise jwt.InvalidTokenError
        options: Any = {"require": ["sub", "exp"], **dict.fromkeys(("verify_exp", "verify_sub", "verify_aud", "verify_iat"), False)}
        claims = jwt.decode(word, widget.secret, algorithms=["HS256"], options=options)
    except jwt.InvalidTokenError as error:
        raise _refused() from error
    number, end = _text(claims, "sub"), claims["exp"]
    over = not isinstance(end, (int, float)) or end + LEEWAY < moment.now().timestamp()
    if over or not number or len(number) > MOST_NUMBER:
        raise _refused()
    told, email = _text(claims, "phone"), _text(claims, "email").lower()
    return Known(
        number=number, name=_text(claims, "name")[:40], phone=phone.normalise(told) if phone.is_possible(told) else "",
        email=email[:254] if "@" in email else "",
    )  # fmt: skip


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name, "")
    return str(value).replace("\x00", "").strip() if isinstance(value, (str, int)) else ""


def _refused() -> Invalid:
    return Invalid(fields={"identity": _("This page could not prove who you are. Please load it again.")})


@transaction.atomic
def visitor_of(widget: Widget, known: Known, *, origin: str, agreed: bool) -> Visitor:
    """The visitor with this number of the site, wherever he sits; his talks belong to the one customer whom number, phone or mail
    address name, if there is one."""
    first = {"key": secrets.token_hex(16)}
    held, _new = Visitor.objects.select_for_update().get_or_create(widget=widget, number=known.number, defaults=first)
    held.name, held.phone, held.email, held.origin = known.name or held.name, known.phone, known.email, origin[:200]
    held.agreed_at = moment.now() if agreed else held.agreed_at
    held.save()
    address = queries.address_of(held.key)
    if not customers.by_email(address):
        found = customers.whom(number=known.number, phone_number=known.phone, email=known.email)
        if found is not None:
            files.recognise(actor=SYSTEM, id=found, channel=Channel.CHAT, address=address)
    return held
