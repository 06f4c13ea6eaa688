"""One's own account: look and language, password, second step, deputies, keys for other systems."""

from __future__ import annotations

import segno
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from markupsafe import Markup

from kefu.kit import flash, http, secrecy
from kefu.kit.errors import Invalid, KefuError
from kefu.kit.fields import Field
from kefu.people import credentials, queries, services, sign_in
from kefu.people.choices import Theme
from kefu.people.http import Request, staff_page
from kefu.people.page_forms import Form, draw, read
from kefu.people.registry import rights as declared
from kefu.people.schemas import DeputySpan, NewToken

SECRET_KEY = "totp"  # noqa: S105 - the name of a session entry


@require_GET
@staff_page()
def account(request: Request) -> HttpResponse:
    """Who I am here, what I may do, and how I sign in."""
    actor = request.actor
    held = sorted((right for right in declared if right.code in actor.rights), key=lambda right: right.code)
    context = {
        "holdings": queries.holdings_of(actor.person_id),
        "rights": held,
        "deputies": queries.deputies_of(actor.person_id),
        "tokens": queries.tokens_of(actor.person_id),
        "themes": Theme.choices,
    }
    return http.page(request, "people/account.html", context)


@require_POST
@staff_page()
def taste(request: Request) -> HttpResponse:
    services.set_taste(actor=request.actor, language=request.POST.get("language"), theme=request.POST.get("theme"))
    return http.go(request, "/me")


@require_POST
@staff_page()
def sign_out_everywhere(request: Request) -> HttpResponse:
    services.sign_out(actor=request.actor, id=request.actor.person_id)
    sign_in.close_session(request)
    return http.go(request, "/sign-in")


def qr(text: str) -> Markup:
    """A QR code as inline SVG, dark on white under every look."""
    drawn: str = segno.make(text, error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff", omitsize=False)
    return Markup(drawn)  # noqa: S704 - segno draws paths, the text is not in it


@require_http_methods(["GET", "POST"])
@staff_page()
def two_step(request: Request) -> HttpResponse:
    """Set up the second step: scan, prove with one code, keep the recovery codes."""
    if request.actor.has_totp:
        return http.go(request, "/me")
    held = request.session.get(SECRET_KEY, "")
    secret = secrecy.unseal(held, "people.enrolment") if held else credentials.new_secret()
    request.session[SECRET_KEY] = held or secrecy.seal(secret, "people.enrolment")
    error = ""
    if request.method == "POST":
        try:
            codes = credentials.set_totp(staff_id=request.actor.person_id, secret=secret, code=request.POST.get("code", ""))
        except Invalid as refused:
            error = str(refused.fields["code"])
        else:
            del request.session[SECRET_KEY]
            return http.page(request, "people/recovery_codes.html", {"codes": codes})
    address = credentials.enrolment(secret, name=request.actor.username)
    field = Field("code", _("Code from the app"), required=True, autocomplete="one-time-code", maxlength=10, error=error)
    context = {"qr": qr(address), "secret": secret, "field": field}
    return http.page(request, "people/two_step.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@staff_page()
def two_step_off(request: Request) -> HttpResponse:
    form = Form(
        _("Switch two-step sign-in off"),
        "/me/two-step/off",
        "/me",
        [Field("password", _("Present password"), "password", required=True, autocomplete="current-password")],
        submit=_("Switch off"),
        tone="danger",
    )
    if request.method == "POST":
        try:
            credentials.stop_totp(staff_id=request.actor.person_id, password=request.POST.get("password", ""))
        except Invalid as error:
            return draw(request, form, error)
        return flash.tell(http.go(request, "/me"), _("Two-step sign-in is off."))
    return draw(request, form)


@require_http_methods(["GET", "POST"])
@staff_page()
def deputy(request: Request) -> HttpResponse:
    """Name a deputy for a time."""
    form = Form(
        _("Name a deputy"),
        "/me/deputies",
        "/me",
        [
            Field("deputy", _("Deputy"), "staff", required=True, src="/people/options"),
            Field("since", _("From"), "datetime", required=True),
            Field("until", _("Until"), "datetime", required=True),
        ],
    )
    if request.method == "POST":
        try:
            services.set_deputy(actor=request.actor, id=request.actor.person_id, **read(request, DeputySpan))
        except KefuError as error:
            return draw(request, form, error)
        return flash.tell(http.go(request, "/me"), _("Saved."))
    return draw(request, form)


@require_POST
@staff_page()
def deputy_end(request: Request, row: int) -> HttpResponse:
    services.end_deputy(actor=request.actor, id=request.actor.person_id, deputy=row)
    return http.go(request, "/me")


@require_http_methods(["GET", "POST"])
@staff_page()
def token(request: Request) -> HttpResponse:
    """Make a key for another system; its text is shown once."""
    held = [(right.code, f"{right.name} ({right.code})") for right in declared if request.actor.can(right.code)]
    form = Form(
        _("Make an API key"),
        "/me/tokens",
        "/me",
        [
            Field("name", _("For which system"), required=True, maxlength=60),
            Field("rights", _("What it may do"), "checks", choices=held, required=True),
            Field("days", _("Lasts"), "number", value=365, min=1, max=1825, unit=_("days")),
        ],
    )
    if request.method == "POST":
        try:
            made, text = services.make_token(actor=request.actor, **read(request, NewToken, many=("rights",)))
        except KefuError as error:
            return draw(request, form, error)
        shown = {"title": made.name, "lead": _("This is the key. It is shown only this once."), "secret": text, "back_url": "/me"}
        return http.page(request, "people/shown_once_drawer.html" if http.wants_fragment(request) else "people/shown_once.html", shown)
    return draw(request, form)


@require_POST
@staff_page()
def token_revoke(request: Request, row: int) -> HttpResponse:
    services.revoke_token(actor=request.actor, id=row)
    return flash.tell(http.go(request, "/me"), _("The key is revoked."))


@require_GET
@staff_page()
def options(request: Request) -> HttpResponse:
    """Colleagues for a picker, as options."""
    found = queries.find_colleagues(request.GET.get("q", "").strip()[:40])
    return HttpResponse(Markup("").join(Markup('<option value="{}">{}</option>').format(pk, label) for pk, label in found))


urlpatterns = [
    path("me", account, name="profile"),
    path("me/taste", taste, name="taste"),
    path("me/sign-out", sign_out_everywhere, name="sign-out-everywhere"),
    path("me/two-step", two_step, name="two-step"),
    path("me/two-step/off", two_step_off, name="two-step-off"),
    path("me/deputies", deputy, name="deputies"),
    path("me/deputies/<int:row>/end", deputy_end, name="deputy-end"),
    path("me/tokens", token, name="tokens"),
    path("me/tokens/<int:row>/revoke", token_revoke, name="token-revoke"),
    path("people/options", options, name="people-options"),
]
