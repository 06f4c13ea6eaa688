"""What capabilities declare about their subjects and events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class SubjectKind:
    """A kind of subject: ``prefix`` starts its numbers, ``url`` gives the page of one by its id.

    ``open_to`` names a right whose holders see every ordinary subject of this kind, whatever its unit (customers, knowledge).
    """

    code: str
    name: Text
    prefix: str
    url: Callable[[int], str]
    open_to: str = ""


@dataclass(frozen=True)
class EventKind:
    """A kind of event. ``text`` may hold ``%(field)s`` places filled from the event's data.

    ``names`` puts the codes of single fields into words when the event is read, in the reader's language. Live streams are woken by one
    that is ``at_once``: somebody waits for it before the screen.
    """

    code: str
    text: Text
    icon: str = "point"
    describe: Callable[[dict[str, Any]], str] | None = None
    names: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    at_once: bool = False


subject_kinds: Registry[SubjectKind] = Registry("subject kind", lambda kind: kind.code)
event_kinds: Registry[EventKind] = Registry("event kind", lambda kind: kind.code)
