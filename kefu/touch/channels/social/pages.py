"""The door that WeChat posts to, and the settings of its accounts."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kefu.engines.intake.services import knock
from kefu.engines.social import envelope, turns
from kefu.engines.social.envelope import Malformed
from kefu.engines.social.sealing import BadKey, Forged, Sealer, prove, signature
from kefu.kit import flash, http, moment
from kefu.kit.errors import KefuError, NotFound, TooOften
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.people.sign_in import address_of
from kefu.timeline.queries import of_settings
from kefu.touch.channels.social import policies, queries, schemas, services, settings, tasks
from kefu.touch.channels.social.choices import Platform
from kefu.touch.channels.social.models import Link

HOME = "/settings/social"
NEAR = 600  # seconds that a post may be old, or our clock be wrong
FORGED, WINDOW = 30, timedelta(minutes=5)
TAKEN = b"success"


@csrf_exempt
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest, hook: str) -> HttpResponse:
    """What WeChat asks when the address is entered there (GET), and what it posts. Answered within its five seconds: what takes longer is
    queued. Only what is stored is answered with "success", so WeChat posts the rest again."""
    try:
        link = queries.by_hook(hook)
        policies.admit(hook)
        if int(request.META.get("CONTENT_LENGTH") or 0) > envelope.MOST_BYTES:
            return HttpResponse(status=413)
        body = _greeted(link, request) if request.method == "GET" else _posted(link, request)
        return HttpResponse(body, content_type="text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})
    except (Forged, BadKey):
        return _refused(request, 403)
    except (Malformed, turns.Unreadable, UnicodeDecodeError):
        return _refused(request, 400)
    except KefuError as error:
        return HttpResponse(status=error.status)


door.rights = ()  # type: ignore[attr-defined]


def _refused(request: HttpRequest, status: int) -> HttpResponse:
    try:
        knock(door="social.forged", who=address_of(request) or "-", most=FORGED, within=WINDOW)
    except TooOften as error:
        status = error.status
    return HttpResponse(status=status)


def _said(request: HttpRequest, name: str, most: int = 128) -> str:
    return request.GET.get(name, "")[:most]


def _stamped(link: Link, request: HttpRequest) -> tuple[str, str, str]:
    """The words that every signature is over. Raises ``Forged`` without a token of ours, or when the time is too far off."""
    told = _said(request, "timestamp")
    if not link.token or not told.isdecimal() or len(told) > 11 or abs(moment.now().timestamp() - int(told)) > NEAR:
        raise Forged("the time is too far off")
    return link.token, told, _said(request, "nonce")


def _greeted(link: Link, request: HttpRequest) -> bytes:
    words, echo = _stamped(link, request), _said(request, "echostr", 2000)
    if link.platform == Platform.SERVICE:
        prove(_said(request, "msg_signature"), *words, echo)
        return Sealer(link.key, link.app_id).open(echo)
    prove(_said(request, "signature"), *words)
    return echo.encode()


def _posted(link: Link, request: HttpRequest) -> bytes:
    """The post, proved, opened and stored. With a key only what is sealed counts, also in the mode that sends both (兼容模式)."""
    words, body = _stamped(link, request), request.body
    sealed = bool(link.key) or link.platform == Platform.SERVICE
    if sealed:
        mark, inner = _said(request, "msg_signature"), envelope.read(body).get("Encrypt", "")
        prove(mark, *words, inner)
        fields = envelope.read(Sealer(link.key, link.app_id).open(inner))
    else:
        mark = _said(request, "signature")
        prove(mark, *words)
        fields = envelope.read(body)
    if not link.account.active:
        raise NotFound()  # people are told by WeChat that nobody is there
    with transaction.atomic():
        new = services.posted(link, mark.strip().lower(), body)
        if new and link.platform == Platform.SERVICE:
            if fields.get("Event", "").lower() == "kf_msg_or_event":
                tasks.queue_pull(link.pk, fields.get("Token", "")[:128])
        elif new:
            return _official(link, fields, sealed=sealed)
    return TAKEN


def _official(link: Link, fields: dict[str, str], *, sealed: bool) -> bytes:
    """Store what came to an official account; who begins to follow is greeted in the answer itself."""
    came = turns.of_official(fields)
    new = services.take_in(link, came, tasks.queue_fetch)
    if not (new and came.event == "subscribe" and link.welcome):
        return TAKEN
    stamp = int(moment.now().timestamp())
    told = envelope.write(
        ToUserName=came.sender, FromUserName=fields.get("ToUserName", ""), CreateTime=stamp, MsgType="text", Content=link.welcome
    )
    if not sealed:
        return told
    inner, nonce = Sealer(link.key, link.app_id).seal(told), str(stamp % 100_000_007)
    return envelope.write(Encrypt=inner, MsgSignature=signature(link.token, str(stamp), nonce, inner), TimeStamp=stamp, Nonce=nonce)


@staff_page(queries.MANAGE)
def index(request: Request) -> HttpResponse:
    """The accounts: where WeChat posts to, and how each stands."""
    context = {
        "rows": queries.links(request.actor),
        "begin": request.build_absolute_uri("/social/"),
        "events": of_settings((settings.LINK,)),
    }
    return http.page(request, "social/links.html", context)


@staff_page(queries.MANAGE)
def one(request: Request, id: int | None = None) -> HttpResponse:  # noqa: A002
    """The form of one account; without an id a new one."""
    row = queries.link(request.actor, id) if id else None

    def keep(**values: object) -> HttpResponse:
        settings.keep_link(actor=request.actor, id=id, **values)  # type: ignore[arg-type]
        return flash.tell(http.go(request, HOME), _("Saved."))

    values = {**row, "open_kfid": row["address"] if row["platform"] == Platform.SERVICE else ""} if row else {}
    title = row["name"] if row else _("New WeChat account")
    return page_forms.ask(request, title, keep, back_url=HOME, schema=schemas.LinkIn, values=values)


urlpatterns = [
    path("social/<str:hook>", door, name="social.door"),
    path("settings/social", index, name="social-links"),
    path("settings/social/new", one, name="social-link-new"),
    path("settings/social/<int:id>", one, name="social-link"),
]
