"""The door for other systems: what customers wrote in, what agents replied out."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Path, Router

from kefu.engines.files.pages import serve
from kefu.kit import http, sentences
from kefu.kit.values import RowId, Size
from kefu.people.actor import SYSTEM
from kefu.people.http import Request
from kefu.touch.channels.other import queries, services
from kefu.touch.channels.other.queries import KIND
from kefu.touch.channels.other.schemas import DeliveryIn, MessageIn, MessageOut, ReplyPage

router = Router(tags=[KIND])
Code = Annotated[str, Path(max_length=40, pattern="^[a-z0-9-]+$", examples=["our-app"])]


@router.post(
    "/channels/{code}/messages", response={200: MessageOut, 201: MessageOut}, summary="Hand in what a customer wrote",
    operation_id="channel_hand_in",
)  # fmt: skip
def hand_in(request: Request, code: Code, body: MessageIn) -> HttpResponse:
    """It goes on the conversation with that customer, or begins one. The same `id` again is stored once (200, `created`: false).

    A file that is not taken never costs the message: `not_kept` names it and says why, and so does the inbox.
    Needs the right `other.use`.
    """
    message, new = services.hand_in(actor=request.actor, code=code, **body.model_dump())
    told = {
        "message": message.pk, "conversation": message.conversation_id, "number": message.conversation.contact.subject.number,
        "not_kept": sentences.each(message.trouble),
    }  # fmt: skip
    return http.json({**told, "created": new}, status=201 if new else 200)


@router.get("/channels/{code}/replies", response=ReplyPage, summary="Replies to be delivered", operation_id="channel_replies")
def replies(request: Request, code: Code, limit: Size = 50) -> HttpResponse:
    """The oldest replies of agents that you have not confirmed, with their text. The webhook `conversation.replied` says when to ask."""
    return http.json({"items": services.fetched(actor=request.actor, code=code, limit=limit)})


@router.get("/channels/{code}/replies/{id}/files/{file_id}", summary="The bytes of a file of a reply", operation_id="channel_reply_file")
def reply_file(request: Request, code: Code, id: RowId, file_id: RowId) -> HttpResponseBase:
    """Whole or one range (`Range: bytes=...`); `ETag` is the SHA-256."""
    return serve(request, SYSTEM, queries.file_of_reply(request.actor, code, id, file_id))


@router.post(
    "/channels/{code}/replies/{id}/delivery", response={204: None}, summary="Say how far a reply has come", operation_id="channel_delivery"
)  # fmt: skip
def delivery(request: Request, code: Code, id: RowId, body: DeliveryIn) -> HttpResponse:
    """Confirm it (`sent`, `arrived`), or say why it failed. Safe to repeat."""
    services.confirm(actor=request.actor, code=code, id=id, state=body.state, trouble=body.trouble)
    return HttpResponse(status=204)
