"""Reads: definitions in force, answers, open gates."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from kefu.engines.forms import conditions
from kefu.engines.forms.definition import Definition, Gate
from kefu.engines.forms.models import FormAnswer, FormDefinition
from kefu.engines.forms.registry import form_hosts
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor
from kefu.timeline import queries as line

CACHE_SECONDS = 5.0
_in_force: dict[tuple[str, date], tuple[float, tuple[int, Definition]]] = {}


def local_day(at: datetime | None = None) -> date:
    return timezone.localtime(at or moment.now()).date()


_read: dict[str, Definition] = {}


def definition_of(pk: int) -> Definition:
    """The definition of one stored version, read once in a process (equal digest, equal body); raises ``NotFound``."""
    return _definition(FormDefinition.objects.filter(pk=pk))[1]


def _definition(rows: QuerySet[FormDefinition]) -> tuple[int, Definition]:
    row = rows.values_list("pk", "digest", "code", "version").first()
    if row is None:
        raise NotFound()
    pk, digest, code, version = row
    key = f"{code} {version} {digest}"
    found = _read.get(key)
    if found is None:
        body = FormDefinition.objects.values_list("body", flat=True).get(pk=pk)
        found = Definition.model_validate({**body, "code": code, "version": version})
        if len(_read) > 500:
            _read.clear()
        _read[key] = found
    return pk, found


def current_version(code: str, at: datetime | None = None) -> tuple[int, Definition]:
    """Id and definition of the version of ``code`` in force at ``at`` (now); raises ``NotFound``. At most ``CACHE_SECONDS`` old."""
    on = local_day(at)
    held = _in_force.get((code, on))
    if held is None or held[0] <= time.monotonic():
        if len(_in_force) > 1_000:
            _in_force.clear()
        held = _in_force[code, on] = (time.monotonic() + CACHE_SECONDS, _version_on(code, on))
    return held[1]


def forget() -> None:
    """Drop what this process holds of versions in force; publishing calls it."""
    _in_force.clear()


def _version_on(code: str, on: date) -> tuple[int, Definition]:
    rows = FormDefinition.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), code=code, valid_from__lte=on)
    return _definition(rows.order_by("-valid_from", "-version"))


def current(code: str, at: datetime | None = None) -> Definition:
    """The definition of ``code`` in force at ``at`` (now); raises ``NotFound``."""
    return current_version(code, at)[1]


def all_current(at: datetime | None = None) -> list[dict[str, Any]]:
    """Every form in force: code, version, name, name_en, pack, valid_from, valid_to."""
    on = local_day(at)
    rows = (
        FormDefinition.objects.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)
        .order_by("code", "valid_from", "version")
        .values("id", "code", "version", "name", "name_en", "pack", "valid_from", "valid_to", "clauses")
    )
    return list({row["code"]: dict(row) for row in rows}.values())


def versions(code: str) -> list[dict[str, Any]]:
    """The versions of one form, newest first."""
    rows = FormDefinition.objects.filter(code=code).order_by("-version")
    return [
        dict(row) for row in rows.values("id", "code", "version", "name", "name_en", "pack", "valid_from", "valid_to", "created_by__name")
    ]


def visible_to(actor: Actor) -> QuerySet[FormAnswer]:
    """The answers of subjects a person may see."""
    return FormAnswer.objects.filter(line.visible(actor, "subject__"))


def answer_of(subject_id: int, code: str, sequence: int = 1) -> FormAnswer | None:
    """The answer about a subject that the caller has judged visible."""
    return FormAnswer.objects.filter(subject_id=subject_id, code=code, sequence=sequence).first()


def answers_of(subject_id: int) -> list[FormAnswer]:
    """All forms filled in about a subject that the caller has judged visible."""
    return list(FormAnswer.objects.filter(subject_id=subject_id).order_by("code", "sequence"))


def facts_of(subject_id: int) -> dict[str, Any]:
    """What the capability of a subject tells to gates and conditions."""
    host = form_hosts.get(line.kind_of(subject_id) or "")
    return host.facts(subject_id) if host and host.facts else {}


def open_gates(answer: FormAnswer, *, blocks: str | None = None, facts: Mapping[str, Any] | None = None) -> list[Gate]:
    """The gates of one answer that hold something back now; ``blocks`` names the moment (submit, complete, close ...)."""
    known = facts_of(answer.subject_id) if facts is None else facts
    return conditions.open_gates(definition_of(answer.definition_id), answer.data, known, blocks=blocks)


def unsigned(answer: FormAnswer, *, before: str, facts: Mapping[str, Any] | None = None) -> list[str]:
    """The sections that show, must be signed before this moment, and are not."""
    definition = definition_of(answer.definition_id)
    known = {**(facts_of(answer.subject_id) if facts is None else facts), **answer.data}
    done = signed(answer)
    return [
        section.code
        for section in definition.sections
        if section.before == before and section.code not in done and conditions.holds(section.show_when, known)
    ]


def signed(answer: FormAnswer) -> dict[str, dict[str, Any]]:
    """The signatures in force by section."""
    return {entry["section"]: entry for entry in answer.signatures if not entry.get("void")}
