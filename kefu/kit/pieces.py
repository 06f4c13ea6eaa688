"""Small page pieces that stand on a page by the hundred, written here and not as templates: a call costs a tenth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from kefu.kit import show
from kefu.kit.assets import asset
from kefu.kit.deadlines import NEAR, Teller
from kefu.kit.escaping import escaped
from kefu.kit.kept import Kept
from kefu.kit.language import picker, said


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
            f'<kefu-deadline due="{shown.due_iso}"{warn} data-left="{escaped(teller.left)}" data-over="{escaped(teller.over)}"'
            f' class="deadline {shown.look}">{escaped(shown.text)}</kefu-deadline>'
        )
    else:
        parts.append(f'<span class="deadline {shown.look}">{escaped(shown.text)}</span>')
    if shown.clauses:
        parts.append(f' <small class="clause">{escaped(shown.clauses)}</small>')
    return Markup("".join([*parts, "</span>"]))  # noqa: S704


def due_tags() -> Callable[[datetime], str]:
    """``deadline_tag`` without a name for many limits that run: only their due times are known."""
    teller = Teller()
    _, zone, at, language = teller.said.text, teller.zone, teller.at, teller.language
    title = _("Due %(time)s")
    words = f' data-left="{escaped(teller.left)}" data-over="{escaped(teller.over)}"'
    left, over = teller.left, teller.over

    def fixed(due: datetime) -> tuple[datetime, str]:
        warn, hover = due - NEAR, escaped(title % {"time": show.stamp(due, zone)})
        return warn, f' title="{hover}"><kefu-deadline due="{due.isoformat()}" warn="{warn.isoformat()}"{words} class="deadline '

    def drawn(due: datetime) -> str:
        warn, tag = _dues.of((teller.said, zone, due, due.tzinfo), lambda: fixed(due))
        late = at > due
        look = "is-over" if late else "is-soon" if at >= warn else ""
        text = (over if late else left).replace("{}", show.span(due - at, language))
        return f'<span class="deadline-tag"{tag}{look}">{escaped(text)}</kefu-deadline></span>'

    return drawn


_dues = Kept(most=4000)


def clause_tags(clauses: Iterable[Any]) -> Markup:
    """Ids of clauses, each leading to its compliance page."""
    return Markup(" ").join(
        [Markup(f'<a class="clause" href="/compliance/{quote(str(one))}">{escaped(one)}</a>') for one in clauses]  # noqa: S704
    )


def limit_rows(deadlines: Iterable[Mapping[str, Any]], *, cited: bool) -> Markup:
    """The rows of clock/_limits.html: name, due time, how it stands, gross and net time used, and the clauses where any limit cites one."""
    teller, pick = Teller(), picker()
    zone, language, _ = teller.zone, teller.language, teller.said.text
    parts: list[str] = []
    for one in deadlines:
        state = {"due_at": one["due_at"], "state": one["state"], "warn_at": one["warn_at"], "settled_at": one["settled_at"]}
        first = _("first due %(time)s") % {"time": show.stamp(one["extended_from"], zone)} if one["extended_from"] else ""
        parts += (
            f'<tr><td>{escaped(pick(one["name"], one["name_en"]))}</td><td class="text-nowrap">{show.stamp(one["due_at"], zone)}',
            f'<br><small class="text-secondary">{escaped(first)}</small>' if first else "",
            f"</td><td>{deadline_tag(state, False, teller)}</td>",
            f'<td class="text-nowrap">{escaped(show.span(one["gross"], language))} / {escaped(show.span(one["net"], language))}',
            *[_stop(stop, zone) for stop in one["pauses"]],
            f"</td><td>{clause_tags(one['clauses'])}</td></tr>\n" if cited else "</td></tr>\n",
        )
    return Markup("".join(parts))  # noqa: S704 - every value above is escaped


def _stop(stop: Mapping[str, Any], zone: tzinfo) -> str:
    since, until = show.short_stamp(stop["since"], zone), show.short_stamp(stop["until"], zone)
    hover = f'<br><small class="text-secondary" title="{escaped(stop["evidence"])}">'
    return f"{hover}{icon('player-pause', 14)} {since} – {until}</small>"


_TONES = {"primary": 0, "plain": 1, "danger": 2}


def command_bar(commands: Iterable[Any], base_url: str, shown: int = 3) -> Markup:
    """The commands that may be given now (components/command_bar.html): primary first, the dangerous last, the rest under More."""
    ordered = sorted(commands, key=lambda one: _TONES[one.tone])
    if not ordered:
        return Markup("")
    looks = ["btn btn-outline-danger" if one.tone == "danger" else "btn " for one in ordered[:shown]]
    if ordered[0].tone == "primary":
        looks[0] = "btn btn-primary"
    base = escaped(base_url)
    parts = ['<div class="command-bar no-print">\n']
    parts += [f"{_command(one, base, look, nth + 1)}\n" for nth, (one, look) in enumerate(zip(ordered, looks, strict=False))]
    if len(ordered) > shown:
        _ = said().text
        more = escaped(_("More"))
        parts.append(
            f'<details class="dropdown pop"><summary class="btn">{more}</summary><div class="dropdown-menu dropdown-menu-end show">\n'
        )
        for nth, one in enumerate(ordered[shown:], shown + 1):
            parts.append(f"{_command(one, base, 'dropdown-item text-danger' if one.tone == 'danger' else 'dropdown-item', nth)}\n")
        parts.append("</div></details>")
    return Markup("".join([*parts, "</div>"]))  # noqa: S704 - every value above is escaped


def _command(command: Any, base: str, look: str, nth: int) -> str:
    name, key = command.name, f' data-key="{nth}"' if nth < 10 else ""
    return (
        f'<a class="{look}" href="{base}{name}" hx-get="{base}{name}" hx-target="#drawer" hx-swap="innerHTML" hx-push-url="false"'
        f' data-command="{name}"{key}>{escaped(command.label)}</a>'
    )


def masked(value: Any, reveal_url: str = "", label: Any = "") -> Markup:
    """A personal value that arrives masked; with ``reveal_url`` it can be shown, and that is logged (components/masked.html)."""
    opener = ""
    if reveal_url and value:
        _ = said().text
        url, told, named = escaped(reveal_url), escaped(_("Show in full; this is logged")), f": {escaped(label)}" if label else ""
        opener = (
            f' <a class="masked-button" href="{url}" hx-get="{url}" hx-target="#drawer" hx-swap="innerHTML" title="{told}"'
            f' aria-label="{told}{named}">{icon("eye", 16) or escaped(_("Show"))}</a>'
        )
    shown = f'<span class="masked-value">{escaped(value or show.MISSING)}</span>'
    return Markup(f'<span class="masked text-nowrap">{shown}{opener}</span>')  # noqa: S704


def person(name: Any, number: Any = "", unit: Any = "", url: str = "", size: str = "sm") -> Markup:
    """A colleague: first character as picture, name, agent number, unit (components/person.html)."""
    _ = said().text
    called = escaped(name or _("System"))
    parts = [
        '<span class="person d-inline-flex align-items-center gap-2">\n',
        f'  <span class="avatar avatar-{size} rounded-circle" aria-hidden="true">{escaped(str(name or "K")[:1])}</span>\n',
        f'  <span class="person-text">{f"""<a href="{escaped(url)}">{called}</a>""" if url else called}',
        f' <span class="text-secondary">{escaped(number)}</span>' if number else "",
        f'<br><small class="text-secondary">{escaped(unit)}</small>' if unit else "",
        "</span>\n</span>",
    ]
    return Markup("".join(parts))  # noqa: S704 - every value above is escaped


GLOBALS: dict[str, Any] = {
    "person_piece": person,
    "limit_rows": limit_rows,
    "command_bar_piece": command_bar,
    "masked_piece": masked,
    "icon_piece": icon,
    "state_tag_piece": state_tag,
    "mark_piece": mark,
    "deadline_tag_piece": deadline_tag,
    "clause_tags_piece": clause_tags,
}
