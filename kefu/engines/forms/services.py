"""Writing answers: judge, check, write, record what changed; sign and reopen sections."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from kefu.engines.forms import conditions, policies, queries, references
from kefu.engines.forms.choices import MISSING_SUFFIX
from kefu.engines.forms.definition import Definition, Gate
from kefu.engines.forms.models import FormAnswer
from kefu.engines.forms.registry import form_hosts
from kefu.engines.forms.validate import Cleaned, validate
from kefu.kit import language, moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.timeline import queries as line
from kefu.timeline.choices import Audience
from kefu.timeline.services import Happened, record


class GateOpen(Invalid):
    """A gate of the form holds this back; the text says what is to be done first."""

    code = "gate_open"


class Signed(Conflict):
    code = "section_signed"
    text = _("This part is signed. Reopen it with a reason before you change it.")


def answer(
    *,
    actor: Actor,
    subject_id: int,
    form_code: str,
    data: Mapping[str, Any],
    sections: Collection[str] | None = None,
    submit: bool = False,
    sequence: int | None = None,
    revision: int | None = None,
    reason: str = "",
) -> FormAnswer:
    """Fill in (a part of) a form about a subject the person sees. ``data`` holds only what changes; None empties a field.

    ``sections`` narrows what may be touched. ``submit`` asks for everything required and passes the gates. A submitted form is changed
    only with a ``reason``. ``sequence`` picks one answer of a repeatable form (None: a new one). ``revision`` is the one that was read:
    if another person wrote since, ``Conflict``. Raises ``NotFound``, ``NotAllowed``, ``Invalid``, ``GateOpen``, ``Signed``.
    """
    if not line.visible_to(actor).filter(pk=subject_id).exists():
        raise NotFound()
    if not policies.may_answer(actor, subject_id, form_code):
        raise NotAllowed()
    with transaction.atomic():
        held = _held(subject_id, form_code, sequence, actor)
        if revision is not None and held.pk and held.revision != revision:
            raise Conflict()
        definition = queries.definition_of(held.definition_id)
        _judge(actor, definition, held, data, sections)
        if held.submitted_at is not None and not reason.strip():
            raise Conflict(
                _("This form is submitted. Give a reason for the correction."),
                code="reason_needed",
                fields={"reason": _("Please fill this in.")},
            )
        written = _write(actor, held, definition, data, submit=submit, facts=None, reason=reason)
        host = form_hosts.get(line.kind_of(subject_id) or "")
        if host is not None and host.answered is not None:
            host.answered(written)
        return written


def keep(
    *,
    actor: Actor,
    subject_id: int,
    form_code: str,
    data: Mapping[str, Any],
    submit: bool = True,
    facts: Mapping[str, Any] | None = None,
    sequence: int | None = None,
    clauses: tuple[str, ...] = (),
) -> FormAnswer:
    """``answer`` for flows that have judged the person already (intake of a new order). ``facts`` spare the question to the capability."""
    with transaction.atomic():
        held = _held(subject_id, form_code, sequence, actor)
        definition = queries.definition_of(held.definition_id)
        return _write(actor, held, definition, data, submit=submit, facts=facts, clauses=clauses)


def checked(
    definition: Definition, data: Any, *, facts: Mapping[str, Any] | None = None, blocks: str = "submit", actor: Actor | None = None
) -> Cleaned:
    """Complete data that passes the gates of one moment, or a refusal; nothing is written. For forms asked before their subject exists."""
    cleaned = validate(definition, data, facts=facts)
    problems = cleaned.problems or references.problems(definition, cleaned.data, set(cleaned.data), actor)
    if problems:
        raise Invalid(fields=problems)
    _pass([gate for gate in cleaned.open_gates if gate.blocks == blocks])
    return cleaned


def pass_gates(answer: FormAnswer, *, blocks: str, facts: Mapping[str, Any] | None = None) -> None:
    """Refuse (``GateOpen``) while a gate or a missing signature holds ``blocks`` back."""
    _pass(queries.open_gates(answer, blocks=blocks, facts=facts))
    waiting = queries.unsigned(answer, before=blocks, facts=facts)
    if waiting:
        section = queries.definition_of(answer.definition_id).section(waiting[0])
        raise GateOpen(_("First the part “%(section)s” must be signed."), code="signature_missing", section=language.named(section))


def _pass(gates: list[Gate]) -> None:
    if gates:
        first = gates[0]
        fields = {gate.field: language.pick(gate.text, gate.text_en) for gate in gates if gate.field}
        text = language.pick(first.text, first.text_en).replace("%", "%%")
        raise GateOpen(text, fields=fields, gate=first.code)


def _held(subject_id: int, form_code: str, sequence: int | None, actor: Actor) -> FormAnswer:
    """The locked answer, or a new unsaved one of the version in force. The subject's row is the lock, so one answer is made once."""
    if not line.lock(subject_id):
        raise NotFound()
    rows = FormAnswer.objects.filter(subject_id=subject_id, code=form_code)
    found = rows.filter(sequence=sequence or 1).first()
    if found is not None and sequence is None and queries.definition_of(found.definition_id).repeatable:
        found = None
    if found is not None:
        return found
    if sequence not in (None, 1):
        raise NotFound()
    number = (rows.aggregate(last=Max("sequence"))["last"] or 0) + 1
    return FormAnswer(
        subject_id=subject_id,
        code=form_code,
        sequence=number,
        definition_id=queries.current_version(form_code)[0],
        created_by_id=actor.id,
        revision=0,
    )


def _judge(actor: Actor, definition: Definition, held: FormAnswer, data: Mapping[str, Any], sections: Collection[str] | None) -> None:
    """Refuse what is sent for sections that are signed, not this person's, or outside ``sections``."""
    done = queries.signed(held)
    own = policies.fillable(actor, definition, held.data)
    for key, value in data.items():
        section = definition.section_of.get(str(key).removesuffix(MISSING_SUFFIX))
        if section is None or held.data.get(key) == value:
            continue
        if section.code not in own or (sections is not None and section.code not in sections):
            raise NotAllowed(_("The part “%(section)s” is filled in by others."), code="not_your_section", section=language.named(section))
        if section.code in done:
            raise Signed(fields={str(key): Signed.text})


def _write(
    actor: Actor,
    held: FormAnswer,
    definition: Definition,
    data: Mapping[str, Any],
    *,
    submit: bool,
    facts: Mapping[str, Any] | None,
    reason: str = "",
    clauses: tuple[str, ...] = (),
) -> FormAnswer:
    known = queries.facts_of(held.subject_id) if facts is None else facts
    touched = {section.code for key in data if (section := definition.section_of.get(str(key).removesuffix(MISSING_SUFFIX))) is not None}
    complete = submit or held.submitted_at is not None
    cleaned = validate(definition, {**held.data, **data}, sections=None if submit else touched, facts=known, complete=complete)
    changed = {key for key in {*held.data, *cleaned.data} if held.data.get(key) != cleaned.data.get(key)}
    problems = cleaned.problems or references.problems(definition, cleaned.data, changed, actor)
    if problems:
        raise Invalid(fields=problems)
    if submit:
        _pass([gate for gate in cleaned.open_gates if gate.blocks == "submit"])
    at = moment.now()
    before, held.data = held.data, cleaned.data
    first_time = submit and held.submitted_at is None
    if first_time:
        held.submitted_at, held.submitted_by_id = at, actor.id
    if not changed and not first_time and held.pk:
        return held
    held.score, held.revision, held.changed_at = cleaned.score, held.revision + 1, at
    held.save()
    references.attach(definition, cleaned.data, changed, held.subject_id, actor)
    changes = {key: [before.get(key), cleaned.data.get(key)] for key in sorted(changed)}
    record(actor_id=actor.id, happened=_happened(held, definition, changes, first_time, reason, clauses), at=at)
    return held


def _happened(
    held: FormAnswer, definition: Definition, changes: dict[str, Any], submitted: bool, reason: str, clauses: tuple[str, ...]
) -> list[Happened]:
    """The events of one writing. Confidential values go into an event that only the audit reads."""
    told: dict[str, Any] = {"form": held.code, "version": definition.version, "name": definition.name, "answer": held.pk}
    if reason:
        told["reason"] = reason[:200]
    open_part: dict[str, Any] = {}
    shut_part: dict[str, Any] = {}
    for key, pair in changes.items():
        section = definition.section_of.get(key.removesuffix(MISSING_SUFFIX))
        shut = section is not None and (section.confidential or bool(section.hidden_from))
        (shut_part if shut else open_part)[key] = pair
    cited = tuple(dict.fromkeys([*definition.clauses, *_field_clauses(definition, changes), *clauses]))
    found = []
    if open_part or submitted or not shut_part:
        kind = "form.submitted" if submitted else "form.answered"
        found.append(Happened(held.subject_id, kind, {**told, "changes": open_part}, clauses=cited))
    if shut_part:
        found.append(Happened(held.subject_id, "form.confidential", {**told, "changes": shut_part}, Audience.AUDIT, cited))
    return found


def _field_clauses(definition: Definition, changes: Mapping[str, Any]) -> list[str]:
    return [clause for key in changes if (field := definition.by_code.get(key)) is not None for clause in field.clauses]


def sign_section(*, actor: Actor, answer_id: int, section: str) -> FormAnswer:
    """Sign a section: its required fields are there, the person may fill it. From then on it is shut (R-04-3.7.2a)."""
    with transaction.atomic():
        held, definition = _locked(actor, answer_id)
        piece = definition.section(section)
        if piece is None:
            raise NotFound()
        if section in queries.signed(held):
            raise Conflict(_("This part is signed already."))
        if section not in policies.fillable(actor, definition, held.data):
            raise NotAllowed(_("The part “%(section)s” is filled in by others."), section=language.named(piece))
        known = queries.facts_of(held.subject_id)
        cleaned = validate(definition, held.data, sections=[section], facts=known)
        if cleaned.problems:
            raise Invalid(fields=cleaned.problems)
        _pass(conditions.open_gates(definition, held.data, known, blocks=f"sign:{section}"))
        at = moment.now()
        held.signatures = [*held.signatures, {"section": section, "by": actor.id, "name": actor.name, "at": at.isoformat()}]
        held.revision += 1
        held.save(update_fields=["signatures", "revision"])
        told = {"form": held.code, "name": definition.name, "answer": held.pk, "section": piece.name, "section_code": section}
        cited = tuple(dict.fromkeys([*piece.clauses, *definition.clauses]))
        record(actor_id=actor.id, happened=[Happened(held.subject_id, "form.signed", told, clauses=cited)], at=at)
        return held


def reopen_section(*, actor: Actor, answer_id: int, section: str, reason: str) -> FormAnswer:
    """Void a signature, with a reason; it stays on record, struck through."""
    if not reason.strip():
        raise Invalid(fields={"reason": _("Please fill this in.")})
    with transaction.atomic():
        held, definition = _locked(actor, answer_id)
        piece = definition.section(section)
        if piece is None or section not in queries.signed(held):
            raise NotFound()
        if section not in policies.fillable(actor, definition, held.data):
            raise NotAllowed(_("The part “%(section)s” is filled in by others."), section=language.named(piece))
        void = {"void": reason.strip()[:200], "void_by": actor.id, "void_at": moment.now().isoformat()}
        held.signatures = [{**one, **void} if one["section"] == section and not one.get("void") else one for one in held.signatures]
        held.revision += 1
        held.save(update_fields=["signatures", "revision"])
        told = {
            "form": held.code,
            "name": definition.name,
            "answer": held.pk,
            "section": piece.name,
            "section_code": section,
            "reason": void["void"],
        }
        record(actor_id=actor.id, happened=[Happened(held.subject_id, "form.unsigned", told, clauses=tuple(piece.clauses))])
        return held


def _locked(actor: Actor, answer_id: int) -> tuple[FormAnswer, Definition]:
    subject = queries.visible_to(actor).filter(pk=answer_id).values_list("subject_id", "code").first()
    if subject is None:
        raise NotFound()
    if not policies.may_answer(actor, *subject):
        raise NotAllowed()
    held = FormAnswer.objects.select_for_update().get(pk=answer_id)
    return held, queries.definition_of(held.definition_id)
