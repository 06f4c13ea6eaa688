"""The desk: take a contact, know the customer, fill the record, open what it leads to. Three panes, keyboard first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kefu.cases.supervision import queries as supervision
from kefu.cases.workorders import queries as orders
from kefu.cases.workorders import routing
from kefu.engines.files import queries as stored
from kefu.engines.forms import drawing, incoming
from kefu.engines.forms import queries as forms
from kefu.engines.forms.validate import initial
from kefu.engines.privacy.masking import mask
from kefu.engines.rulebook import scripts
from kefu.engines.rulebook.queries import text_cards
from kefu.entry import centre, home
from kefu.flows import complaint_steps, open_from_contact
from kefu.kit import flash, http, moment, phone
from kefu.kit.commands import commands_of
from kefu.kit.errors import Conflict, KefuError
from kefu.kit.language import pick
from kefu.people.http import Request, staff_page
from kefu.touch.channels.visits import queries as visit_queries
from kefu.touch.channels.visits import services as visits
from kefu.touch.channels.visits.choices import QUEUE
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts import services as contact_services
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling as talks
from kefu.touch.conversations import queries as conversations
from kefu.touch.customers import pages as customer_pages
from kefu.touch.customers import queries as customers
from kefu.touch.knowledge import handling as readings
from kefu.touch.knowledge import queries as knowledge
from kefu.touch.knowledge import services as knowledge_services


def _incoming(request: Request) -> list[dict[str, Any]]:
    rows = contacts.open_contacts(request.actor, but=conversations.is_conversation())
    for row in rows:
        row["name"] = mask("name", row["name"])
        row["phone"] = mask("phone", phone.shown(row["phone"]))
        row["waited"] = (moment.now() - row["received_at"]).total_seconds()
        row["channel_name"] = Channel(row["channel"]).label
    return rows


def _taken(request: Request) -> list[dict[str, Any]]:
    rows = contacts.taken_today(request.actor)
    for row in rows:
        row["name"], row["phone"] = mask("name", row["name"]), mask("phone", phone.shown(row["phone"]))
        row["channel_name"], row["outcome_name"] = Channel(row["channel"]).label, Outcome(row["outcome"]).label
        row["url"] = f"/contacts/{row['subject_id']}"
    return rows


def _types() -> list[tuple[str, str]]:
    return [(kind.code, "\u3000" * kind.path.count("/") + pick(kind.name, kind.name_en)) for kind in routing.types().values()]


def _known(request: Request, contact: Contact) -> dict[str, Any]:
    """Who the caller is and what of his is open."""
    found = customers.by_phone(request.actor, contact.phone) if contact.phone else []
    if contact.customer_id and contact.customer_id not in [row["customer_id"] for row in found]:
        found = customers.card(request.actor, contact.customer_id)
    customer_id = contact.customer_id or (found[0]["customer_id"] if len(found) == 1 else None)
    return {
        "found": found,
        "customer_id": customer_id,
        "open_orders": orders.open_of_customer(request.actor, customer_id, contact.phone),
        "past": contacts.of_customer(request.actor, customer_id, limit=5) if customer_id else [],
    }


def _script(request: Request, contact: Contact) -> list[dict[str, Any]]:
    """The sentences to say, filled with what is known; what is not known yet shows as a gap."""
    known = {
        "agent_number": request.actor.number,
        "centre": centre.name(),
        "phone": phone.shown(contact.phone),
        "customer_name": contact.name,
    }
    moments = ("visit", "farewell") if contact.channel == Channel.VISIT else ("greeting", "closing")
    cards = [card for moment in moments for card in text_cards(moment, contact.channel)]
    return [{**card, "said": scripts.said(card, known)} for card in cards]


def _problems(error: KefuError | None) -> dict[str, str]:
    return {name: str(text) for name, text in error.fields.items()} if error else {}


def _draw(
    request: Request, contact: Contact, *, values: dict[str, Any], error: KefuError | None = None, template: str = "desk/one.html"
) -> HttpResponse:
    code = values.get("order_type") or contact.order_type
    kind = routing.type_by_code(code) if code else None
    definition = forms.current(open_from_contact.RECORD_FORM)
    facts = open_from_contact.facts_for(contact, kind)
    context = {
        "contact": contact,
        "view": drawing.view(definition, values, problems=_problems(error), facts=facts, hidden={"facts": facts}),
        "error": error,
        "types": _types(),
        "order_type": code,
        "kind": kind,
        "prices": orders.prices(code) if kind and kind.paid else [],
        "incoming": _incoming(request),
        "cards": _script(request, contact),
        "pages": conversations.page_images(contact.pk) if contact.channel == Channel.FAX else [],
        **_known(request, contact),
        "files": stored.of_subject(contact.pk) if contact.channel in open_from_contact.WITH_FILES else [],
        **(_helps(request, contact.pk) if template == "desk/one.html" else {}),
    }
    return http.page(request, template, context, status=error.status if error else 200)


def _helps(request: Request, contact_id: int) -> dict[str, Any]:
    """What superiors were asked beside the record, and the commands for it."""
    commands = commands_of(contacts.KIND)
    return {"calls": supervision.calls(contact_id), "commands": commands.pick(commands.allowed(request.actor, contact_id))}


@staff_page("contacts.take")
def desk(request: Request) -> HttpResponse:
    """What waits, the ways to begin, what else is mine to do, and what I took today."""
    return http.page(request, "desk/empty.html", {"incoming": _incoming(request), "taken": _taken(request), **home.waiting(request)})


@require_POST
@staff_page("contacts.take")
def begin(request: Request) -> HttpResponse:
    """A call is answered or a visitor arrives: the record opens at once (R-00-3.1e), the waiting clock starts (R-04-2.1)."""
    number = request.POST.get("number", "").strip()
    if request.POST.get("channel") == Channel.VISIT:
        visit = visits.arrive(actor=request.actor, phone=number, received=True)
        return http.go(request, f"/desk/{visit.pk}")
    fields: dict[str, Any] = {"phone": number}
    rings = request.POST.get("rings", "")
    if rings.isdecimal() and len(rings) < 3:
        fields["ring_count"] = int(rings)
    known = customers.by_phone(request.actor, number) if number else []
    if len(known) == 1:
        fields |= {"customer_id": known[0]["customer_id"], "name": known[0]["customer__name"], "address": known[0]["customer__address"]}
    contact, _new = contact_services.receive(actor=request.actor, channel=Channel.PHONE, answered_at=moment.now(), **fields)
    return http.go(request, f"/desk/{contact.pk}")


@staff_page("contacts.take")
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The record of one contact. POST does what ``action`` says; what was typed is never lost."""
    contact = contacts.get(request.actor, id)
    if request.method == "POST":
        return _act(request, contact)
    if contact.outcome != Outcome.OPEN:
        # A part that draws itself anew leads nobody away: what closed the record does, and its answer may still be on its way.
        return HttpResponse(status=204) if http.part_wanted(request) else http.go(request, f"/contacts/{id}")
    visit = visit_queries.of_contact(id) if contact.channel == Channel.VISIT else None
    if visit is not None and visit.state in QUEUE and contact.agent_id in (None, request.actor.id):
        visits.serve(actor=request.actor, id=id)
        contact = contacts.get(request.actor, id)
    elif contact.agent_id is None:
        if conversations.has_turns(id):
            talks.take(actor=request.actor, id=id)
        else:
            contact_services.take_up(actor=request.actor, contact_id=id)
        contact = contacts.get(request.actor, id)
    start = {**initial(forms.current(open_from_contact.RECORD_FORM)), "call_time": contact.received_at.isoformat()}
    return _draw(request, contact, values={**start, **open_from_contact.held(contact)})


@staff_page("customers.edit")
def customer(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """A file for whom nobody knows yet: the form has what the contact says."""
    contact = contacts.get(request.actor, id)
    known = {"name": contact.name, "phones": phone.shown(contact.phone), "address": contact.address}
    return customer_pages.drawn_new(request, known, back=f"/desk/{id}")


def _typed(request: Request) -> dict[str, Any]:
    """The answers as the form sent them."""
    definition = forms.current(open_from_contact.RECORD_FORM)
    return {name: value for name, value in incoming.data_of(definition, request.POST).items() if value is not None}


def _act(request: Request, contact: Contact) -> HttpResponse:
    typed = _typed(request)
    action = _ACTIONS.get(request.POST.get("action", "order").partition(":")[0])
    try:
        if action is None:
            raise Conflict(code="not_now")
        where, told = action(request, contact, typed)
    except KefuError as error:
        values = {**typed, "order_type": request.POST.get("order_type", "")}
        template = "desk/_record.html" if http.wants_fragment(request) else "desk/one.html"
        return _draw(request, contact, values=values, error=error, template=template)
    return flash.tell(http.go(request, where), told)


def _open_order(request: Request, contact: Contact, typed: dict[str, Any]) -> tuple[str, str]:
    order = open_from_contact.open_order(
        actor=request.actor, contact_id=contact.pk, order_type=request.POST.get("order_type", ""), record=typed
    )
    return f"/orders/{order.pk}", _("Order %(number)s is open.") % {"number": order.subject.number}


def _urge(request: Request, contact: Contact, typed: dict[str, Any]) -> tuple[str, str]:
    chosen = request.POST.get("action", "").partition(":")[2]
    order_id = int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0
    if contact.outcome == Outcome.OPEN:
        open_from_contact.save_draft(actor=request.actor, contact_id=contact.pk, record=typed)
    open_from_contact.urge_instead(actor=request.actor, contact_id=contact.pk, order_id=order_id, text=str(typed.get("content") or ""))
    return f"/orders/{order_id}", _("Recorded as an urge.")


def _complain(request: Request, contact: Contact, typed: dict[str, Any]) -> tuple[str, str]:
    complaint = complaint_steps.open_from_contact(actor=request.actor, contact_id=contact.pk, record=typed)
    return f"/complaints/{complaint.pk}", _("The complaint was taken.")


def _settle(request: Request, contact: Contact, typed: dict[str, Any]) -> tuple[str, str]:
    open_from_contact.save_draft(actor=request.actor, contact_id=contact.pk, record=typed)
    source = request.POST.get("answer_source", "")
    open_from_contact.settle(actor=request.actor, id=contact.pk, answer=request.POST.get("answer", ""), answer_source=source)
    knowledge_services.cite(actor=request.actor, source=source)
    return "/desk", _("Settled on the spot.")


def _refer(request: Request, contact: Contact, typed: dict[str, Any]) -> tuple[str, str]:
    open_from_contact.save_draft(actor=request.actor, contact_id=contact.pk, record=typed)
    open_from_contact.refer(
        actor=request.actor, id=contact.pk, answer=request.POST.get("answer", ""), referred_to=request.POST.get("referred_to", "")
    )
    return "/desk", _("Pointed to another way.")


_ACTIONS: dict[str, Callable[[Request, Contact, dict[str, Any]], tuple[str, str]]] = {
    "order": _open_order,
    "urge": _urge,
    "complaint": _complain,
    "settle": _settle,
    "refer": _refer,
}


@require_POST
@staff_page("contacts.take")
def redraw(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The record again after the type or a deciding field changed; also keeps what was typed (R-00-3.1e)."""
    contact = contacts.get(request.actor, id)
    typed = _typed(request)
    values = {**typed, "order_type": request.POST.get("order_type", "")}
    open_from_contact.save_draft(actor=request.actor, contact_id=id, record=values)
    return _draw(request, contact, values=values, template="desk/_record.html")


@require_POST
@staff_page("contacts.take")
def hints(request: Request) -> HttpResponse:
    """The articles that answer what is being written. By POST: what callers say does not stand in addresses."""
    found = knowledge.answers(request.actor, request.POST.get("content", ""))
    readings.offered(request.actor, found)
    chosen = request.POST.get("answer_source", "")
    for row in found:
        row["label"] = knowledge_services.label(row)
    return http.page(request, "desk/_hints.html", {"found": found, "chosen": chosen})


@staff_page("contacts.take")
def who(request: Request) -> HttpResponse:
    """Whom a typed number belongs to, while it is typed."""
    found = customers.by_phone(request.actor, request.GET.get("number", ""))
    for row in found:
        row["shown"] = mask("name", row["customer__name"])
    return http.page(request, "desk/_who.html", {"found": found})


urlpatterns = [
    path("desk", desk, name="desk"),
    path("desk/new", begin, name="desk.new"),
    path("desk/hints", hints, name="desk.hints"),
    path("desk/who", who, name="desk.who"),
    path("desk/<int:id>", one, name="desk.one"),
    path("desk/<int:id>/customer", customer, name="desk.customer"),
    path("desk/<int:id>/redraw", redraw, name="desk.redraw"),
]
