"""Events in words: what the course of a record says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from markupsafe import Markup

from kefu.kit import pieces, show
from kefu.kit.escaping import escaped
from kefu.kit.language import pick, texts, worded
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
    """The items of components/timeline.html. Written here: the page of a case draws hundreds."""
    _, zone = texts(), timezone.get_current_timezone()
    pictures: dict[str, str] = {}
    people: dict[Any, str] = {}
    system, seen = escaped(_("System")), pieces.mark(_("Visible to the customer"), "info")
    parts: list[str] = []
    for event in events:
        at, picture, number, name = event["at"], icon(event), event.get("actor__number"), event.get("actor__name")
        if picture not in pictures:
            pictures[picture] = f"{pieces.icon(picture, 16, classes='text-secondary')} " if picture else ""
        if (name, number) not in people:
            numbered = f' <span class="text-secondary">{escaped(number)}</span>' if number else ""
            people[name, number] = f"<strong>{escaped(name) if name else system}</strong>{numbered}"
        parts += (
            f'<li class="course-item is-{escaped(event["tone"]) if event.get("tone") else "muted"}"><div class="course-body"><div>',
            pictures[picture],
            people[name, number],
            f" {escaped(text(event))}",
            f" {seen}" if event.get("audience") == "customer" else "",
            "</div>",
            f'<div class="course-text prewrap">{escaped(event["body"])}</div>' if event.get("body") else "",
            f'<div class="course-when"><time datetime="{at.isoformat()}">{show.stamp(at, zone)}</time>',
            f" {pieces.clause_tags(event['clauses'])}" if event.get("clauses") else "",
            "</div></div></li>\n",
        )
    return Markup("".join(parts))  # noqa: S704 - every value above is escaped


GLOBALS: dict[str, Any] = {"course_html": course_html}
