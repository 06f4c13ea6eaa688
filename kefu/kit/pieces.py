"""Small page pieces that stand on a page by the hundred, written here and not as templates: a call costs a tenth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from kefu.kit.assets import asset
from kefu.kit.deadlines import Teller
from kefu.kit.escaping import escaped


def icon(name: str, size: int = 20, label: Any = "", classes: str = "") -> Markup:
    """A picture of the sprite (Tabler icon names). Without a label it is decoration and hidden from screen readers."""
    sprite = asset("icons.svg")
    if not sprite:
        return Markup("<span>{}</span>").format(label) if label else Markup("")
    told = f'role="img" aria-label="{escaped(label)}"' if label else 'aria-hidden="true"'
    return Markup(  # noqa: S704 - what comes from outside is escaped
        f'<svg class="icon {escaped(classes)}" width="{size}" height="{size}" {told}><use href="{sprite}#{escaped(name)}"></use></svg>'
    )


def state_tag(label: Any, tone: str = "secondary", icon_name: str = "") -> Markup:
    """The state of a record as a word in a soft colour."""
    picture = f"{icon(icon_name, 14)} " if icon_name else ""
    return Markup(f'<span class="tag state-tag bg-{tone}-lt">{picture}{escaped(label)}</span>')  # noqa: S704


def mark(label: Any, tone: str = "warning", title: Any = "") -> Markup:
    """A small mark beside a state (urged, supervised)."""
    hover = f' title="{escaped(title)}"' if title else ""
    return Markup(f'<span class="tag state-mark border-{tone} text-{tone}"{hover}>{escaped(label)}</span>')  # noqa: S704


def deadline_tag(obligation: Any, with_name: bool = True, teller: Teller | None = None) -> Markup:
    """One running or settled limit, as ``kit.deadlines.deadline`` reads it; ``teller`` for who draws many."""
    teller = teller or Teller()
    shown = teller.read(obligation)
    parts = [f'<span class="deadline-tag" title="{escaped(shown.title)}">']
    if with_name and shown.name:
        parts.append(f'<span class="deadline-name text-secondary">{escaped(shown.name)}</span> ')
    if shown.running:
        warn = f' warn="{shown.warn_iso}"' if shown.warn_iso else ""
        parts.append(
            f'<kefu-deadline class="deadline {shown.look}" due="{shown.due_iso}"{warn} data-left="{escaped(teller.left)}"'
            f' data-over="{escaped(teller.over)}">{escaped(shown.text)}</kefu-deadline>'
        )
    else:
        parts.append(f'<span class="deadline {shown.look}">{escaped(shown.text)}</span>')
    if shown.clauses:
        parts.append(f' <small class="clause">{escaped(shown.clauses)}</small>')
    return Markup("".join([*parts, "</span>"]))  # noqa: S704


def clause_tags(clauses: Iterable[Any]) -> Markup:
    """Ids of clauses, each leading to its compliance page."""
    return Markup(" ").join(
        [Markup(f'<a class="clause" href="/compliance/{quote(str(one))}">{escaped(one)}</a>') for one in clauses]  # noqa: S704
    )


GLOBALS: dict[str, Any] = {
    "icon_piece": icon,
    "state_tag_piece": state_tag,
    "mark_piece": mark,
    "deadline_tag_piece": deadline_tag,
    "clause_tags_piece": clause_tags,
}
