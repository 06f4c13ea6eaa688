"""What every carrier of SMS takes and says, whatever its protocol."""

from __future__ import annotations

from dataclasses import dataclass, field


class Trouble(Exception):
    """Nothing was handed over now; the same text can be offered again. The text says why, in the carrier's words where it said any."""


class Busy(Trouble):
    """The carrier asks to go slower."""


class SignInRefused(Trouble):
    """The carrier does not take the name or the password."""


class Refused(Exception):
    """The carrier will never take this text."""


class Unclear(Exception):
    """The connection broke after the text was handed over and before the carrier said yes: it may have been sent."""


@dataclass(frozen=True)
class Outgoing:
    """One text to one number (E.164). ``id`` is ours, the same at every try; ``template`` and ``params`` are for gateways that hold
    templates themselves."""

    id: str
    number: str
    text: str
    signature: str = ""
    template: str = ""
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """How far a text came. ``state`` is delivered, failed or pending."""

    foreign_id: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class Arrived:
    """A text from a person. ``foreign_id`` is the carrier's, or made of the content where it gives none."""

    foreign_id: str
    number: str
    text: str
    to: str = ""


def words(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join((str(error) or type(error).__name__).split())[:300]
