"""The JSON API: every capability's router under one roof, errors as problem+json."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import orjson
from django.apps import apps
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from kefu import __version__
from kefu.entry.openapi import dressed
from kefu.kit import http, validation
from kefu.kit.errors import Invalid, KefuError
from kefu.people.api_auth import known

_documents: dict[str, Any] = {}


class FastParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


class FastRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class Api(NinjaAPI):
    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        """The document, drawn once a process and language: that takes half a second of CPU."""
        asked = f"{path_prefix} {path_params} {get_language()}"
        if asked not in _documents:
            _documents[asked] = dressed(super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params))
        return _documents[asked]


api = Api(
    title="Kefu API",
    version=__version__,
    auth=known,
    parser=FastParser(),
    renderer=FastRenderer(),
    docs_url=None,
    urls_namespace="api",
)


@api.exception_handler(KefuError)
def refused(request: HttpRequest, error: KefuError) -> HttpResponse:
    return http.problem(error)


@api.exception_handler(ValidationError)
def does_not_fit(request: HttpRequest, error: ValidationError) -> HttpResponse:
    # A place begins with where it was sent; in a body the name of our own parameter follows, which the caller never saw.
    places = [(one, tuple(one.get("loc", ()))) for one in error.errors]
    told = [{**one, "loc": place[2 if place[0] == "body" and len(place) > 2 else 1 :] or place} for one, place in places if place]
    return http.problem(Invalid(fields=validation.messages(told)))


@api.exception_handler(HttpError)
def plain(request: HttpRequest, error: HttpError) -> HttpResponse:
    refusal = Invalid(str(error), code="bad_request")
    refusal.status = error.status_code
    return http.problem(refusal)


@api.exception_handler(DataError)
@api.exception_handler(OverflowError)
def no_database_holds_it(request: HttpRequest, error: Exception) -> HttpResponse:
    """A number beyond 64 bits, a character that cannot be stored: what was sent does not fit."""
    return http.problem(Invalid(_("A number is too large, or a character cannot be stored."), code="not_storable"))


import_module("kefu.flows.api")  # adds its ways to the routers below
for _app in apps.get_app_configs():
    _name = f"{_app.name}.api"
    if _app.name.startswith("kefu.") and _app.name != "kefu.entry" and find_spec(_name):
        api.add_router("", import_module(_name).router)
