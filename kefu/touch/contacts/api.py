"""Contacts for other systems: report what arrived, once; see what became of it."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Header, Router
from pydantic import Field

from kefu.engines.intake import services as intake
from kefu.engines.privacy.masking import mask
from kefu.kit import http, phone
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.actor import Actor
from kefu.people.http import Request
from kefu.timeline import queries as timeline
from kefu.touch.contacts import queries, services
from kefu.touch.contacts.choices import Outcome
from kefu.touch.contacts.schemas import ContactIn, ContactOut, ContactPage, ContactRead

router = Router(tags=["contacts"])
KEY_TOLD = "Your own word for this request; sent again with the same body, it is done once."
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200, description=KEY_TOLD)]


@router.post("/contacts", response={200: ContactOut, 201: ContactOut}, summary="Report a contact", operation_id="contact_report")
def report(request: Request, body: ContactIn, key: Key = "") -> HttpResponse:
    """Store what arrived on a channel. It lies on the desk until an agent takes it, or `POST /orders` opens an order from it.

    Safe to repeat in two ways: by `channel` + `foreign_id` (the number your system gave it), and by the header `Idempotency-Key`, which
    gives the first answer again. 201: new, 200: known already. Refused by `idempotency_mismatch` (the key came with another body) and
    `not_allowed` (the right `contacts.take` is missing).
    """
    actor = request.actor
    if not actor.can("contacts.take"):
        raise NotAllowed()

    def make() -> tuple[int, dict[str, Any]]:
        contact, new = services.receive(actor=actor, waits=True, **body.model_dump())
        return (201 if new else 200), {
            "id": contact.pk,
            "number": contact.subject.number,
            "channel": contact.channel,
            "outcome": contact.outcome,
            "received_at": contact.received_at.isoformat(),
            "tracking_code": contact.tracking_code,
            "created": new,
        }

    (status, answer), again = intake.once(actor=actor, door="contacts", key=key, body=request.body, make=make)
    return http.json({**answer, "created": False} if again else answer, status=200 if again else status)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["subject_id"],
        "number": row["subject__number"],
        "channel": row["channel"],
        "foreign_id": row["foreign_id"],
        "outcome": row["outcome"],
        "led_to": row["led_to_id"],
        "received_at": row["received_at"],
        "name": mask("name", row["name"]),
        "phone": mask("phone", phone.shown(row["phone"])),
        "content": row["content"],
        "agent": row["agent__number"],
    }


@router.get("/contacts", response=ContactPage, summary="Contacts, newest first", operation_id="contact_list")
def listed(
    request: Request,
    outcome: Outcome | None = None,
    foreign_id: Annotated[str, Field(max_length=120)] = "",
    after: Cursor = "",
    limit: Size = 50,
) -> HttpResponse:
    """Pages by `next`. Names and numbers are masked."""
    page = queries.rows(request.actor, outcome=outcome, foreign_id=foreign_id, cursor=after or None, size=limit)
    return http.json({"items": [_row(row) for row in page.rows], "next": page.next})


@router.get("/contacts/{id}", response=ContactRead, summary="One contact with its history", operation_id="contact_read")
def one(request: Request, id: RowId) -> HttpResponse:
    row = queries.visible_to(request.actor).filter(pk=id).values(*queries.ROW, *queries.MORE).first()
    if row is None:
        raise NotFound()
    more = {
        "address": mask("address", row["address"]),
        **{name: row[name] for name in queries.MORE if name != "address"},
        "events": timeline.history(id),
    }
    return http.json({**_row(dict(row)), **more})


def _state(actor: Actor, contact_id: int) -> dict[str, Any]:
    return {"state": queries.get(actor, contact_id).outcome}


add_commands(router, commands_of(queries.KIND), "contacts", _state)
