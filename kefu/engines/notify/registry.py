"""The kinds of notice that capabilities declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice. ``text`` may hold ``%(x)s`` places filled from the params; ``%(number)s`` and ``%(title)s`` come from the subject.

    ``names`` puts the codes of single params into words, in the reader's language. With ``needs_ack`` the reader must
    confirm it (R-04-3.2, R-03-4.2.4).
    """

    code: str
    text: Text
    icon: str = "bell"
    needs_ack: bool = False
    names: Mapping[str, Callable[[str], str]] = field(default_factory=dict)


notice_kinds: Registry[NoticeKind] = Registry("notice kind", lambda kind: kind.code)
