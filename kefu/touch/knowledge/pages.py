"""Knowledge: the search, one article, its versions, a new one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import ValidationError

from kefu.engines.files.pages import serve
from kefu.engines.rulebook.queries import code_name
from kefu.kit import http, schema_fields, validation
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.errors import KefuError, NotFound
from kefu.kit.fields import Field
from kefu.kit.markdown import drawn
from kefu.kit.paging import Page, next_url_of
from kefu.kit.tables import Column
from kefu.people.actor import SYSTEM
from kefu.people.http import Request, staff_page
from kefu.people.queries import post_codes
from kefu.timeline import queries as timeline
from kefu.touch.knowledge import asking, handling, policies, queries, schemas, services
from kefu.touch.knowledge.choices import Care, Domain, Place, Reach, Sort, Stand, State

READERS = (queries.SEE, queries.WRITE, queries.APPROVE)


def _columns() -> list[Column]:
    return [
        Column("subject__number", _("Number"), fixed=True),
        Column("title", _("Title")),
        Column("domain_name", _("Knowledge domain")),
        Column("category_name", _("Knowledge catalogue")),
        Column("reason_name", _("Reason of an invalid complaint"), optional=True),
        Column("reach_name", _("Who reads it")),
        Column("state_name", _("State")),
        Column("opened", _("Times opened"), "number", optional=True),
        Column("offered", _("Offered beside the work"), "number", optional=True),
        Column("cited", _("Cited in an answer"), "number"),
        Column("helped", _("Helped"), "number"),
        Column("useless", _("Did not help"), "number"),
        Column("valid_until", _("Holds until"), "day"),
    ]


def _dressed(row: dict[str, Any]) -> dict[str, Any]:
    reason = row["reason"]
    names = {"domain_name": Domain(row["domain"]).label, "reach_name": Reach(row["reach"]).label, "state_name": State(row["state"]).label}
    return {**row, **names, "id": row["subject_id"], "category_name": _category(row["category"]), "reason_name": _reason(reason)}


def _reason(code: str) -> str:
    return code_name("complaint_invalid_reasons", code) if code else ""


def _category(code: str) -> str:
    return code_name(services.CATEGORIES, code) if code else ""


@require_safe
@staff_page(*READERS)
def index(request: Request) -> HttpResponse:
    """``/knowledge?q=question&domain=code&category=code&state=code&care=code&sort=code``: the best answers, else the latest articles."""
    question, category = request.GET.get("q", "").strip(), request.GET.get("category", "")[:60]
    domain, state = request.GET.get("domain", ""), request.GET.get("state", "")
    domain, state = domain if domain in Domain else "", state if state in State else ""
    care = request.GET.get("care", "") if queries.writes(request.actor) else ""
    care, sort = care if care in Care else "", request.GET.get("sort", "")
    sort = sort if sort in Sort else ""
    if question:
        within = {name: value for name, value in (("domain", domain), ("category", category)) if value}
        page = Page(queries.found(queries.readable(request.actor).filter(**within), question, limit=20), None)
        if not within and not queries.writes(request.actor):
            asking.looked_for(question, page.rows, Place.STAFF)
    elif sort:
        page = Page(queries.leading(request.actor, sort, domain=domain, category=category, state=state, care=care), None)
    else:
        page = queries.rows(request.actor, domain=domain, category=category, state=state, care=care, cursor=request.GET.get("after"))
    filters = [
        Field("q", _("Question or words"), value=question),
        Field("domain", _("Knowledge domain"), "select", value=domain, choices=Domain.choices),
        Field("category", _("Knowledge catalogue"), "select", value=category, choices=schemas.categories()),
    ]
    if queries.writes(request.actor):
        filters.append(Field("state", _("State"), "select", value=state, choices=State.choices))
        filters.append(Field("care", _("To look after"), "select", value=care, choices=Care.choices))
    filters.append(Field("sort", _("Sorted by"), "select", value=sort, choices=Sort.choices))
    used = queries.figures_of([row["subject_id"] for row in page.rows])
    rows = [_dressed(row) | used[row["subject_id"]] for row in page.rows]
    context = {"columns": _columns(), "rows": rows, "next_url": next_url_of(request, page.next), "filters": filters}
    return http.page(request, "knowledge/list.html", context)


@require_safe
@staff_page(*READERS)
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One article: the text in force; ``?newest=1`` the newest one as it will look, for who may write or approve."""
    article = queries.get(request.actor, id)
    writes = queries.writes(request.actor)
    newest = writes and ("newest" in request.GET or not article.in_force)
    text = queries.version(article, article.newest if newest else article.in_force)
    if text.number == article.in_force:
        handling.opened(request.actor, id, text.number)
    context = {
        "article": article,
        "text": text,
        "body": drawn(text.body),
        "newest": newest,
        "behind": writes and article.newest > article.in_force > 0,
        "reason_name": _reason(article.reason),
        "category_name": _category(article.category),
        "posts": [name for code, name in post_codes() if code in queries.post_codes(id)] if article.reach == Reach.POSTS else [],
        "files": queries.attached(text.files),
        "commands": commands_of(queries.KIND).pick(policies.allowed(request.actor, article)),
        "figures": queries.figures(id),
        "remarks": queries.open_remarks(id) if writes else [],
        "events": timeline.history(id),
    }
    return http.page(request, "knowledge/one.html", context)


@require_safe
@staff_page(*READERS)
def versions(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """Who wrote and approved what, with the differences; readers see approved versions only."""
    article = queries.get(request.actor, id)
    writes = queries.writes(request.actor)
    steps = [step for step in queries.steps(article) if writes or step.version.approved_at]
    return http.page(request, "knowledge/versions.html", {"article": article, "steps": steps})


@require_safe
@staff_page(*READERS)
def file(request: Request, id: int, file_id: int) -> HttpResponseBase:  # noqa: A002
    """What is attached to a text, for whoever may read that text."""
    if not queries.may_open(request.actor, queries.get(request.actor, id), file_id):
        raise NotFound()
    return serve(request, SYSTEM, file_id)


@require_safe
@staff_page()
def cards(request: Request) -> HttpResponse:
    """``/knowledge/cards?reason=code``: how to explain a complaint that is invalid for this reason, as a fragment."""
    found = queries.cards(request.actor, request.GET.get("reason", "")[:60])
    return http.page(request, "knowledge/_cards.html", {"cards": [{**row, "drawn": drawn(row["body"])} for row in found]})


@require_http_methods(["GET", "POST"])
@staff_page(queries.WRITE)
def new(request: Request) -> HttpResponse:
    """A new article."""
    typed: dict[str, Any] = {}
    error: KefuError | None = None
    if request.method == "POST":
        typed = schema_fields.typed(schemas.ArticleIn, request.POST)
        try:
            article = services.write(actor=request.actor, **schemas.ArticleIn.model_validate(typed).model_dump())
            return http.go(request, f"/knowledge/{article.pk}")
        except ValidationError as wrong:
            error = validation.invalid(wrong)
        except KefuError as refusal:
            error = refusal
    errors = dict(error.fields) if error else {}
    fields = schema_fields.fields_of(schemas.ArticleIn, actor=request.actor, id=None, values=typed, errors=errors)
    return http.page(request, "knowledge/new.html", {"fields": fields, "error": error}, status=error.status if error else 200)


@require_safe
@staff_page(queries.WRITE, queries.APPROVE)
def questions(request: Request) -> HttpResponse:
    """``/knowledge/questions?day=date&state=code``: what found no answer on a day (R-02F-3.4); without a day the newest list."""
    day, state = parse_date(request.GET.get("day", "")[:10]) or queries.last_day(), request.GET.get("state", "")
    state = state if state in Stand else ""
    filters = [
        Field("day", _("Day"), "date", value=day),
        Field("state", _("State"), "select", value=state, choices=Stand.choices),
    ]
    page = queries.day_list(day, stand=state, cursor=request.GET.get("after"))
    context = {
        "day": day,
        "filters": filters,
        "rows": page.rows,
        "next_url": next_url_of(request, page.next),
        "stands": dict(Stand.choices),
        "may_write": request.actor.can(queries.WRITE),
    }
    return http.page(request, "knowledge/questions.html", context)


urlpatterns = [
    path("knowledge", index, name="knowledge"),
    path("knowledge/new", new, name="knowledge.new"),
    path("knowledge/cards", cards, name="knowledge.cards"),
    path("knowledge/<int:id>/files/<int:file_id>", file, name="knowledge.file"),
    path("knowledge/<int:id>", one, name="knowledge.one"),
    path("knowledge/<int:id>/versions", versions, name="knowledge.versions"),
    path("knowledge/questions", questions, name="knowledge.questions"),
    *command_urls(commands_of(queries.TOPIC), "knowledge/questions", "question", lambda _id: "/knowledge/questions", anew=True),
    *command_urls(commands_of(queries.KIND), "knowledge", "article", anew=True),
]
