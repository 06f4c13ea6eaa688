"""What a request knows of the person, and the guard before every page of staff."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kefu.kit.errors import NotAllowed, NotSignedIn
from kefu.people.actor import Actor

P = ParamSpec("P")


class Request(HttpRequest):
    """A request of a signed-in person."""

    actor: Actor


Page = Callable[Concatenate[Request, P], HttpResponseBase]


def staff_page(*rights: str) -> Callable[[Page[P]], Callable[..., Any]]:
    """Guard a page: the person is signed in and holds at least one of ``rights`` (any person, if none is named)."""

    def wrap(view: Page[P]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                raise NotSignedIn()
            if rights and not any(actor.can(right) for right in rights):
                raise NotAllowed()
            return view(request, *args, **kwargs)

        guarded.rights = rights  # type: ignore[attr-defined]
        return guarded

    return wrap
