"""Signing in and out, the forced change of a password, language and look."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kefu.kit import flash, http
from kefu.kit.errors import Invalid, KefuError
from kefu.kit.fields import Field
from kefu.people import credentials, services, sign_in
from kefu.people.choices import Theme
from kefu.people.http import Request, staff_page

YEAR = 365 * 24 * 3600
GUEST_THEME = "kefu-theme"


def _next(request: HttpRequest) -> str:
    return http.own_path(request.POST.get("next") or request.GET.get("next") or "/")


def _form(request: HttpRequest, template: str, fields: list[Field], error: KefuError | None = None, **more: object) -> HttpResponse:
    context = {"fields": fields, "error": error.message() if error else "", "next": _next(request), **more}
    return http.page(request, template, context, status=error.status if error else 200)


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Name and password; who set up a second step goes on to the code."""
    if getattr(request, "actor", None) is not None and request.method == "GET":
        return http.go(request, _next(request))
    username = request.POST.get("username", "").strip()
    fields = [
        Field("username", _("User name or agent number"), value=username, required=True, autocomplete="username", autofocus=not username),
        Field("password", _("Password"), "password", required=True, autocomplete="current-password", autofocus=bool(username)),
    ]
    if request.method == "GET":
        return _form(request, "people/sign_in.html", fields)
    try:
        known = credentials.check(username=username, password=request.POST.get("password", ""), address=sign_in.address_of(request))
    except KefuError as error:
        return _form(request, "people/sign_in.html", fields, error)
    if known.has_totp:
        sign_in.wait_for_second_step(request, known.id)
        return http.go(request, "/sign-in/code?" + urlencode({"next": _next(request)}))
    sign_in.open_session(request, known.id)
    return http.go(request, _next(request))


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step."""
    staff_id = sign_in.pending(request)
    if staff_id is None:
        return http.go(request, "/sign-in?" + urlencode({"next": _next(request)}))
    fields = [Field("code", _("Code"), required=True, autocomplete="one-time-code", autofocus=True, maxlength=20)]
    if request.method == "GET":
        return _form(request, "people/sign_in_code.html", fields)
    try:
        credentials.check_second(staff_id=staff_id, code=request.POST.get("code", ""), address=sign_in.address_of(request))
    except KefuError as error:
        return _form(request, "people/sign_in_code.html", fields, error)
    sign_in.open_session(request, staff_id)
    return http.go(request, _next(request))


def password_fields(faults: dict[str, str]) -> list[Field]:
    return [
        Field("old", _("Present password"), "password", required=True, autocomplete="current-password", error=faults.get("old", "")),
        Field(
            "new",
            _("New password"),
            "password",
            required=True,
            autocomplete="new-password",
            hint=_("At least 10 characters."),
            error=faults.get("new", ""),
        ),
        Field("again", _("New password again"), "password", required=True, autocomplete="new-password", error=faults.get("again", "")),
    ]


@require_http_methods(["GET", "POST"])
@staff_page()
def password(request: Request) -> HttpResponse:
    """Change the password; a one-time password leads here and nowhere else."""
    if request.method == "GET":
        return _form(request, "people/password.html", password_fields({}), forced=request.actor.must_change_password)
    try:
        credentials.change_password(
            staff_id=request.actor.person_id,
            old=request.POST.get("old", ""),
            new=request.POST.get("new", ""),
            again=request.POST.get("again", ""),
        )
    except Invalid as error:
        faults = {name: str(text) for name, text in error.fields.items()}
        return _form(request, "people/password.html", password_fields(faults), error, forced=request.actor.must_change_password)
    sign_in.open_session(request, request.actor.person_id)
    return flash.tell(http.go(request, _next(request)), _("Your password is changed. All other sessions have ended."))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    sign_in.close_session(request)
    return http.go(request, "/sign-in")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """What one reads: kept with the account, for a guest in a cookie (which also holds on the sign-in page)."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise Invalid()
    actor = getattr(request, "actor", None)
    if actor is not None:
        services.set_taste(actor=actor, language=chosen)
    response = http.go(request, _next(request))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system."""
    chosen = request.POST.get("theme", "")
    if chosen not in Theme.values:
        raise Invalid()
    actor = getattr(request, "actor", None)
    if actor is not None:
        services.set_taste(actor=actor, theme=chosen)
    response = HttpResponse(status=204) if http.wants_fragment(request) or "next" not in request.POST else http.go(request, _next(request))
    response.set_cookie(GUEST_THEME, chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@require_GET
def sign_out_page(request: HttpRequest) -> HttpResponse:
    """A typed address: signing out needs the button."""
    return http.go(request, "/me" if getattr(request, "actor", None) else "/sign-in")


def sign_out(request: HttpRequest) -> HttpResponse:
    return leave(request) if request.method == "POST" else sign_out_page(request)


urlpatterns = [
    path("sign-in", enter, name="sign-in"),
    path("sign-in/code", code, name="sign-in-code"),
    path("sign-in/password", password, name="password"),
    path("sign-out", sign_out, name="sign-out"),
    path("language", language, name="language"),
    path("me/theme", theme, name="theme"),
]
