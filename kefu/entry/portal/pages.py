"""The public pages. No sign-in; each form bears a token of its own, and every address has only so many tries."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kefu.engines.files.pages import serve
from kefu.entry.portal import answers, guard, pass_on, submit, tracking, words
from kefu.flows.tell_customers import has_looked
from kefu.kit import flash, http
from kefu.kit.errors import KefuError, NotFound
from kefu.people.actor import SYSTEM
from kefu.people.http import Request, staff_page

KEPT = ("name", "phone", "address", "content", "appointment_at", "number", "text", "words", "grade")


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was typed, to be drawn again. NUL and the like never reach the database."""
    return {name: request.POST.get(name, "").replace("\x00", "")[:20_000] for name in (*KEPT, "code", "digits", "agree")}


def _draw(request: HttpRequest, template: str, context: dict[str, Any], error: KefuError | None = None) -> HttpResponse:
    known = {
        "error": error,
        "errors": defaultdict(str, {name: str(text) for name, text in error.fields.items()} if error else {}),
        "typed": _typed(request),
        "honeypot": guard.HONEYPOT,
        **context,
    }
    return http.page(request, f"portal/{template}.html", known, status=error.status if error else 200)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return _draw(request, "home", {"pass_on": pass_on.is_open()})


@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, *, complaint: bool) -> HttpResponse:
    """The form of a request or of a complaint."""
    text, version = submit.notice()
    context: dict[str, Any] = {"complaint": complaint, "notice": text, "version": version, "photos": tracking.PHOTOS}
    error: KefuError | None = None
    token = request.POST.get("token", "")
    if request.method == "POST":
        try:
            guard.check_robot(request)
            number = guard.number_of(token)
            values = submit.checked(_typed(request), version=version)
            guard.brake(request, "submit", guard.SUBMISSIONS)
            photos = request.FILES.getlist("photos")
            contact = submit.submit(number=number, values=values, photos=photos, complaint=complaint, version=version)
            return tracking.remember(http.go(request, "/portal/track/one?new=1"), contact.pk)
        except guard.Stale as refusal:
            error, token = refusal, ""
        except KefuError as refusal:
            error = refusal
    return _draw(request, "form", {**context, "token": token or guard.form_token()}, error)


def new(request: HttpRequest) -> HttpResponse:
    return form(request, complaint=False)


def complain(request: HttpRequest) -> HttpResponse:
    return form(request, complaint=True)


@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Code and last four digits open the matter."""
    error: KefuError | None = None
    code = (request.POST if request.method == "POST" else request.GET).get("code", "")[:40]
    if request.method == "POST":
        try:
            guard.brake(request, "track", guard.TRACKINGS)
            guard.brake(request, "code", guard.TRACKINGS, who=code.upper() or "-")
            contact = tracking.find(code.replace("\x00", ""), request.POST.get("digits", "")[:20])
            return tracking.remember(http.go(request, "/portal/track/one"), contact.pk)
        except KefuError as refusal:
            error = refusal
    return _draw(request, "track", {"code": code}, error)


@require_GET
def one(request: HttpRequest) -> HttpResponse:
    """How the matter stands."""
    contact = tracking.remembered(request)
    if contact is None:
        return http.go(request, "/portal/track")
    has_looked(contact.pk)
    return _draw(request, "one", _matter(request, contact))


def _matter(request: HttpRequest, contact: Any) -> dict[str, Any]:
    shown = {"told": tracking.told(contact), "code": contact.tracking_code, "new": "new" in request.GET, "grades": words.GRADES}
    return {**shown, "flash": flash.shown(request), "token": guard.form_token(), "photos": tracking.PHOTOS}


@require_POST
def urge(request: HttpRequest) -> HttpResponse:
    return _act(request, lambda contact: tracking.urge(contact, _typed(request)["text"]), _("We have passed your urge on."))


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """The customer writes on."""
    contact = tracking.remembered(request)
    if contact is None:
        return http.go(request, "/portal/track")
    try:
        guard.check_robot(request)
        number = guard.number_of(request.POST.get("token", ""))
        guard.brake(request, "submit", guard.SUBMISSIONS)
        photos = request.FILES.getlist("photos")
        stands = tracking.write(contact, number=number, text=_typed(request)["words"], photos=photos)
    except KefuError as error:
        return _draw(request, "one", _matter(request, contact), error)
    if stands != contact.pk:
        return tracking.remember(http.go(request, "/portal/track/one?new=1"), stands)
    return flash.tell(http.go(request, "/portal/track/one"), _("We have received it. Thank you."))


@require_GET
def file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """A file of the talk, for whoever has proven to know the matter."""
    contact = tracking.remembered(request)
    if contact is None:
        raise NotFound()
    return serve(request, SYSTEM, tracking.file_of(contact, file_id))


@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    typed = _typed(request)
    return _act(request, lambda contact: tracking.rate(contact, typed["grade"], typed["text"]), _("Thank you for your word."))


def _act(request: HttpRequest, do: Any, done: str) -> HttpResponse:
    contact = tracking.remembered(request)
    if contact is None:
        return http.go(request, "/portal/track")
    try:
        guard.brake(request, "act", guard.TRACKINGS)
        do(contact)
    except KefuError as error:
        return _draw(request, "one", _matter(request, contact), error)
    return flash.tell(http.go(request, "/portal/track/one"), done)


@require_http_methods(["GET", "POST"])
def hand_on(request: HttpRequest) -> HttpResponse:
    """An employee without an account passes on a complaint."""
    if not pass_on.is_open():
        raise NotFound()
    error: KefuError | None = None
    if request.method == "POST":
        try:
            guard.check_robot(request)
            guard.brake(request, "pass_on", guard.SUBMISSIONS)
            made = pass_on.pass_on(_typed(request))
            return _draw(request, "passed_on", {"number": made.subject.number})
        except KefuError as refusal:
            error = refusal
    return _draw(request, "pass_on", {}, error)


@require_GET
@staff_page("complaints.receive", "settings.manage")
def code_of_today(request: Request) -> HttpResponse:
    """Settings: the code that the centre tells its employees today."""
    code = pass_on.code_of(pass_on.today()) if pass_on.is_open() else ""
    return http.page(request, "portal/code.html", {"code": code, "day": pass_on.today(), "setting": pass_on.SETTING})


urlpatterns = [
    path("portal", home, name="portal"),
    path("portal/new", new, name="portal.new"),
    path("portal/complain", complain, name="portal.complain"),
    *answers.urlpatterns,
    path("portal/track", track, name="portal.track"),
    path("portal/track/one", one, name="portal.one"),
    path("portal/track/write", write, name="portal.write"),
    path("portal/track/files/<int:file_id>", file, name="portal.file"),
    path("portal/track/urge", urge, name="portal.urge"),
    path("portal/track/rate", rate, name="portal.rate"),
    path("portal/pass-on", hand_on, name="portal.pass_on"),
    path("settings/pass-on", code_of_today, name="portal.code"),
]
