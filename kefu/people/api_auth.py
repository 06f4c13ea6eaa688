"""Who an API request comes from: a bearer token, or the browser's session with its CSRF token."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest
from ninja.utils import check_csrf

from kefu.kit import moment
from kefu.kit.errors import NotSignedIn
from kefu.people.actor import Actor, actor_of
from kefu.people.models import ApiToken


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_token(token: str) -> Actor | None:
    """The person behind an unexpired token, narrowed to the token's rights."""
    row = ApiToken.objects.filter(digest=digest(token), revoked_at=None).values_list("staff_id", "rights", "expires_at").first()
    if row is None or (row[2] is not None and row[2] <= moment.now()):
        return None
    actor = actor_of(row[0])
    return actor.narrowed(row[1]) if actor else None


def known(request: HttpRequest) -> Actor:
    """The acting person; raises ``NotSignedIn``."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header.startswith("Bearer "):
        actor = actor_of_token(header[7:].strip())
    else:
        actor = getattr(request, "actor", None)
        if actor is not None and check_csrf(request) is not None:
            raise NotSignedIn(code="csrf")
    if actor is None or actor.must_change_password:
        raise NotSignedIn()
    request.actor = actor  # type: ignore[attr-defined]
    return actor
