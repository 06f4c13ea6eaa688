"""Regulations, lists and values for other systems."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from kefu.engines.rulebook import overview, policies, queries, scripts
from kefu.engines.rulebook.declares import COMMANDS
from kefu.engines.rulebook.schemas import ScriptText, TextCardRead, TextCards
from kefu.kit import http
from kefu.kit.command_api import add_commands
from kefu.kit.errors import NotAllowed
from kefu.kit.settings_api import Settings, add_settings
from kefu.people.http import Request

router = Router(tags=["rulebook"])
TEXTS = next(one for one in COMMANDS if one.kind == "text_card")
_PATHS = {"setting": "settings", "code_list": "code-lists", "code_item": "code-items", "regulation": "regulations"}
for _commands in COMMANDS:
    if _commands is not TEXTS:
        add_commands(router, _commands, _PATHS[_commands.kind])
add_settings(
    router,
    Settings(
        TEXTS, "settings/texts", rows=scripts.rows, judge=policies.judge, every=(TextCards, "Script texts by moment"),
        one=(TextCardRead, "One script text"), new=(ScriptText, scripts.add, "A new script text"),
    ),
)  # fmt: skip


def _may(request: Request) -> None:
    if not request.actor.can_any(*policies.READERS):
        raise NotAllowed()


@router.get("/regulations", summary="All regulations")
def regulations(request: Request) -> HttpResponse:
    return http.json({"rows": overview.regulations(request.actor)})


@router.get("/regulations/{code}", summary="One regulation with its clauses and what carries them out")
def regulation(request: Request, code: str) -> HttpResponse:
    return http.json(queries.regulation(code))


@router.get("/settings", summary="Values in force, by key")
def settings(request: Request, after: str = "", q: str = "") -> HttpResponse:
    _may(request)
    page = overview.values(after or None, q[:60])
    return http.json({"rows": page.rows, "next": page.next})


@router.get("/code-lists", summary="All code lists")
def code_lists(request: Request) -> HttpResponse:
    return http.json({"rows": overview.lists()})


@router.get("/code-lists/{code}/items", summary="The valid choices of a list")
def code_items(request: Request, code: str) -> HttpResponse:
    return http.json({"rows": queries.code_items(code)})


@router.get("/packs", summary="Shipped and loaded packs")
def packs(request: Request) -> HttpResponse:
    _may(request)
    return http.json({"rows": overview.packs()})
