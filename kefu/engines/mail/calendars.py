"""What an invitation (text/calendar) says, if it comes without a letter."""

from __future__ import annotations

import re

_FIELD = re.compile(r"^(SUMMARY|DTSTART|DTEND|LOCATION|DESCRIPTION)[^:\n]{0,200}:(.*)$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([nN,;\\])")


def summary(calendar: str) -> str:
    """Title, time, place and description of the first event, line by line; empty if there is no event."""
    text = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    _before, begin, event = text.partition("BEGIN:VEVENT")
    if not begin:
        return ""
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(event.partition("END:VEVENT")[0]):
        found.setdefault(name, _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value).strip())
    order = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "DESCRIPTION")
    return "\n".join(found[name] for name in order if found.get(name))
