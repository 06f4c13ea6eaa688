"""A command is one verb a person can give to one record. Page and API show exactly the commands a policy allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ninja import Schema

from kefu.kit.asking import asked as asked
from kefu.kit.errors import Text
from kefu.kit.registry import Registry

Tone = Literal["primary", "plain", "danger"]


class NoFields(Schema):
    """A command that asks nothing."""


@dataclass(frozen=True)
class Command:
    """One verb.

    ``run`` is the service: ``run(actor=..., id=..., **fields)`` judges, writes and records, in one transaction.
    ``schema`` describes the fields; the API validates by it and the form on the page is drawn from it.
    ``confirm`` is the question asked before an important change (R-00-3.2c). On the page: ``hint`` stands above the fields, ``submit`` on
    the button (else the label), ``done`` is told afterwards (not if ``quiet``: the page shows it); ``initial(actor, id)``
    fills the form for editing; ``leads_to(result, id)`` is the address to go on to, "" to stay; ``told(actor, id)`` says line by line
    what the command would do to this record.
    """

    name: str
    label: Text
    run: Callable[..., Any]
    schema: type[Schema] = NoFields
    tone: Tone = "plain"
    confirm: Text | None = None
    hint: Text = ""
    submit: Text = ""
    done: Text = ""
    quiet: bool = False
    initial: Callable[[Any, int], Mapping[str, Any]] | None = None
    leads_to: Callable[[Any, int], str] | None = None
    told: Callable[[Any, int], Sequence[Text]] | None = None


@dataclass(frozen=True)
class CommandSet:
    """All commands of one kind of record. ``allowed(actor, id)`` answers with the names that may be given now."""

    kind: str
    allowed: Callable[[Any, int], set[str]]
    commands: tuple[Command, ...]
    by_name: dict[str, Command] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {command.name: command for command in self.commands})

    def pick(self, names: Iterable[str]) -> list[Command]:
        """The commands of ``names`` in declared order."""
        wanted = set(names)
        return [command for command in self.commands if command.name in wanted]


command_sets: Registry[CommandSet] = Registry("command set", lambda one: f"{one.kind}/{one.commands[0].name}")


def commands_of(kind: str) -> CommandSet:
    """All commands that capabilities and flows declare for one kind of record, as one set."""
    sets = [one for one in command_sets if one.kind == kind]

    def allowed(actor: Any, row_id: int) -> set[str]:
        return {name for one in sets for name in one.allowed(actor, row_id) if name in one.by_name}

    return CommandSet(kind, allowed, tuple(command for one in sets for command in one.commands))
