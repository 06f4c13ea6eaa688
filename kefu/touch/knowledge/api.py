"""Knowledge for other systems."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Status
from pydantic import Field

from kefu.kit import http
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.http import Request
from kefu.timeline import queries as timeline
from kefu.touch.knowledge import queries, services
from kefu.touch.knowledge.choices import Domain, Stand
from kefu.touch.knowledge.schemas import ArticleIn, ArticleMade, ArticlePage, ArticleRead, QuestionList

router = Router(tags=["knowledge"])
COMMANDS = commands_of(queries.KIND)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    same = ("title", "domain", "category", "reach", "reason", "state", "valid_from", "valid_until", "changed_at")
    return {"id": row["subject_id"], "number": row["subject__number"], "version": row["in_force"], **{name: row[name] for name in same}}


@router.get("/knowledge", response=ArticlePage, summary="Articles, latest first; with `q` the best answers", operation_id="article_list")
def listed(
    request: Request,
    q: Annotated[str, Field(max_length=500, description="A question; best answers first, one page")] = "",
    domain: Domain | None = None,
    after: Cursor = "",
    limit: Size = 50,
) -> HttpResponse:
    """A question is answered only from what is approved and in force."""
    if not request.actor.can_any(queries.SEE, queries.WRITE, queries.APPROVE):
        raise NotAllowed()
    if q.strip():
        wanted = queries.readable(request.actor)
        found = queries.found(wanted.filter(domain=domain) if domain else wanted, q, limit=limit)
        return http.json({"items": [_row(row) for row in found], "next": None})
    page = queries.rows(request.actor, domain=domain or "", cursor=after or None, size=limit)
    return http.json({"items": [_row(row) for row in page.rows], "next": page.next})


@router.post("/knowledge", response={201: ArticleMade}, summary="Write an article (a draft)", operation_id="article_create")
def create(request: Request, body: ArticleIn) -> Status[dict[str, Any]]:
    """It is read once a second person has approved it."""
    made = services.write(actor=request.actor, **body.model_dump())
    return Status(201, {"id": made.pk, "number": made.subject.number})


@router.get("/knowledge/questions", response=QuestionList, summary="Questions of a day that found no answer", operation_id="question_list")
def questions(request: Request, day: date | None = None, state: Stand | None = None, after: Cursor = "", limit: Size = 50) -> HttpResponse:
    """Without a day that of the newest list; ``state`` asks for all of the day that stand so, those decided long ago, too."""
    if not queries.writes(request.actor):
        raise NotAllowed()
    on = day or queries.last_day()
    same = ("id", "text", "count", "total", "examples", "first_on", "last_on")
    page = queries.day_list(on, stand=state or "", cursor=after or None, size=limit)
    items = [
        {name: row[name] for name in same} | {"sources": dict(row["sources"]), "state": row["standing"], "article": row["article_id"]}
        for row in page.rows
    ]
    return http.json({"day": on, "items": items, "next": page.next})


@router.get("/knowledge/{id}", response=ArticleRead, summary="One article", operation_id="article_read")
def one(request: Request, id: RowId) -> HttpResponse:
    """The text in force; for who writes or approves, the newest one while there is none."""
    article = queries.get(request.actor, id)
    row = queries.texts(queries.visible_to(request.actor).filter(pk=id), newest=not article.in_force).get()
    files = [{name: one[name] for name in ("id", "name", "size", "media_type")} for one in queries.attached(row["files"])]
    more = {"body": row["body"], "source": row["source"], "files": files, "figures": queries.figures(id), "events": timeline.history(id)}
    allowed = [one.name for one in COMMANDS.pick(COMMANDS.allowed(request.actor, id))]
    return http.json({**_row(row), **more, "allowed": allowed})


add_commands(router, commands_of(queries.TOPIC), "knowledge/questions")
add_commands(router, COMMANDS, "knowledge")
