"""What the document of ninja lacks for a stranger: how to sign in, what a refusal looks like, words about each group."""

from __future__ import annotations

from typing import Any

from kefu.kit.errors import Conflict, Invalid, KefuError, NotAllowed, NotFound, NotSignedIn, TooMuch, Unavailable

DESCRIPTION = """Everything the screens can do, for other systems.

**Sign-in**: `Authorization: Bearer TOKEN`; `kefu user token NAME` or the account page makes one, with some of the person's rights.
A browser on the same site may use its session instead and sends `X-CSRFToken`.

**Lists** give `items` and `next`; ask again with `after=<next>` until `next` is null.

**Refusals** are `application/problem+json` (RFC 9457) with a stable `code`; `title` says in the person's language what to do, `errors`
names fields.

**Commands**: `GET /orders/{id}` tells in `allowed` what may be done now; `POST /orders/{id}/commands/NAME` does it and answers with
the new state and the new `allowed`. What you may not see is 404, as if it were not there.

**Times** are ISO 8601; without an offset they are times of the centre. Personal values are masked.
"""
TAGS = {
    "contacts": "Touches on any channel: the way in for other systems",
    "orders": "Work orders, their obligations and history",
    "workorder": "Commands on a work order",
    "order_type": "The tree of order types as it is set, and the commands on a type",
    "dispatch_rule": "Which unit an order goes to: the rules and the commands on them",
    "price": "Base prices with their dates, and the commands on a price",
    "complaints": "Complaints with their parallel limits",
    "complaint": "Commands on a complaint",
    "callbacks": "The callback desk",
    "callback": "Commands on a callback",
    "contact": "Help of a superior about a contact",
    "callback_rule": "Which finished cases are called back: the rules and the commands on them",
    "conversation": "Written contacts with turns, and the commands on one",
    "agent": "Who serves in which state, and the command that changes it",
    "knowledge": "Articles that answers are taken from",
    "announcements": "What people must know, who has read it, and information that departments hand in",
    "announcement": "Commands on an announcement",
    "article": "Commands on one article",
    "question": "Questions that found no answer, and the commands on them",
    "mailbox": "Mailboxes as they are set up",
    "quarantined": "Mail that could not be taken in, and the commands on it",
    "visit": "People who come to the centre, and the commands on one visit",
    "hotline": "Orders that the city hotline passes on, and the commands on one",
    "sms_template": "Commands on a template of an SMS",
    "fax_sheet": "Commands on a fax that could not be taken in",
    "channel": "Channels that other systems attach: messages in, replies out",
    "webhook": "Commands on a receiver of webhooks",
    "webhook_delivery": "Commands on a delivery of a webhook",
    "customers": "Customer files",
    "customer": "Commands on a customer file",
    "files": "Photos and documents of any record",
    "forms": "Form definitions and answers",
    "filters": "Conditions and saved views",
    "search": "One search over everything",
    "clock": "Limits and calendars",
    "limit": "Commands on a limit",
    "calendar": "Commands on a calendar",
    "duty": "Commands on a recurring duty",
    "measures": "Figures with definition and drill-down",
    "rulebook": "Regulations, lists and values",
    "regulation": "Commands on a regulation",
    "code_list": "Commands on a code list",
    "code_item": "Commands on a choice of a code list",
    "setting": "Commands on a value",
    "text_card": "Script texts and the commands on one",
    "people": "Units, staff, posts and keys",
    "staff": "Commands on an account",
    "unit": "Commands on a unit",
    "notices": "Notices to the person",
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:kefu:problem:invalid"]},
        "title": {"type": "string", "description": "What to do next, in the person's language"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "A stable word for programs", "examples": ["invalid", "not_now"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_ALWAYS: tuple[tuple[type[KefuError], str], ...] = (
    (NotSignedIn, "No token, a token that is no longer good (`not_signed_in`), or a session without its CSRF token (`csrf`)"),
    (NotAllowed, "The right is missing (`not_allowed`)"),
    (Invalid, "Something sent does not fit (`invalid`, `bad_cursor`, `bad_condition` ...); `errors` names the fields"),
    (Unavailable, "Nothing was changed; try again in a moment (`unavailable`, `disk_full`)"),
)
_RECORD = (NotFound, "Not there, or not yours to see (`not_found`)")
_WRITE = (Conflict, "The record does not permit this now (`conflict`, `not_now`, `returned_before` ...): read it again")
_BODY = (TooMuch, "More than 25 MB (`too_large`)")


def dressed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with security, refusals and words; changes and gives ``document``."""
    document["info"]["description"] = DESCRIPTION
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = PROBLEM
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "`kefu user token NAME`"},
        "session": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "With header `X-CSRFToken` when writing"},
    }
    parts["responses"] = {}
    document["security"] = [{"bearer": []}, {"session": []}]
    used = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            used.update(operation.get("tags", ()))
            _refusals(operation, parts["responses"], method, path)
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    return document


def _refusals(operation: dict[str, Any], shared: dict[str, Any], method: str, path: str) -> None:
    kinds = [*_ALWAYS]
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    if "{" in path:
        kinds.append(_RECORD)
    if method != "get":
        kinds += [_WRITE, _BODY]
    for kind, text in kinds:
        name = kind.__name__
        shared.setdefault(name, _answer(kind, text))
        operation["responses"].setdefault(str(kind.status), {"$ref": f"#/components/responses/{name}"})
    if method != "get":
        bad = {"description": "The body is no JSON (`bad_request`)", "content": _content(Invalid("...", code="bad_request"), 400)}
        shared.setdefault("BadRequest", bad)
        operation["responses"].setdefault("400", {"$ref": "#/components/responses/BadRequest"})


def _answer(kind: type[KefuError], text: str) -> dict[str, Any]:
    fields = {"phone": "This is not a phone number."} if kind is Invalid else {}
    return {"description": text, "content": _content(kind(fields=fields), kind.status)}


def _content(error: KefuError, status: int) -> dict[str, Any]:
    example = {**error.problem(), "status": status}
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
