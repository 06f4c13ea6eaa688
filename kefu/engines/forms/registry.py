"""What capabilities give the form engine: code lists, and the kinds of subject that carry forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kefu.engines.forms.definition import Choice
from kefu.engines.forms.models import FormAnswer
from kefu.kit.errors import Text
from kefu.kit.registry import Registry
from kefu.people.actor import Actor


@dataclass(frozen=True)
class CodeList:
    """A list that fields may name; ``choices`` is asked each time, so a list kept in the database is always fresh."""

    code: str
    name: Text
    choices: Callable[[], list[Choice]]


@dataclass(frozen=True)
class FormHost:
    """A kind of subject that carries forms. ``facts(subject_id)`` feeds gates and show_when beside the answers;
    ``may_answer(actor, subject_id, form_code)`` is the capability's judgement of who may fill a form now.
    ``answered(answer)`` is told when a person has written one, in the same transaction. ``titled`` says that the title of a subject
    may be read by all who see it (that of a customer is his name).
    """

    kind: str
    facts: Callable[[int], dict[str, Any]] | None = None
    may_answer: Callable[[Actor, int, str], bool] | None = None
    answered: Callable[[FormAnswer], None] | None = None
    titled: bool = True


code_lists: Registry[CodeList] = Registry("code list", lambda item: item.code)
form_hosts: Registry[FormHost] = Registry("form host", lambda item: item.kind)
