"""Public help: what is public, approved and in force. No sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_GET

from kefu.engines.files.pages import serve
from kefu.kit import http
from kefu.kit.errors import NotFound
from kefu.kit.markdown import drawn
from kefu.people.actor import SYSTEM
from kefu.touch.knowledge import asking, queries
from kefu.touch.knowledge.choices import Place

MOST = 50


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Answers to a question, else the latest articles."""
    question = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    if question:
        found = queries.found(queries.in_public(), question, limit=10)
        asking.looked_for(question, found, Place.PUBLIC)
    else:
        found = list(queries.texts(queries.in_public().order_by("-subject_id"))[:MOST])
    return http.page(request, "portal/help.html", {"q": question, "found": found, "error": None})


@require_GET
def one(request: HttpRequest, id: int) -> HttpResponse:  # noqa: A002
    row = queries.texts(queries.in_public().filter(pk=id)).first()
    if row is None:
        raise NotFound()
    context = {"row": row, "body": drawn(row["body"]), "files": queries.attached(row["files"]), "error": None}
    return http.page(request, "portal/article.html", context)


@require_GET
def file(request: HttpRequest, id: int, file_id: int) -> HttpResponseBase:  # noqa: A002
    """What is attached to a public article."""
    row = queries.texts(queries.in_public().filter(pk=id)).first()
    if row is None or file_id not in row["files"]:
        raise NotFound()
    return serve(request, SYSTEM, file_id)


urlpatterns = [
    path("portal/help", index, name="portal.help"),
    path("portal/help/<int:id>", one, name="portal.article"),
    path("portal/help/<int:id>/files/<int:file_id>", file, name="portal.article-file"),
]
