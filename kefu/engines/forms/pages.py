"""Pages of forms: fill in, sign, read, print; the redraw while typing; the picker of people."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from kefu.engines.files import kinds
from kefu.engines.files import services as files
from kefu.engines.forms import builder_pages, drawing, incoming, policies, printing, queries, services
from kefu.engines.forms.choices import FieldKind
from kefu.engines.forms.definition import Definition, Field
from kefu.engines.forms.models import FormAnswer
from kefu.engines.forms.registry import form_hosts
from kefu.engines.forms.validate import initial
from kefu.kit import flash, http
from kefu.kit.errors import Conflict, Invalid, KefuError, NotFound
from kefu.people import queries as people
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.timeline import queries as line
from kefu.timeline import registry as timeline

MAX_FACTS = 4000


def upload_keeper(actor: Actor, subject_id: int | None = None) -> incoming.Keep:
    """Stores what a field uploads; it joins the subject when the answer is written."""

    def keep(field: Field, upload: UploadedFile) -> int:
        allow = kinds.IMAGES if field.kind == FieldKind.PHOTO else kinds.USUAL
        return files.add(actor=actor, upload=upload, allow=allow, kind=field.kind.value).pk

    return keep


def _subject(actor: Actor, subject_id: int) -> dict[str, Any]:
    row = line.visible_to(actor).filter(pk=subject_id).values("id", "kind", "number", "title").first()
    if row is None:
        raise NotFound()
    kind = timeline.subject_kinds.get(row["kind"])
    host = form_hosts.get(row["kind"])
    title = row["title"] if host is None or host.titled else ""
    return {**row, "title": title, "url": kind.url(row["id"]) if kind else "/"}


def _held(actor: Actor, subject_id: int, code: str, sequence: int | None) -> tuple[FormAnswer | None, Definition]:
    """None: one more answer of a form that is given several times."""
    held = queries.answer_of(subject_id, code, sequence) if sequence else None
    if held is None and (sequence or 1) > 1:
        raise NotFound()
    definition = queries.definition_of(held.definition_id) if held else queries.current(code)
    if sequence is None and not definition.repeatable:
        raise NotFound()
    return held, definition


def _view(
    actor: Actor,
    subject: dict[str, Any],
    held: FormAnswer | None,
    definition: Definition,
    mode: drawing.Mode,
    values: dict[str, Any] | None = None,
    problems: dict[str, Any] | None = None,
) -> drawing.View:
    stored = held.data if held else {}
    may = policies.may_answer(actor, subject["id"], definition.code)
    own = policies.fillable(actor, definition, stored) if may else set()
    done = queries.signed(held) if held else {}
    shown = initial(definition) if held is None else stored
    if values is not None:
        shown = {**stored, **values}
    return drawing.view(
        definition,
        shown,
        mode=mode,
        problems={key: str(text) for key, text in (problems or {}).items()},
        fillable=own,
        readable=policies.readable(actor, definition, stored),
        facts=queries.facts_of(subject["id"]),
        signatures=done,
        signing=bool(held) or len(definition.sections) > 1,
        reopenable=own & set(done),
        hidden={"subject": str(subject["id"])},
    )


@staff_page()
def about(request: Request, subject_id: int, code: str, sequence: int | None = 1) -> HttpResponseBase:
    """One form about one subject: read it, fill it in (?edit=1), print it (?print=1, ?pdf=1)."""
    actor = request.actor
    subject = _subject(actor, subject_id)
    held, definition = _held(actor, subject_id, code, sequence)
    if request.method == "POST":
        return _save(request, subject, held, definition, sequence)
    if "print" in request.GET or "pdf" in request.GET:
        return _paper(request, subject, held, definition)
    if held is None and not policies.may_answer(actor, subject_id, code):
        raise NotFound()
    mode: drawing.Mode = "edit" if "edit" in request.GET or held is None else "read"
    return _page(request, subject, held, _view(actor, subject, held, definition, mode))


def _page(
    request: Request, subject: dict[str, Any], held: FormAnswer | None, view: drawing.View, refusal: KefuError | None = None
) -> HttpResponse:
    allowed = policies.allowed(request.actor, held) if held else {"answer", "submit"}
    error = refusal.message() if refusal else ""
    context = {"view": view, "subject": subject, "held": held, "allowed": allowed, "error": error, "reason": request.POST.get("reason", "")}
    return http.page(request, "forms/about.html", context, status=refusal.status if refusal else 200)


def _save(request: Request, subject: dict[str, Any], held: FormAnswer | None, definition: Definition, sequence: int | None) -> HttpResponse:
    """Save, submit, or save and sign a part; a refusal shows the page again with what was typed."""
    actor, post = request.actor, request.POST
    if "_add" in post or "_drop" in post:
        data = incoming.data_of(definition, post)
        return _page(request, subject, held, _view(actor, subject, held, definition, "edit", data))
    data = {}
    try:
        data = incoming.data_of(definition, post, request.FILES, upload_keeper(actor))
        todo = post.get("_do", "save")
        held = services.answer(
            actor=actor,
            subject_id=subject["id"],
            form_code=definition.code,
            data=data,
            submit=todo == "submit",
            sequence=sequence,
            revision=int(post["revision"]) if post.get("revision", "").isdecimal() and len(post["revision"]) < 10 else None,
            reason=post.get("reason", ""),
        )
        if todo.startswith("sign:"):
            services.sign_section(actor=actor, answer_id=held.pk, section=todo[5:])
    except (Invalid, Conflict) as refusal:
        values = data or incoming.data_of(definition, post)
        return _page(request, subject, held, _view(actor, subject, held, definition, "edit", values, dict(refusal.fields)), refusal)
    return flash.tell(http.go(request, address(held)), _("Saved"))


def _paper(request: Request, subject: dict[str, Any], held: FormAnswer | None, definition: Definition) -> HttpResponse:
    head = {"number": subject["number"], "printed": request.actor.name}
    view = _view(request.actor, subject, held, definition, "print")
    as_pdf = "pdf" in request.GET
    html = printing.sheet(view, head=head, embed=as_pdf)
    if not as_pdf:
        return HttpResponse(html)
    name = f"{definition.code}-{subject['number']}.pdf"
    return HttpResponse(printing.pdf(html), content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


@staff_page()
def unsign(request: Request, answer_id: int, section: str) -> HttpResponseBase:
    """Reopen a signed part."""
    if request.method != "POST":
        raise NotFound()
    held = services.reopen_section(actor=request.actor, answer_id=answer_id, section=section, reason=request.POST.get("reason", ""))
    return flash.tell(http.go(request, address(held)), _("Reopened"))


def address(held: FormAnswer) -> str:
    """The page of an answer."""
    tail = f"/{held.sequence}" if held.sequence > 1 else ""
    return f"/forms/subjects/{held.subject_id}/{held.code}{tail}"


@staff_page()
def redraw(request: Request, code: str) -> HttpResponseBase:
    """The form again with what has been typed so far: fields appear and go as the answers ask. Nothing is stored."""
    if request.method != "POST":
        raise NotFound()
    actor, post = request.actor, request.POST
    subject_id = post.get("_subject", "")
    if subject_id.isdecimal() and len(subject_id) < 19:
        subject = _subject(actor, int(subject_id))
        held, definition = _held(actor, subject["id"], code, 1)
        view = _view(actor, subject, held, definition, "edit", incoming.data_of(definition, post))
    else:
        definition = queries.current(code)
        values = incoming.data_of(definition, post)
        facts = _facts(post.get("_facts", ""))
        own, seen = policies.fillable(actor, definition, {}), policies.readable(actor, definition, {})
        view = drawing.view(definition, values, fillable=own, readable=seen, facts=facts, hidden={"facts": facts})
    return http.page(request, "forms/redraw.html", {"view": view})


def _facts(text: str) -> dict[str, Any]:
    """Facts that the page gave along for showing and hiding fields; what is judged at sending comes from the record itself."""
    try:
        held = orjson.loads(text) if 0 < len(text) <= MAX_FACTS else {}
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


@staff_page()
def pick_staff(request: Request) -> HttpResponseBase:
    """People whose number or name begins so, as options for a picker."""
    found = people.staff_like(request.GET.get("q", "").strip()[:40])
    return HttpResponse(format_html("{}", format_html_join("", '<option value="{}">{}</option>', found)))


urlpatterns = [
    path("forms/pick/staff", pick_staff, name="forms.pick_staff"),
    path("forms/<str:code>/redraw", redraw, name="forms.redraw"),
    path("forms/subjects/<int:subject_id>/<str:code>", about, name="forms.about"),
    path("forms/subjects/<int:subject_id>/<str:code>/<int:sequence>", about, name="forms.about_nth"),
    path("forms/subjects/<int:subject_id>/<str:code>/new", about, {"sequence": None}, name="forms.about_new"),
    path("forms/answers/<int:answer_id>/unsign/<str:section>", unsign, name="forms.unsign"),
    *builder_pages.urlpatterns,
]
