"""Who may read and who may fill which section of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.engines.forms.choices import MISSING_SUFFIX
from kefu.engines.forms.definition import Definition, Section
from kefu.engines.forms.models import FormAnswer
from kefu.engines.forms.queries import definition_of, signed
from kefu.engines.forms.registry import form_hosts
from kefu.people.actor import Actor
from kefu.timeline import queries as line

SECRETS = "secrets.see"


def named_by(section: Section, actor: Actor) -> bool:
    """Whether the section is this person's by right or post; a section that names nobody is everybody's."""
    return actor.id is None or not section.by or any(word in actor.rights or word in actor.posts for word in section.by)


def _kept_from(section: Section, actor: Actor, data: Mapping[str, Any]) -> bool:
    """Whether the person is one of those from whom the answers themselves hide the section (the one complained of)."""
    for place in section.hidden_from:
        name, _dot, column = place.partition(".")
        held = data.get(name)
        found = [row.get(column) for row in held if isinstance(row, Mapping)] if column and isinstance(held, list) else [held]
        if actor.id is not None and actor.id in found:
            return True
    return False


def readable(actor: Actor, definition: Definition, data: Mapping[str, Any]) -> set[str]:
    """The codes of the sections a person may read, given who is named in ``data``."""
    return {
        section.code
        for section in definition.sections
        if not _kept_from(section, actor, data)
        and (not section.confidential or actor.id is None or actor.can(SECRETS) or (bool(section.by) and named_by(section, actor)))
    }


def fillable(actor: Actor, definition: Definition, data: Mapping[str, Any], done: Mapping[str, Any] | None = None) -> set[str]:
    """The codes of the sections a person may write now; signed ones (``done``) are shut."""
    seen = readable(actor, definition, data)
    return {
        section.code
        for section in definition.sections
        if section.code in seen and section.code not in (done or {}) and named_by(section, actor)
    }


def readable_data(actor: Actor, definition: Definition, data: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` without what this person may not read."""
    seen = readable(actor, definition, data)
    return {
        key: value
        for key, value in data.items()
        if (section := definition.section_of.get(key.removesuffix(MISSING_SUFFIX))) is not None and section.code in seen
    }


def may_answer(actor: Actor, subject_id: int, form_code: str) -> bool:
    """The judgement of the capability that owns the subject; a kind that declares none leaves it to the sections."""
    if actor.id is None:
        return True
    host = form_hosts.get(line.kind_of(subject_id) or "")
    return host is None or host.may_answer is None or host.may_answer(actor, subject_id, form_code)


def allowed(actor: Actor, answer: FormAnswer) -> set[str]:
    """What may be done with an answer now: "answer", "submit", "sign", "reopen"."""
    if not may_answer(actor, answer.subject_id, answer.code):
        return set()
    definition = definition_of(answer.definition_id)
    done = signed(answer)
    found = set()
    if fillable(actor, definition, answer.data, done):
        found |= {"answer", "sign"} | ({"submit"} if answer.submitted_at is None else set())
    if any(section in done for section in fillable(actor, definition, answer.data)):
        found.add("reopen")
    return found
