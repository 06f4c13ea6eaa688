"""Who an API request comes from: a bearer token, or the browser's session with its CSRF token."""

from __future__ import annotations

import hashlib
from functools import cache

from django.conf import settings
from django.db.models import CharField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.utils import check_csrf

from kefu.kit import hot, moment
from kefu.kit.errors import NotSignedIn, TooOften
from kefu.kit.gate import Gate
from kefu.people.actor import Actor, actor_of
from kefu.people.models import ApiToken


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_token(token: str) -> Actor | None:
    """The person behind an unexpired token, narrowed to the token's rights."""
    row = next(iter(_token(digest=digest(token))), None)
    if row is None or (row["expires_at"] is not None and row["expires_at"] <= moment.now()):
        return None
    actor = actor_of(row["staff_id"])
    return actor.narrowed(row["rights"]) if actor else None


_token = hot.Read(
    lambda: ApiToken.objects.filter(digest=hot.Slot("digest", CharField()), revoked_at=None).values("staff_id", "rights", "expires_at")[:1]
)


@cache
def _calls(most: int) -> Gate:
    return Gate(most=most, within=60)


def _brake(key: str) -> None:
    most = settings.API_PER_MINUTE
    if wait := _calls(most).wait(key):
        raise TooOften(
            _("This API key may ask %(most)d times a minute. Ask again in %(wait)d seconds."),
            code="key_too_often",
            after=wait,
            most=most,
            wait=wait,
        )


def known(request: HttpRequest) -> Actor:
    """The acting person; raises ``NotSignedIn``, and ``TooOften`` for a key that asks more often than KEFU_API_PER_MINUTE."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header.startswith("Bearer "):
        token = header[7:].strip()
        actor = actor_of_token(token)
        if actor is not None:
            _brake(digest(token))
    else:
        actor = getattr(request, "actor", None)
        if actor is not None and check_csrf(request) is not None:
            raise NotSignedIn(code="csrf")
    if actor is None or actor.must_change_password:
        raise NotSignedIn()
    request.actor = actor  # type: ignore[attr-defined]
    return actor
