"""Refusals. A refusal states a fact, says in the user's language what to do next, and carries a stable code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class KefuError(Exception):
    """Base of all refusals.

    ``status`` is the HTTP status, ``code`` a stable word for programs, ``text`` the translated sentence with ``%(name)s`` places
    that ``params`` fill when it is shown. ``fields`` maps a field name to the text that belongs under that field.
    """

    status = 400
    code = "refused"
    text: Text = _("This cannot be done.")

    def __init__(
        self,
        text: Text | None = None,
        *,
        code: str | None = None,
        fields: Mapping[str, Text] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code or self.code)
        if text is not None:
            self.text = text
        if code is not None:
            self.code = code
        self.fields: dict[str, Text] = dict(fields or {})
        self.params = params

    def message(self) -> str:
        """The sentence in the active language."""
        shown = str(self.text)
        return shown % self.params if self.params else shown

    def problem(self) -> dict[str, Any]:
        """The body of an ``application/problem+json`` answer (RFC 9457)."""
        body: dict[str, Any] = {
            "type": f"urn:kefu:problem:{self.code}",
            "title": self.message(),
            "status": self.status,
            "code": self.code,
        }
        if self.fields:
            body["errors"] = [{"field": name, "message": str(text)} for name, text in self.fields.items()]
        return body


class Invalid(KefuError):
    """What was sent does not fit; ``fields`` says where."""

    status = 422
    code = "invalid"
    text = _("Please correct the marked fields.")


class NotSignedIn(KefuError):
    status = 401
    code = "not_signed_in"
    text = _("Please sign in first.")


class NotAllowed(KefuError):
    status = 403
    code = "not_allowed"
    text = _("Your post does not allow this. Ask your team lead.")


class NotFound(KefuError):
    """Not there, or not for this person to see: the two are never told apart."""

    status = 404
    code = "not_found"
    text = _("This was not found.")


class Conflict(KefuError):
    """The state of the record does not permit this now."""

    status = 409
    code = "conflict"
    text = _("The record has changed meanwhile. Look at it again.")


class TooMuch(KefuError):
    status = 413
    code = "too_large"
    text = _("This is too large.")


class TooOften(KefuError):
    """``after``: the seconds after which it may be tried again, where that is known (Retry-After, RFC 9110 section 10.2.3)."""

    status = 429
    code = "too_often"
    text = _("Too many tries. Wait a little.")

    def __init__(self, text: Text | None = None, *, after: int = 0, **more: Any) -> None:
        super().__init__(text, **more)
        self.after = after


class Unavailable(KefuError):
    """A disk is full, the database is locked or away: nothing was changed."""

    status = 503
    code = "unavailable"
    text = _("The system cannot store this right now. Nothing was changed; try again in a moment.")
