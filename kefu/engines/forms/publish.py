"""New versions of definitions: from the builder, from YAML, from packs."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kefu.engines.forms import queries
from kefu.engines.forms.definition import Definition
from kefu.engines.forms.models import FormDefinition
from kefu.kit.errors import Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor

MAX_YAML = 400_000
MANAGE = "settings.manage"


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with a written definition; ``line`` counts from 1, 0 if unknown."""

    line: int
    place: str
    text: str


class BadDefinition(Invalid):
    """``mistakes`` says where and what."""

    code = "bad_definition"

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(fields={one.place or "definition": one.text for one in mistakes})
        self.mistakes = mistakes


def body_of(definition: Definition) -> dict[str, Any]:
    """The definition as it is stored: without code and version, defaults left out."""
    body = definition.model_dump(mode="json", exclude_defaults=True)
    body.pop("version", None)
    body.pop("code", None)
    return body


def digest_of(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read(raw: Any, positions: Any = None) -> Definition:
    """A definition from plain data; raises ``BadDefinition``. ``positions`` is the loaded YAML, to name lines."""
    try:
        return Definition.model_validate(raw)
    except ValidationError as error:
        raise BadDefinition([_mistake(one, positions) for one in error.errors()[:50]]) from None


def _mistake(one: Any, positions: Any) -> Mistake:
    place = ".".join(str(part) for part in one["loc"])
    return Mistake(_line(positions, one["loc"]), place, str(one["msg"]).removeprefix("Value error, "))


def _line(node: Any, loc: tuple[Any, ...]) -> int:
    """The line of the deepest piece of ``loc`` that was written."""
    line = 0
    for part in loc:
        try:
            marks = node.lc
            line = (marks.key(part) if isinstance(part, str) else marks.item(part))[0] + 1
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def from_yaml(text: str) -> Definition:
    """A definition written as YAML; raises ``BadDefinition`` with lines."""
    if len(text) > MAX_YAML:
        raise BadDefinition([Mistake(0, "", _("This text is too long for a form."))])
    try:
        loaded = YAML(typ="rt").load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadDefinition([Mistake(mark.line + 1 if mark else 0, "", str(error.problem or error.context))]) from None
    except (YAMLError, ValueError, RecursionError, TypeError) as error:
        raise BadDefinition([Mistake(0, "", str(error)[:200])]) from None
    if not isinstance(loaded, Mapping):
        raise BadDefinition([Mistake(1, "", _("A form is written as a mapping with code, name and sections."))])
    try:
        return read(_plain(loaded), loaded)
    except RecursionError:
        raise BadDefinition([Mistake(0, "", _("The text is nested too deeply."))]) from None


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if isinstance(node, (date,)):
        return node.isoformat()
    return node


def to_yaml(definition: Definition) -> str:
    """The definition as an expert edits it."""
    out = io.StringIO()
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 140
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump({"code": definition.code, **body_of(definition)}, out)
    return out.getvalue()


def publish(*, actor: Actor, definition: Definition, valid_from: date | None = None, pack: str = "") -> FormDefinition:
    """Store a new version, in force from ``valid_from`` (today) on; the one before ends there. Answers begun keep their version.

    Raises ``NotAllowed`` without the right to settings, ``Invalid`` for a day in the past.
    """
    if actor.id is not None and not actor.can(MANAGE):
        raise NotAllowed()
    start = valid_from or queries.local_day()
    if start < queries.local_day():
        raise Invalid(fields={"valid_from": _("A new version cannot begin in the past.")})
    body = body_of(definition)
    with transaction.atomic():
        held = list(FormDefinition.objects.select_for_update().filter(code=definition.code).order_by("version"))
        later = [row.valid_from for row in held if row.valid_from > start]
        row = FormDefinition.objects.create(
            code=definition.code,
            version=max((row.version for row in held), default=0) + 1,
            name=definition.name,
            name_en=definition.name_en,
            body=body,
            digest=digest_of(body),
            valid_from=start,
            valid_to=min(later, default=None),
            pack=pack,
            clauses=definition.cited(),
            created_by_id=actor.id,
        )
        for old in held:
            if old.valid_from < start and (old.valid_to is None or old.valid_to > start):
                FormDefinition.objects.filter(pk=old.pk).update(valid_to=start)
    queries.forget()
    return row


def retire(*, actor: Actor, code: str, on: date | None = None) -> None:
    """End a form: from ``on`` (today) nobody begins it; what was filled in stays."""
    if actor.id is not None and not actor.can(MANAGE):
        raise NotAllowed()
    end = on or queries.local_day()
    with transaction.atomic():
        rows = FormDefinition.objects.select_for_update().filter(code=code, valid_to=None)
        if not rows:
            raise NotFound()
        for row in rows:
            if row.valid_from < end:
                FormDefinition.objects.filter(pk=row.pk).update(valid_to=end)
            elif not row.answers.exists():
                row.delete()
    queries.forget()
