"""What a schema says about how its fields are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydantic

from kefu.kit.choices_registry import Give
from kefu.kit.errors import Text


@dataclass(frozen=True)
class Asked:
    """How a field is asked on a page; it travels in the field's metadata and stays out of the JSON schema."""

    title: Text = ""
    hint: Text = ""
    widget: str = ""
    choices: str | Give | Sequence[tuple[Any, Text]] | None = None
    group: Text = ""
    unit: Text = ""
    placeholder: Text = ""
    rows: int = 3
    step: Any = None
    accept: str = ""
    about: str = ""


def asked(
    title: Text,
    default: Any = ...,
    *,
    help: Text = "",  # noqa: A002
    widget: str = "",
    choices: str | Give | Sequence[tuple[Any, Text]] | None = None,
    group: Text = "",
    unit: Text = "",
    placeholder: Text = "",
    rows: int = 3,
    step: Any = None,
    accept: str = "",
    about: str = "",
    **bounds: Any,
) -> Any:
    """A pydantic field with a translated title: ``reason: str = asked(_("Reason"), max_length=200, widget="textarea")``.

    ``choices`` is the code of a ``ChoiceSource``, a callable ``(actor, id) -> pairs``, or pairs. An enumeration needs none.
    ``about`` is an address that tells more of what is chosen: it is asked with the value under the field's name.
    ``widget`` is one of components/field.html; without it the type decides. ``bounds`` go to ``pydantic.Field``: max_length, ge, pattern.
    """
    info = pydantic.Field(default, **bounds)
    how = Asked(title, help, widget, choices or None, group, unit, placeholder, rows, step, accept, about)
    info.metadata.append(how)
    # The API document is written in English: the message id of a lazy text.
    info.title = english(title)
    info.description = english(help) or None
    for name, value in (("title", info.title), ("description", info.description)):
        if value is not None:
            info._attributes_set[name] = value
    return info


def english(text: Text) -> str:
    """The English text of a lazy one (its message id), without asking a catalogue."""
    if isinstance(text, str):
        return text
    args: tuple[Any, ...] = getattr(text, "_args", ())
    return str(args[0]) if args else ""
