"""Steps of the form builder on plain data: add, remove and move sections, fields and gates. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.utils.translation import gettext as _

from kefu.engines.forms.choices import WITH_CHOICES, FieldKind
from kefu.engines.forms.definition import Definition
from kefu.engines.forms.publish import body_of

Draft = dict[str, Any]
MAX_DRAFT = 400_000
PLAIN = ("name", "name_en", "kind", "help", "list", "unit_text", "personal", "formula")
FLAGS = ("required", "required_reason_allowed", "fatal", "na_allowed", "wide")
FIGURES = ("min", "max", "weight", "length")


class Soft(dict[str, Any]):
    """A part of a draft for the template: what is not there reads as ""."""

    def __missing__(self, key: str) -> str:
        return ""


def soft(part: Any) -> Any:
    if isinstance(part, dict):
        return Soft({key: soft(value) for key, value in part.items()})
    return [soft(one) for one in part] if isinstance(part, list) else part


def draft_of(definition: Definition) -> Draft:
    return {"code": definition.code, **body_of(definition)}


def empty_draft() -> Draft:
    """A new form with one section and one field to begin from."""
    field = {"code": "field_1", "name": _("Field"), "kind": "text"}
    return {"code": "", "name": "", "sections": [{"code": "main", "name": _("Content"), "fields": [field]}]}


def load(text: str) -> Draft:
    """The draft that the page carries along; an unreadable one begins anew."""
    try:
        held = orjson.loads(text) if len(text) <= MAX_DRAFT else None
    except ValueError:
        held = None
    fits = isinstance(held, dict) and isinstance(held.get("sections"), list) and all(_section_fits(one) for one in held["sections"])
    return held if isinstance(held, dict) and fits and _gates_fit(held) else empty_draft()


def _section_fits(section: Any) -> bool:
    if not isinstance(section, dict) or not isinstance(section.get("code"), str):
        return False
    fields = section.setdefault("fields", [])
    return isinstance(fields, list) and all(isinstance(one, dict) and isinstance(one.get("code"), str) for one in fields)


def _gates_fit(draft: Draft) -> bool:
    gates = draft.get("gates", [])
    return isinstance(gates, list) and all(isinstance(gate, dict) for gate in gates)


def take(draft: Draft, post: Mapping[str, str]) -> Draft:
    """Write what was typed into the draft. Names: ``s.N.name``, ``f.N.M.required``, ``g.N.text``; ``_form`` says they were on the page."""
    for key in ("code", "name", "name_en"):
        if key in post:
            draft[key] = post[key].strip()
    draft["repeatable"] = "repeatable" in post
    for number, section in enumerate(draft["sections"]):
        _take_section(section, f"s.{number}", post)
        for place, field in enumerate(section["fields"]):
            _take_field(field, f"f.{number}.{place}", post)
    for number, gate in enumerate(draft.get("gates", [])):
        _take_gate(gate, f"g.{number}", post)
    return draft


def _take_section(section: Draft, at: str, post: Mapping[str, str]) -> None:
    for key in ("code", "name", "name_en", "before"):
        _put(section, key, post.get(f"{at}.{key}", section.get(key, "")).strip())
    if f"{at}.by" in post:
        _put(section, "by", words(post[f"{at}.by"]))
    if f"{at}.name" in post:
        _put(section, "confidential", f"{at}.confidential" in post)


def _take_field(field: Draft, at: str, post: Mapping[str, str]) -> None:
    if f"{at}.name" not in post:
        return
    _put(field, "code", post.get(f"{at}.code", "").strip())
    for key in PLAIN:
        _put(field, key, post.get(f"{at}.{key}", field.get(key, "")).strip())
    for key in FLAGS:
        _put(field, key, f"{at}.{key}" in post)
    for key in FIGURES:
        if f"{at}.{key}" in post:
            _put(field, key, _figure(post[f"{at}.{key}"]))
    if f"{at}.choices" in post:
        _put(field, "choices", choices(post[f"{at}.choices"], field.get("choices", [])))
    kind = field.get("kind", "text")
    if kind not in WITH_CHOICES:
        field.pop("choices", None)
        field.pop("list", None)
    if kind == FieldKind.TABLE and not field.get("fields"):
        field["fields"] = [{"code": "column_1", "name": _("Column"), "kind": "text"}]
    if kind != FieldKind.TABLE:
        field.pop("fields", None)
    if f"{at}.columns" in post and kind == FieldKind.TABLE:
        field["fields"] = _columns(post[f"{at}.columns"], field.get("fields", []))


def _take_gate(gate: Draft, at: str, post: Mapping[str, str]) -> None:
    for key in ("code", "text", "text_en", "blocks", "field"):
        if f"{at}.{key}" in post:
            _put(gate, key, post[f"{at}.{key}"].strip())
    if f"{at}.when" in post:
        try:
            gate["when"] = orjson.loads(post[f"{at}.when"])
        except ValueError:
            gate["when"] = post[f"{at}.when"]


def _put(where: Draft, key: str, value: Any) -> None:
    """Keep what says something, drop what is empty."""
    if value in ("", None, False, [], ()):
        where.pop(key, None)
    else:
        where[key] = value


def words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,，、;；]+", text) if word]


def _figure(text: str) -> float | int | str | None:
    """A number; what is no number stays as typed, so that the judge names it."""
    told = text.strip()
    if not told:
        return None
    try:
        value = float(told)
    except ValueError:
        return told
    return int(value) if value.is_integer() else value


def choices(text: str, held: list[Any]) -> list[Draft]:
    """Lines ``code = name`` (or only the name); what a choice held besides (English name, points) stays with its code."""
    known = {one.get("code"): one for one in held if isinstance(one, dict)}
    found = []
    for number, line in enumerate(one for one in text.splitlines() if one.strip()):
        code, mark, name = line.partition("=")
        code, name = (code.strip(), name.strip()) if mark else (f"c{number + 1}", line.strip())
        if not mark:
            code = next((str(key) for key, one in known.items() if one.get("name") == name), code)
        found.append({**known.get(code, {}), "code": code, "name": name or code})
    return found


def _columns(text: str, held: list[Any]) -> list[Draft]:
    """Lines ``code kind name``; what a column held besides stays with its code."""
    known = {one.get("code"): one for one in held if isinstance(one, dict)}
    found = []
    for line in text.splitlines():
        parts = line.split(None, 2)
        if len(parts) == 3:
            found.append({**known.get(parts[0], {}), "code": parts[0], "kind": parts[1], "name": parts[2]})
    return found or held


def step(draft: Draft, word: str) -> Draft:
    """One press of a button: ``add.N``, ``drop.N.M``, ``up.N.M``, ``down.N.M``, ``section``, ``unsection.N``, ``gate``, ``ungate.N``.

    A place that is not there changes nothing.
    """
    verb, *rest = word.split(".")
    places = [int(one) for one in rest if one.isdecimal() and len(one) < 5]
    act = _STEPS.get(verb)
    if act is not None and len(places) == len(rest):
        try:
            act(draft, *places)
        except (IndexError, TypeError):
            return draft
    return draft


def _fresh(taken: set[str], stem: str) -> str:
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def _codes(draft: Draft) -> set[str]:
    return {field["code"] for section in draft["sections"] for field in section["fields"]}


def _add(draft: Draft, number: int) -> None:
    draft["sections"][number]["fields"].append({"code": _fresh(_codes(draft), "field"), "name": _("New field"), "kind": "text"})


def _drop(draft: Draft, number: int, place: int) -> None:
    del draft["sections"][number]["fields"][place]


def _up(draft: Draft, number: int, place: int) -> None:
    """One place up; from the top of a section to the end of the one before."""
    sections = draft["sections"]
    field = sections[number]["fields"].pop(place)
    if place > 0:
        sections[number]["fields"].insert(place - 1, field)
    elif number > 0:
        sections[number - 1]["fields"].append(field)
    else:
        sections[number]["fields"].insert(0, field)


def _down(draft: Draft, number: int, place: int) -> None:
    sections = draft["sections"]
    field = sections[number]["fields"].pop(place)
    if place < len(sections[number]["fields"]) or number + 1 == len(sections):
        sections[number]["fields"].insert(place + 1, field)
    else:
        sections[number + 1]["fields"].insert(0, field)


def _section(draft: Draft) -> None:
    code = _fresh({section["code"] for section in draft["sections"]}, "part")
    draft["sections"].append({"code": code, "name": _("New part"), "fields": []})


def _unsection(draft: Draft, number: int) -> None:
    if len(draft["sections"]) > 1:
        del draft["sections"][number]


def _gate(draft: Draft) -> None:
    gates = draft.setdefault("gates", [])
    first = next(iter(_codes(draft)), "field")
    gates.append({"code": _fresh({str(gate.get("code")) for gate in gates}, "gate"), "text": "", "when": {"field": first, "op": "empty"}})


def _ungate(draft: Draft, number: int) -> None:
    del draft["gates"][number]


_STEPS: dict[str, Callable[..., None]] = {
    "add": _add,
    "drop": _drop,
    "up": _up,
    "down": _down,
    "section": _section,
    "unsection": _unsection,
    "gate": _gate,
    "ungate": _ungate,
}
