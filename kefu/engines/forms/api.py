"""Forms for other systems."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from kefu.engines.forms import policies, publish, queries, services
from kefu.engines.forms.models import FormAnswer
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor
from kefu.timeline import queries as line

router = Router(tags=["forms"])
ID_LIMIT = 2**63 - 1


class FormBrief(Schema):
    code: str = Field(examples=["F-3"])
    version: int
    name: str = Field(examples=["来电来访记录"])
    name_en: str
    pack: str
    valid_from: date
    valid_to: date | None


class AnswerIn(Schema):
    """``data`` holds only the fields that change; null empties one. ``code_missing`` says why a required field is missing."""

    data: dict[str, Any] = Field(default_factory=dict, examples=[{"caller": "王女士", "phone": "13800138000"}])
    submit: bool = False
    sequence: int | None = Field(None, ge=1, le=1_000_000)
    revision: int | None = Field(None, ge=0, le=2**31 - 1, description="The revision that was read; 409 if another person wrote since.")
    reason: str = Field("", max_length=200, description="Why a submitted form is corrected.")


class ReopenIn(Schema):
    reason: str = Field(min_length=1, max_length=200)


class AnswerOut(Schema):
    id: int
    form: str
    version: int
    sequence: int
    revision: int
    data: dict[str, Any]
    signatures: list[dict[str, Any]]
    score: float | None
    submitted_at: datetime | None
    allowed: list[str]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def _out(actor: Actor, held: FormAnswer) -> dict[str, Any]:
    definition = queries.definition_of(held.definition_id)
    seen = policies.readable(actor, definition, held.data)
    return {
        "id": held.pk,
        "form": held.code,
        "version": definition.version,
        "sequence": held.sequence,
        "revision": held.revision,
        "data": policies.readable_data(actor, definition, held.data),
        "signatures": [entry for entry in held.signatures if entry["section"] in seen],
        "score": held.score,
        "submitted_at": held.submitted_at,
        "allowed": sorted(policies.allowed(actor, held)),
    }


def _subject(request: HttpRequest, subject_id: int) -> Actor:
    actor = _actor(request)
    if subject_id > ID_LIMIT or not line.visible_to(actor).filter(pk=subject_id).exists():
        raise NotFound()
    return actor


@router.get("/forms", response=list[FormBrief], summary="Forms in force")
def all_forms(request: HttpRequest) -> list[dict[str, Any]]:
    return queries.all_current()


@router.get("/forms/{code}", summary="A form with its fields, gates and layout")
def one_form(request: HttpRequest, code: str) -> dict[str, Any]:
    definition = queries.current(code[:80].replace("\x00", ""))
    return {"code": definition.code, "version": definition.version, **publish.body_of(definition)}


@router.get("/subjects/{int:subject_id}/forms", response=list[AnswerOut], summary="Forms filled in about a record")
def answers(request: HttpRequest, subject_id: int) -> list[dict[str, Any]]:
    actor = _subject(request, subject_id)
    return [_out(actor, held) for held in queries.answers_of(subject_id)]


@router.put("/subjects/{int:subject_id}/forms/{code}", response=AnswerOut, summary="Fill in a form about a record")
def fill_in(request: HttpRequest, subject_id: int, code: str, body: AnswerIn) -> dict[str, Any]:
    """Saves a part or submits the whole. Refusals: `invalid` with a sentence per field, `gate_open`, `section_signed`, `not_your_section`,
    `reason_needed`, `conflict`.
    """
    actor = _subject(request, subject_id)
    held = services.answer(
        actor=actor,
        subject_id=subject_id,
        form_code=code[:80].replace("\x00", ""),
        data=body.data,
        submit=body.submit,
        sequence=body.sequence,
        revision=body.revision,
        reason=body.reason,
    )
    return _out(actor, held)


@router.post("/forms/answers/{int:answer_id}/sections/{section}/sign", response=AnswerOut, summary="Sign a part of a form")
def sign(request: HttpRequest, answer_id: int, section: str) -> dict[str, Any]:
    if answer_id > ID_LIMIT:
        raise NotFound()
    actor = _actor(request)
    return _out(actor, services.sign_section(actor=actor, answer_id=answer_id, section=section))


@router.post("/forms/answers/{int:answer_id}/sections/{section}/reopen", response=AnswerOut, summary="Reopen a signed part")
def reopen(request: HttpRequest, answer_id: int, section: str, body: ReopenIn) -> dict[str, Any]:
    if answer_id > ID_LIMIT:
        raise NotFound()
    actor = _actor(request)
    return _out(actor, services.reopen_section(actor=actor, answer_id=answer_id, section=section, reason=body.reason))
