"""The inbox: the conversations by turn, and one conversation with what is known of the customer beside it."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from kefu.cases.workorders import queries as orders
from kefu.engines.clock import queries as clock
from kefu.engines.privacy.masking import mask
from kefu.engines.rulebook import scripts
from kefu.engines.rulebook.queries import code_name
from kefu.entry import centre
from kefu.entry.notices import of_answer
from kefu.kit import http, initials, phone
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.errors import Invalid
from kefu.kit.paging import next_url_of
from kefu.kit.tables import Column
from kefu.kit.waiting import counted
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.timeline import queries as timeline
from kefu.touch.assignment import queries as assignment
from kefu.touch.channels.chat import queries as chat
from kefu.touch.channels.hotline import queries as hotline
from kefu.touch.channels.sms import routing as sms
from kefu.touch.channels.visits import policies as visit_judge
from kefu.touch.channels.visits import queries as visits
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts import services as contact_services
from kefu.touch.contacts.choices import ICONS, Channel
from kefu.touch.conversations import policies, queries
from kefu.touch.conversations.choices import WITH_PEOPLE, Auto, Delivery, Direction, Role, State
from kefu.touch.conversations.models import Conversation
from kefu.touch.conversations.registry import Head, outlets
from kefu.touch.knowledge import handling as readings
from kefu.touch.knowledge import queries as knowledge
from kefu.touch.knowledge import services as knowledge_services

# Surnames of two signs; of all others one sign is the surname.
SURNAMES = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 司徒 夏侯 长孙 宇文 端木 南宫 西门 申屠 轩辕 钟离 闻人"
LEAST_TYPED = 4
TURNS = ("conversation.wrote", "conversation.replied", "conversation.noted", "conversation.robot_answered")
# What is shown by adding turns to the page: they, the limit that a reply meets, and the commands that lead to them.
TURN_EVENTS = " ".join((*TURNS, "clock.met", "reply", "note"))
FORWARDED = re.compile(r"\s*(?:转发|轉寄|轉發|fwd?|tr)\s*[:：]", re.IGNORECASE)
TONES = {"robot": "info", "waiting": "danger", "open": "primary", "pending": "warning", "closed": "secondary"}


def _columns() -> list[Column]:
    return [
        Column("title", _("Subject line"), fixed=True),
        Column("state", _("State"), "own"),
        Column("from", _("Customer")),
        Column("channel", _("Arrived by"), "own"),
        Column("contact__agent__name", _("Agent")),
        Column("last_at", _("Last message"), "short_stamp"),
        Column("due", _("Next due"), "own"),
        Column("contact__subject__number", _("Number"), optional=True),
    ]


def _dressed(actor: Actor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    due = clock.next_due(row["contact_id"] for row in rows)
    helps = queries.help_asked([row["contact_id"] for row in rows if row["state"] in WITH_PEOPLE])
    for row in rows:
        asked = helps.get(row["contact_id"], [])
        row["help"] = [one["staff__name"] for one in asked]
        row["help_mine"] = any(one["staff_id"] == actor.id for one in asked)
        row["id"], row["due"] = row["contact_id"], due.get(row["contact_id"])
        row["title"] = row["title"] or _("(no subject line)")
        row["from"] = mask("name", row["contact__name"]) or queries.masked(row["address"])
        row["state_name"] = State(row["state"]).label
        row["channel"], row["icon"] = Channel(row["contact__channel"]).label, ICONS[row["contact__channel"]]
    return rows


@staff_page("contacts.take")
def index(request: Request) -> HttpResponse:
    """Mine, what waits, all that runs, what is closed."""
    tab = request.GET.get("tab", "mine")
    tab = tab if tab in queries.TABS else "mine"
    page = queries.rows(request.actor, tab=tab, cursor=request.GET.get("after"))
    waiting, asked = counted(queries.how_many_wait(request.actor)), counted(queries.how_many_ask(request.actor))
    names = [
        ("mine", _("Mine")),
        ("waiting", _("Waiting to be taken"), waiting or None),
        ("running", _("All that runs")),
        ("help", _("Help asked"), asked or None),
        ("closed", _("Conversation closed")),
    ]
    context = {
        "columns": _columns(),
        "rows": _dressed(request.actor, page.rows),
        "next_url": next_url_of(request, page.next),
        "tabs": [(code, label, f"?tab={code}", *count) for code, label, *count in names],
        "tab": tab,
        "waiting": waiting if tab == "mine" else "",
        "tones": TONES,
        "address": f"{request.path}?tab={tab}",
    }
    return http.page(request, "conversations/list.html", context)


def _beside(actor: Actor, conversation: Conversation) -> dict[str, Any]:
    """Who writes, and what of his is open."""
    contact = conversation.contact
    return {
        "open_orders": orders.open_of_customer(actor, contact.customer_id, contact.phone),
        "past": contacts.of_customer(actor, contact.customer_id, limit=5) if contact.customer_id else [],
        "earlier": queries.earlier(actor, conversation),
    }


def _matter(actor: Actor, conversation: Conversation) -> dict[str, Any]:
    """What the channel knows beside the words: of a form, where and when; the order of the city hotline; the visitor's number."""
    contact = conversation.contact
    found: dict[str, Any] = {"form": None, "hotline": None, "visit": None, "signed": ""}
    if contact.channel == Channel.CHAT:
        found["signed"] = chat.signed_number(conversation.pk)
    if contact.channel == Channel.HOTLINE12345:
        found["hotline"], found["to_hotline"] = hotline.of_contact(contact.pk), actor.can(hotline.TAKE)
    if contact.channel == Channel.VISIT and (visit := visits.of_contact(contact.pk)) is not None:
        found["visit"], found["visit_commands"] = visit, commands_of(visits.KIND).pick(visit_judge.allowed(actor, visit.state))
    if contact.channel == Channel.PORTAL:
        found["form"] = {"address": mask("address", contact.address), "wishes": contact.wishes, "appointment_at": contact.appointment_at}
    return found


def _stands(actor: Actor, conversation: Conversation) -> dict[str, Any]:
    """How the conversation stands, what may be done with it and what is due: what each turn may change."""
    there = queries.companions(conversation.pk)
    may = policies.allowed(actor, queries.facts(conversation, there=there))
    return {
        "conversation": conversation,
        "contact": conversation.contact,
        "commands": commands_of(queries.KIND).pick(may),
        "may_order": "order" in may,
        "may_resend": "resend" in may,
        "may_reply": "reply" in may,
        "has_way_out": _has_way_out(conversation),
        "deadlines": clock.of_subject(conversation.pk),
        "tones": TONES,
        "autos": dict(Auto.choices),
        "deliveries": dict(Delivery.choices),
        "forwarded": bool(FORWARDED.match(conversation.title)),  # what is quoted is the matter itself
        "wrap_up": code_name("wrap_up_reasons", conversation.wrap_up) if conversation.wrap_up else "",
        "companions": there,
        "roles": dict(Role.choices),
        "masked": _masked(conversation),
    }


def _masked(conversation: Conversation) -> dict[str, str]:
    """Who writes, as those see it who need not know more; the phone where it is not what the talk is written from."""
    contact, address = conversation.contact, queries.masked(conversation.address)
    number = mask("phone", phone.shown(contact.phone)) if contact.phone else ""
    return {"name": mask("name", contact.name), "address": address, "phone": number if number != address else ""}


def _heads(conversation: Conversation, messages: list[dict[str, Any]]) -> dict[int, Head]:
    """To whom messages went, on channels where that is more than one."""
    outlet = outlets.get(conversation.account.channel)
    return outlet.heads(conversation, messages) if outlet and outlet.heads else {}


@staff_page("contacts.take")
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The turns, the notes, and the customer beside them."""
    conversation = queries.get(request.actor, id)
    beside = _beside(request.actor, conversation)
    whole = not http.wants_fragment(request)
    messages = queries.for_colleagues(conversation.account.channel, queries.messages(id))
    events = [one for one in timeline.history(id) if one["kind"] not in TURNS]
    context = {
        **_stands(request.actor, conversation),
        "messages": messages,
        "heads": _heads(conversation, messages),
        "read_up_to": chat.read_up_to(id) if conversation.account.channel == Channel.CHAT else 0,
        "robots": chat.robot_answers(row["id"] for row in messages if row["auto"] == Auto.ROBOT),
        "last": messages[-1]["id"] if messages else 0,
        "turn_events": TURN_EVENTS,
        "anew": False,
        "events": events,
        "notice": of_answer(conversation, events),
        "found": _offered(request.actor, queries.asked(id)),
        **beside,
        "matter": _matter(request.actor, conversation),
        **(_composer(request.actor, conversation, beside["open_orders"]) if whole else {}),
    }
    return http.page(request, "conversations/one.html" if whole else "conversations/_body.html", context)


@staff_page("contacts.take")
def turns(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """What was written after the last turn on the page (``after``), and what it changed there."""
    conversation = queries.get(request.actor, id)
    asked = request.GET.get("after", "")
    last = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    messages = queries.for_colleagues(conversation.account.channel, queries.messages(id, after=last))
    answered = any(one["direction"] == Direction.IN for one in messages)
    context = {
        **_stands(request.actor, conversation),
        "messages": messages,
        "heads": _heads(conversation, messages),
        "robots": chat.robot_answers(row["id"] for row in messages if row["auto"] == Auto.ROBOT),
        "read_up_to": 0,
        "last": messages[-1]["id"] if messages else last,
        "found": _offered(request.actor, queries.asked(id)) if answered else None,
        "anew": True,
    }
    return http.page(request, "conversations/_turns.html", context)


@staff_page("contacts.take")
def colleagues(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """Whom "@" in a note of this conversation offers for what is typed behind it (``q``), a few at a time."""
    found = assignment.colleagues(request.actor, id, _typed(request))
    shown = found[: assignment.MOST_OFFERED]
    rows = [(one, initials.initials(one.name)) for one in shown]
    context = {"colleagues": rows, "more": len(found) > len(shown)}
    answer = http.page(request, "conversations/_colleagues.html", context)
    answer["Cache-Control"] = "private, max-age=60"
    return answer


@staff_page("contacts.take")
def colleague_options(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The same as the options of a chooser; with ``takers`` without who has the conversation."""
    found = assignment.colleagues(request.actor, id, _typed(request), takers="takers" in request.GET)
    option = Markup('<option value="{}">{}</option>')
    shown = [option.format(pk, label) for pk, label in assignment.choices(found[: assignment.MOST_OFFERED])]
    if len(found) > len(shown):
        shown.append(Markup("<option disabled>{}</option>").format(_("More by typing a number, a name or its first letters")))
    answer = HttpResponse(Markup("").join(shown))
    answer["Cache-Control"] = "private, no-store"
    return answer


def _typed(request: Request) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:20]


def _offered(actor: Actor, question: str) -> list[dict[str, Any]]:
    """The articles that answer, counted as offered."""
    found = knowledge.answers(actor, question)
    readings.offered(actor, found)
    return found


def _composer(actor: Actor, conversation: Conversation, open_orders: list[dict[str, Any]]) -> dict[str, Any]:
    """What the reply box offers. The customer is addressed by no more than what anybody may see of his name."""
    contact = conversation.contact
    known = {
        "agent_number": actor.number,
        "centre": centre.name(),
        "phone": mask("phone", phone.shown(contact.phone)) if contact.phone else "",
        "customer_name": addressed(contact.name),
        "order_number": open_orders[0]["subject__number"] if open_orders else "",
    }
    begun = queries.new_key(actor, conversation.pk)
    texts: list[tuple[Any, list[dict[str, Any]]]] = scripts.offered(contact.channel, known)
    if contact.channel == Channel.SMS:
        templates = sms.offered(conversation.account_id, known["order_number"])
        cards = [
            {"title": name, "said": text, "letters": f"{initials.initials(name)} {initials.initials(text)}"} for name, text in templates
        ]
        texts = ([(_("SMS templates"), cards)] if cards else []) + texts
    outlet = outlets.get(contact.channel)
    return {
        "elsewhere": outlet.elsewhere if outlet else "",
        **begun,
        "scripts": texts,
    }


def _has_way_out(conversation: Conversation) -> bool:
    """Whether it is answered in writing, in the reply box."""
    outlet = outlets.get(conversation.contact.channel)
    return outlet is not None and not outlet.elsewhere


def addressed(name: str) -> str:
    """How a customer is addressed: by the surname of a Chinese name, else as a customer."""
    name = name.strip()
    if re.fullmatch(r"[\u4e00-\u9fff·]{2,8}", name):
        return _("Mr or Ms %(surname)s") % {"surname": name[:2] if name[:2] in SURNAMES and len(name) > 2 else name[0]}
    return _("valued customer")


@require_POST
@staff_page("contacts.take")
def hits(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The articles again while the agent writes; ``cited`` and ``helped`` count what was used. By POST: words do not stand in addresses."""
    conversation = queries.get(request.actor, id)
    typed = request.POST.get("text", "").strip()
    question = typed if len(typed) >= LEAST_TYPED and not typed.startswith("/") else queries.asked(id)
    found = _offered(request.actor, question)
    for row in found:
        if request.POST.get("cited") == str(row["subject_id"]):
            source = knowledge_services.label(row)
            knowledge_services.cite(actor=request.actor, source=source)
            contact_services.rests_on(contact_id=id, source=source)
        elif request.POST.get("helped") == str(row["subject_id"]):
            knowledge_services.helped(actor=request.actor, id=row["subject_id"])
            row["marked"] = True
    shown = {"found": found, "id": id, "has_way_out": _has_way_out(conversation)}
    return http.page(request, "conversations/_hits.html", shown)


@require_POST
@staff_page("contacts.take")
def measure(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """How long the reply is as an SMS, and what it may not hold, while the agent writes."""
    conversation = queries.get(request.actor, id)
    text, told = request.POST.get("text", "").strip(), ""
    try:
        sms.judge(text, (conversation.contact.name,))
    except Invalid as refused:
        told = str(refused.fields.get("text", ""))
    length = sms.measured(conversation.account_id, text[: sms.MOST_MEASURED])
    return http.page(request, "conversations/_length.html", {"length": length, "told": told})


_CID = re.compile(r'<img src="cid:([^"]{1,300})"')
_REMOTE = ' data-remote="'
# White paper in the dark, too: writers set dark letters on it and name no ground.
_LETTER = (
    '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><base target="_blank"><style>'
    ":root{color-scheme:light}body{font:14px/1.6 system-ui,sans-serif;margin:8px;background:#fff;color:#1f2328;overflow-wrap:anywhere}"
    "img{max-width:100%%;height:auto}img[data-remote]{display:none}blockquote{color:#555}"
    "#blocked{background:#fff3cd;border:1px solid #e0c060;border-radius:4px;padding:4px 8px;margin:0 0 8px}</style></head>"
    "<body>%s%s</body></html>"
)
_SHUT = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; img-src 'self' data:%s; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@staff_page("contacts.take")
def letter(request: Request, id: int, message_id: int) -> HttpResponse:  # noqa: A002
    """A message as its writer set it: no script runs, only its own pictures are shown, and nothing is fetched from elsewhere before the
    reader asks for it (``pictures=all``), told that the writer may learn of it."""
    page, pictures = queries.page_of(request.actor, id, message_id)

    def shown(found: re.Match[str]) -> str:
        one = pictures.get(unescape(found[1]))
        return f'<img src="/files/{one["file_id"]}/{quote(one["file__name"], safe="")}"' if one else "<img"

    every, remote = request.GET.get("pictures") == "all", page.count(_REMOTE)
    page = _CID.sub(shown, page)
    answer = HttpResponse(_LETTER % ("" if every else _blocked(remote), page.replace(_REMOTE, ' src="') if every else page))
    answer.headers["Content-Security-Policy"] = _SHUT % (" https: http:" if every else "")
    return answer


def _blocked(remote: int) -> str:
    if not remote:
        return ""
    told = _("%(count)d pictures from other servers are not shown. If they are, who sent the letter may learn that it was read.")
    show = _("Show the pictures")
    return f'<p id="blocked">{escape(told % {"count": remote})} <a href="?pictures=all" target="_self">{escape(show)}</a></p>'


urlpatterns = [
    path("inbox", index, name="inbox"),
    path("inbox/<int:id>/messages/<int:message_id>", letter, name="inbox.letter"),
    path("inbox/<int:id>/colleagues", colleagues, name="inbox.colleagues"),
    path("inbox/<int:id>/colleagues/options", colleague_options, name="inbox.colleague_options"),
    path("inbox/<int:id>", one, name="inbox.one"),
    path("inbox/<int:id>/turns", turns, name="inbox.turns"),
    path("inbox/<int:id>/hits", hits, name="inbox.hits"),
    path("inbox/<int:id>/measure", measure, name="inbox.measure"),
    *command_urls(commands_of(queries.KIND), "inbox", queries.KIND),
]
