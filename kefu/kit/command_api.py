"""Commands over the API: the same names, schemas and judge as on the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from kefu.kit.asking import english
from kefu.kit.commands import Command, CommandSet, NoFields
from kefu.kit.errors import Invalid, NotFound
from kefu.kit.schema_fields import plain, unlisted
from kefu.kit.values import RowId, settled

State = Callable[[Any, int], Mapping[str, Any]]


def add_commands(router: Router, commands: CommandSet, path: str, state: State | None = None) -> None:
    """Register ``GET /<path>/{id}/commands`` and ``POST /<path>/{id}/commands/<name>`` for every command of the set.

    ``path`` has no slashes around it. ``state(actor, id)`` gives what the answer tells of the record (at least ``{"state": ...}``);
    the answer also carries ``allowed``, the commands that may be given next: empty when the record has left the actor's sight.
    """
    tags = [commands.kind]

    def listed(request: HttpRequest, id: RowId) -> dict[str, Any]:
        actor = request.actor  # type: ignore[attr-defined]
        return {"commands": [describe(one) for one in commands.pick(commands.allowed(actor, id))]}

    router.add_api_operation(
        f"/{path}/{{id}}/commands",
        ["GET"],
        listed,
        operation_id=f"{commands.kind}_commands",
        summary=f"Commands that may be given to this {commands.kind} now",
        tags=tags,
    )
    for command in commands.commands:
        router.add_api_operation(
            f"/{path}/{{id}}/commands/{command.name}",
            ["POST"],
            _operation(commands, command, state),
            operation_id=f"{commands.kind}_{command.name}",
            summary=english(command.label),
            tags=tags,
        )


def describe(command: Command) -> dict[str, Any]:
    """A command for programs: its name, label, tone, question and the JSON schema of its fields."""
    return {
        "name": command.name,
        "label": str(command.label),
        "tone": command.tone,
        "confirm": str(command.confirm) if command.confirm else None,
        "schema": command.schema.model_json_schema(),
    }


def read(body: Any, schema: type[Schema], *, actor: Any, id: int | None = None) -> dict[str, Any]:
    """The fields of ``schema`` in a body, ready for a service: times with a zone, no NUL, only choices that are offered (``Invalid``)."""
    given = settled({name: getattr(body, name) for name in schema.model_fields})
    fields = {name: plain(value) for name, value in given.items()}
    wrong = unlisted(schema, fields, actor=actor, id=id)
    if wrong:
        raise Invalid(fields=wrong)
    return fields


def _operation(commands: CommandSet, command: Command, state: State | None) -> Callable[..., Any]:
    def give(request: HttpRequest, id: RowId, body: Any) -> dict[str, Any]:
        actor = request.actor  # type: ignore[attr-defined]
        commands.allowed(actor, id)
        command.run(actor=actor, id=id, **read(body, command.schema, actor=actor, id=id))
        return _after(commands, actor, id, state)

    def give_plain(request: HttpRequest, id: RowId) -> dict[str, Any]:
        actor = request.actor  # type: ignore[attr-defined]
        command.run(actor=actor, id=id)
        return _after(commands, actor, id, state)

    if command.schema is NoFields:
        made: Callable[..., Any] = give_plain
    else:
        give.__annotations__["body"] = _named_once(commands.kind, command.schema)
        made = give
    made.__name__ = f"{commands.kind}_{command.name}"
    return made


@cache
def _named_once(kind: str, schema: type[Schema]) -> type[Schema]:
    """The document knows schemas by their name alone, and ``Note`` or ``Reason`` have many: each bears the kind of its record."""
    name = f"{kind.replace('_', ' ').title().replace(' ', '')}{schema.__name__}"
    return type(name, (schema,), {"__module__": schema.__module__, "__doc__": schema.__doc__})


def _after(commands: CommandSet, actor: Any, id: int, state: State | None) -> dict[str, Any]:
    try:
        allowed = [one.name for one in commands.pick(commands.allowed(actor, id))]
        known = dict(state(actor, id)) if state else {}
    except NotFound:
        return {"id": id, "state": None, "allowed": []}
    return {"id": id, **known, "allowed": allowed}
