"""Events in words: what the course of a record says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.utils import timezone
from markupsafe import Markup

from kefu.kit import pieces, show
from kefu.kit.escaping import escaped
from kefu.kit.kept import Kept
from kefu.kit.language import pick, said, worded
from kefu.timeline.registry import event_kinds


def text(event: Mapping[str, Any]) -> str:
    """What happened, in the active language: ``event["text"]`` if given, else as the declared kind tells it from ``event["data"]``."""
    if event.get("text"):
        return str(event["text"])
    kind = event_kinds.get(event["kind"])
    data: dict[str, Any] = event.get("data") or {}
    if kind is None:
        return str(event["kind"])
    if kind.describe is not None:
        return kind.describe(data)
    if data.get("name_en"):
        data = {**data, "name": pick(str(data.get("name", "")), str(data["name_en"]))}
    data = dict(worded(data, kind.names))
    told = str(kind.text)
    return told % defaultdict(str, data) if "%(" in told else told


def icon(event: Mapping[str, Any]) -> str:
    kind = event_kinds.get(event["kind"])
    return str(event.get("icon") or (kind.icon if kind else ""))


def course_html(events: Iterable[Mapping[str, Any]]) -> Markup:
    """The items of components/timeline.html. Written here: the page of a case draws hundreds, and what happened stays as it was told."""
    draw = _Drawer()
    return Markup("".join([draw(event) for event in events]))  # noqa: S704 - drawn below


class _Drawer:
    """Draws many events: the language and the time zone are asked once. A line drawn already is kept by all that its event holds, unless
    its kind asks for what stands elsewhere (``describe``, ``names``) or the page added words of its own."""

    def __init__(self) -> None:
        self.said, self.zone = said(), timezone.get_current_timezone()

    def __call__(self, event: Mapping[str, Any]) -> str:
        kind = event_kinds.get(event["kind"])
        if kind is None or kind.describe is not None or kind.names or "text" in event or "body" in event:
            return self.line(event)
        key = (self.said, self.zone, orjson.dumps(event, default=str))
        line: str = _lines.of(key, lambda: self.line(event))
        return line

    def line(self, event: Mapping[str, Any]) -> str:
        at, picture, number, name = event["at"], icon(event), event.get("actor__number"), event.get("actor__name")
        _ = self.said.text
        parts = (
            f'<li class="course-item is-{escaped(event["tone"]) if event.get("tone") else "muted"}"><div class="course-body"><div>',
            f"{pieces.icon(picture, 16, classes='text-secondary')} " if picture else "",
            f"<strong>{escaped(name or _('System'))}</strong>",
            f' <span class="text-secondary">{escaped(number)}</span>' if number else "",
            f" {escaped(text(event))}",
            f" {pieces.mark(_('Visible to the customer'), 'info')}" if event.get("audience") == "customer" else "",
            "</div>",
            f'<div class="course-text prewrap">{escaped(event["body"])}</div>' if event.get("body") else "",
            f'<div class="course-when"><time datetime="{at.isoformat()}">{show.stamp(at, self.zone)}</time>',
            f" {pieces.clause_tags(event['clauses'])}" if event.get("clauses") else "",
            "</div></div></li>\n",
        )
        return "".join(parts)


_lines = Kept()


GLOBALS: dict[str, Any] = {"course_html": course_html}
