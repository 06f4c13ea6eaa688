"""The JSON API: every capability's router under one roof, errors as problem+json."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import orjson
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from kefu import __version__
from kefu.kit import http, validation
from kefu.kit.errors import Invalid, KefuError
from kefu.people.api_auth import known


class FastParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


class FastRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


api = NinjaAPI(
    title="Kefu API",
    version=__version__,
    description="Everything the screens can do, for other systems. Errors come as problem+json with a stable `code`.",
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
    return http.problem(Invalid(fields=validation.messages(error.errors, skip=1)))


@api.exception_handler(HttpError)
def plain(request: HttpRequest, error: HttpError) -> HttpResponse:
    refusal = Invalid(str(error), code="bad_request")
    refusal.status = error.status_code
    return http.problem(refusal)


for _app in apps.get_app_configs():
    _name = f"{_app.name}.api"
    if _app.name.startswith("kefu.") and _app.name != "kefu.entry" and find_spec(_name):
        api.add_router("", import_module(_name).router)
