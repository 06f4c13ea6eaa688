"""One's own account: look and language, password, second step, deputies, keys for other systems."""

from __future__ import annotations

from typing import Any

import segno
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from markupsafe import Markup
from ninja import Schema

from kefu.kit import flash, http, secrecy
from kefu.kit.asking import asked
from kefu.kit.errors import Invalid
from kefu.kit.fields import Field
from kefu.people import credentials, queries, services, sign_in
from kefu.people.choices import Theme
from kefu.people.http import Request, staff_page
from kefu.people.page_forms import ask, show_once
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


class Password(Schema):
    """One's present password."""

    password: str = asked(_lazy("Present password"), widget="password", max_length=200)


@require_http_methods(["GET", "POST"])
@staff_page()
def two_step_off(request: Request) -> HttpResponse:
    def run(password: str) -> HttpResponse:
        credentials.stop_totp(staff_id=request.actor.person_id, password=password)
        return flash.tell(http.go(request, "/me"), _("Two-step sign-in is off."))

    title = _("Switch two-step sign-in off")
    return ask(request, title, run, schema=Password, back_url="/me", submit=_("Switch off"), tone="danger")


@require_http_methods(["GET", "POST"])
@staff_page()
def deputy(request: Request) -> HttpResponse:
    """Name a deputy for a time."""

    def run(**values: Any) -> HttpResponse:
        services.set_deputy(actor=request.actor, id=request.actor.person_id, **values)
        return flash.tell(http.go(request, "/me"), _("Saved."))

    return ask(request, _("Name a deputy"), run, schema=DeputySpan, back_url="/me")


@require_POST
@staff_page()
def deputy_end(request: Request, row: int) -> HttpResponse:
    services.end_deputy(actor=request.actor, id=request.actor.person_id, deputy=row)
    return http.go(request, "/me")


@require_http_methods(["GET", "POST"])
@staff_page()
def token(request: Request) -> HttpResponse:
    """Make a key for another system; its text is shown once."""

    def run(**values: Any) -> HttpResponse:
        made, text = services.make_token(actor=request.actor, **values)
        return show_once(request, made.name, _("This is the key. It is shown only this once."), text, "/me")

    return ask(request, _("Make an API key"), run, schema=NewToken, back_url="/me")


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
