"""Fragments: the preview of a condition, and the forms that keep and remove views."""

from __future__ import annotations

from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from kefu.engines.filters import bar, queries, services
from kefu.kit import http
from kefu.people.http import Request, staff_page


@require_POST
@staff_page()
def preview(request: Request) -> HttpResponseBase:
    """What the condition in the form finds; ``kind`` says of what, ``name`` is the builder's field."""
    kind = request.POST.get("kind", "")
    found = queries.field_set(request.actor, kind)
    tree = bar.posted(request.POST, request.POST.get("name", "tree"), found.by_code)
    shown = queries.preview(request.actor, kind, tree)
    return http.page(request, "filters/_preview.html", {"preview": shown})


@require_POST
@staff_page()
def keep(request: Request) -> HttpResponseBase:
    """Keep the list as it is shown now under a name."""
    post = request.POST
    kind = post.get("kind", "")
    fields = queries.field_set(request.actor, kind).by_code
    number = post.get("id", "")
    view = services.keep_view(
        actor=request.actor,
        id=int(number) if number.isdecimal() and len(number) < 18 else None,
        kind=kind,
        name=post.get("view_name", ""),
        tree=bar.posted(post, "tree", fields),
        columns=post.getlist("columns"),
        sort=post.get("sort", ""),
        shared_with=post.get("shared_with", "none"),
        icon=post.get("icon", ""),
    )
    return http.go(request, f"{http.own_path(post.get('next', '/')).partition('?')[0]}?view={view.pk}")


@require_POST
@staff_page()
def remove(request: Request, id: int) -> HttpResponseBase:  # noqa: A002
    services.remove_view(actor=request.actor, id=id)
    return http.go(request, http.own_path(request.POST.get("next", "/")).partition("?")[0])


@require_POST
@staff_page()
def first(request: Request, id: int) -> HttpResponseBase:  # noqa: A002
    """Put one's own view before the others."""
    view = queries.view(request.actor, id)
    own = [row["id"] for row in queries.views(request.actor, view.kind) if row["owner_id"] == request.actor.id]
    services.order_views(actor=request.actor, kind=view.kind, ids=[id, *(one for one in own if one != id)])
    return http.go(request, f"{http.own_path(request.POST.get('next', '/')).partition('?')[0]}?view={id}")


@require_safe
@staff_page()
def builder(request: Request) -> HttpResponseBase:
    """The builder for a list, in the drawer; it leads back to the list with what the list was asked before."""
    kind = request.GET.get("kind", "")
    fields = queries.field_set(request.actor, kind).by_code
    path, _mark, words = http.own_path(request.GET.get("next", "/")).partition("?")
    asked = QueryDict(words)
    tree = bar.posted(asked, "tree", fields) if "tree" in asked or "tree-rows" in asked else {}
    kept = [(name, value) for name, values in asked.lists() for value in values if name not in ("after",) and not name.startswith("tree")]
    context = {"path": path, "kept": kept, "builder": queries.builder(fields, tree)}
    template = "filters/drawer.html" if http.wants_fragment(request) else "filters/drawer_page.html"
    return http.page(request, template, context)


urlpatterns = [
    path("filters/builder", builder, name="filters.builder"),
    path("filters/views/<int:id>/first", first, name="filters.first"),
    path("filters/preview", preview, name="filters.preview"),
    path("filters/views", keep, name="filters.keep"),
    path("filters/views/<int:id>/remove", remove, name="filters.remove"),
]
