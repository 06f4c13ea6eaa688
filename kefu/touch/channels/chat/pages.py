"""The doors that the widget knocks at, and the settings of widgets.

Every door takes a POST whose body is JSON, sent as plain text so that no browser asks beforehand; no cookie is read. The page that holds
the widget must stand on one of its sites.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kefu.engines.files.refusals import Large
from kefu.engines.intake.services import knock
from kefu.kit import flash, http
from kefu.kit.errors import Invalid, KefuError
from kefu.kit.gate import Gate
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.people.sign_in import address_of
from kefu.timeline.queries import of_settings
from kefu.touch.channels.chat import asking, policies, queries, schemas, services, settings
from kefu.touch.channels.chat.models import Visitor, Widget

HOME = "/settings/chat"
BODY = 16_000
WINDOW = timedelta(minutes=5)
STARTS = 20
Asked = dict[str, Any]


def _read(request: HttpRequest) -> Asked:
    if request.content_type == "multipart/form-data":
        if int(request.META.get("CONTENT_LENGTH") or 0) > services.MOST_BYTES + BODY:
            raise Large(limit=services.MOST_BYTES // 1024 // 1024)
        return {**request.POST.dict(), "file": request.FILES.get("file")}
    try:
        asked = orjson.loads(request.body) if len(request.body) <= BODY else None
    except orjson.JSONDecodeError:
        asked = None
    if not isinstance(asked, dict):
        raise Invalid(code="bad_request")
    return asked


def _text(asked: Asked, name: str) -> str:
    value = asked.get(name, "")
    return value.replace("\x00", "") if isinstance(value, str) else ""


def _door(answer: Callable[[HttpRequest, Asked], Any]) -> Callable[[HttpRequest], HttpResponse]:
    """A door for pages of other sites: the refusal too can be read there."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponse:
        try:
            policies.admit(policies.ADDRESSES, address_of(request) or "-")
            told = answer(request, _read(request))
            made = told if isinstance(told, HttpResponse) else http.json(told)
        except KefuError as error:
            made = http.problem(error)
        origin = request.headers.get("Origin", "")
        if origin:
            made.headers["Access-Control-Allow-Origin"] = origin
        made.headers["Vary"] = "Origin"
        made.headers["Cache-Control"] = "no-store"
        return made

    view.rights = ()  # type: ignore[attr-defined]
    return view


def _widget(request: HttpRequest, asked: Asked) -> Widget:
    """The widget of the page that asks. Raises ``NotFound``, ``NotAllowed``, ``TooOften``."""
    found = queries.widget(_text(asked, "key"))
    queries.check_origin(found, request.headers.get("Origin", ""), request.get_host())
    return found


def _visitor(request: HttpRequest, asked: Asked, gate: Gate) -> Visitor:
    """Whose token was sent, from a page of the widget. Raises ``NotFound``, ``NotAllowed``, ``TooOften``."""
    found = queries.visitor(_text(asked, "token"))
    queries.check_origin(found.widget, request.headers.get("Origin", ""), request.get_host())
    policies.admit(gate, found.key)
    return found


def _after(asked: Asked) -> int:
    return _place(asked, "after")


def _place(asked: Asked, name: str) -> int:
    value = asked.get(name, 0)
    value = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else value
    return value if isinstance(value, int) and 0 <= value < 2**62 else 0


@_door
def begin(request: HttpRequest, asked: Asked) -> Any:
    """What the widget shows before the first word: greeting, notice, whether somebody answers now: the robot does at any hour."""
    held = _widget(request, asked)
    return {"name": held.account.name, "greeting": held.greeting, "consent": held.consent, "open": held.robot or queries.is_open()}


@_door
def start(request: HttpRequest, asked: Asked) -> Any:
    held = _widget(request, asked)
    knock(door="chat.start", who=address_of(request) or "-", most=STARTS, within=WINDOW)
    made = services.start(
        widget=held, name=_text(asked, "name"), origin=request.headers.get("Origin", ""), agreed=asked.get("agreed") is True,
        proof=_text(asked, "identity"),
    )  # fmt: skip
    return {"token": queries.token_of(made)}


@_door
def send(request: HttpRequest, asked: Asked) -> Any:
    """Answered with how the talk stands and with every turn after ``after``: among them the one that was sent."""
    upload = asked.get("file")
    upload = upload if isinstance(upload, UploadedFile) else None
    held = _visitor(request, asked, policies.UPLOADS if upload is not None else policies.SENDS)
    services.write(visitor=held, text=_text(asked, "text"), id=_text(asked, "id"), upload=upload)
    return queries.seen(queries.who(held), _after(asked))


@_door
def turns(request: HttpRequest, asked: Asked) -> Any:
    """What came after ``after``: for the first look and for browsers that hold no stream."""
    return queries.seen(queries.who(_visitor(request, asked, policies.READS)), _after(asked))


@_door
def file(request: HttpRequest, asked: Asked) -> Any:
    """The bytes of a file of the own talk. The widget makes a picture of them; opened by itself it is nothing that a browser runs."""
    number = asked.get("file")
    made = HttpResponse(
        queries.file_of(_visitor(request, asked, policies.READS), number if isinstance(number, int) and 0 < number < 2**62 else 0),
        content_type="application/octet-stream",
    )
    made.headers["X-Content-Type-Options"] = "nosniff"
    return made


@_door
def rate(request: HttpRequest, asked: Asked) -> Any:
    held = _visitor(request, asked, policies.SENDS)
    stars = asked.get("stars")
    services.rate(visitor=held, stars=stars if isinstance(stars, int) else 0, text=_text(asked, "text"))
    who = queries.who(held)
    return queries.standings([who])[who.id]


@_door
def robot(request: HttpRequest, asked: Asked) -> Any:
    """A word to the robot: that an answer (``seq``) helped or did not, or that a person is wanted. Answered like ``send``."""
    held = _visitor(request, asked, policies.SENDS)
    seq, helped = asked.get("seq"), asked.get("helped")
    if isinstance(seq, int) and isinstance(helped, bool):
        asking.judge(visitor=held, message_id=seq if 0 < seq < 2**62 else 0, helped=helped)
    else:
        asking.to_person(visitor=held)
    return queries.seen(queries.who(held), _after(asked))


@_door
def mark(request: HttpRequest, asked: Asked) -> Any:
    """What the visitor has read (``read``), and that he types (``types``)."""
    held = _visitor(request, asked, policies.MARKS)
    services.mark(visitor=held, read=_place(asked, "read"), types=asked.get("types") is True)
    return {}


@require_POST
@staff_page("contacts.take")
def mark_by_agent(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The same from the agent's page."""
    read = request.POST.get("read", "")
    if policies.MARKS.passes(f"staff:{request.actor.id}"):
        services.mark_by_agent(actor=request.actor, id=id, read=_place({"read": read}, "read"), types=request.POST.get("types", "") == "1")
    return HttpResponse(status=204)


@_door
def leave(request: HttpRequest, asked: Asked) -> Any:
    """A message outside hours: on the desk, or in the own talk (``talk``)."""
    if asked.get("talk") is True:
        who = _visitor(request, asked, policies.SENDS)
        services.leave_number(visitor=who, given=asked, id=_text(asked, "id"))
        return {"left": True}
    held = _widget(request, asked)
    knock(door="chat.leave", who=address_of(request) or "-", most=STARTS, within=WINDOW)
    services.leave(widget=held, given=asked, id=_text(asked, "id"))
    return {"left": True}


@staff_page(queries.MANAGE)
def index(request: Request) -> HttpResponse:
    """The widgets."""
    return http.page(request, "chat/widgets.html", {"rows": queries.widgets(request.actor), "events": of_settings((settings.WIDGET,))})


@staff_page(queries.MANAGE)
def one(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """The form of one widget; without an id a new one."""
    row = queries.one(request.actor, id) if id else None

    def keep(**values: object) -> HttpResponse:
        made = settings.keep_widget(actor=request.actor, id=id, **values)  # type: ignore[arg-type]
        return flash.tell(http.go(request, f"{HOME}/{made.pk}/shown"), _("Saved."))

    title = row["name"] if row else _("New chat widget")
    return page_forms.ask(request, title, keep, back_url=HOME, schema=schemas.WidgetIn, values=row or {"active": True})


@staff_page(queries.MANAGE)
def shown(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The widget at work, and the script tag to copy."""
    row = queries.one(request.actor, id)
    return http.page(request, "chat/shown.html", {"row": row, "source": request.build_absolute_uri("/static/bundle/widget.js")})


@staff_page(queries.MANAGE)
def secret(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """A new secret, shown once; what was signed with the old one is refused from now on."""
    row, back = queries.one(request.actor, id), f"{HOME}/{id}/shown"

    def run() -> HttpResponse:
        made = settings.renew_secret(actor=request.actor, id=id)
        lead = _("With this secret your web site signs who is signed in there (docs/chat.md). It is shown only this once.")
        return page_forms.show_once(request, row["name"], lead, made, back)

    sure = _("What was signed with the old secret is refused from now on.")
    return page_forms.ask(request, _("New secret"), run, back_url=back, confirm=sure)


urlpatterns = [
    *(
        path(f"chat/{door.__name__}", door, name=f"chat.{door.__name__}")
        for door in (begin, start, send, turns, file, rate, robot, mark, leave)
    ),
    path("inbox/<int:id>/mark", mark_by_agent, name="chat.mark-by-agent"),
    path("settings/chat", index, name="chat-widgets"),
    path("settings/chat/new", one, name="chat-widget-new"),
    path("settings/chat/<int:id>", one, name="chat-widget"),
    path("settings/chat/<int:id>/shown", shown, name="chat-shown"),
    path("settings/chat/<int:id>/secret", secret, name="chat-secret"),
]
