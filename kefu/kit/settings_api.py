"""What an administrator sets, over the API: all of it, one of it, a new one, a whole one written anew, and its commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from kefu.kit import http
from kefu.kit.command_api import add_commands, read
from kefu.kit.commands import CommandSet
from kefu.kit.values import RowId

Shape = tuple[type[Schema], str]
Written = tuple[type[Schema], Callable[..., Any], str]


@dataclass(frozen=True)
class Settings:
    """One kind of setting under ``/<path>``.

    ``rows(actor, **which)`` are its rows as they are told; ``judge(actor)`` raises for who may not write. ``every`` and ``one`` are
    (schema of the answer, summary), ``new`` and ``write`` (schema of the body, service, summary); the services answer with the row.
    ``whole``: one of them is told as all its rows under ``rows``.
    """

    commands: CommandSet
    path: str
    rows: Callable[..., list[dict[str, Any]]]
    judge: Callable[[Any], None]
    every: Shape
    one: Shape
    new: Written
    write: Written | None = None
    whole: bool = False

    def told(self, actor: Any, row_id: int) -> dict[str, Any]:
        """One of them with the commands that may be given."""
        allowed = [command.name for command in self.commands.pick(self.commands.allowed(actor, row_id))]
        found = self.rows(actor, pk=row_id)
        return {"rows": found, "allowed": allowed} if self.whole else {**found[0], "allowed": allowed}

    def kept(self, actor: Any, body: Any, by: Written, **which: Any) -> dict[str, Any]:
        """Write what was sent; it is told as it stands then."""
        self.judge(actor)
        schema, run, _summary = by
        return self.told(actor, run(actor=actor, **which, **read(body, schema, actor=actor)).pk)


def add_settings(router: Router, its: Settings) -> None:
    """Register list, read, create, write (PUT, if it has one) and the commands."""
    kind, new, write = its.commands.kind, its.new, its.write

    def listed(request: HttpRequest) -> HttpResponse:
        return http.json({"rows": its.rows(_actor(request))})

    def one(request: HttpRequest, id: RowId) -> HttpResponse:
        return http.json(its.told(_actor(request), id))

    def created(request: HttpRequest, body: Any) -> Status[dict[str, Any]]:
        return Status(201, its.kept(_actor(request), body, new))

    def add(method: str, path: str, run: Callable[..., Any], word: str, response: Any, summary: str, about: str | None = None) -> None:
        operation = f"{kind}_{word}"
        router.add_api_operation(
            path, [method], run, response=response, summary=summary, description=about, operation_id=operation, tags=[kind]
        )

    created.__annotations__["body"] = new[0]
    add("GET", f"/{its.path}", listed, "list", *its.every)
    add("GET", f"/{its.path}/{{id}}", one, "read", *its.one)
    add("POST", f"/{its.path}", created, "create", {201: its.one[0]}, new[2])
    if write is not None:

        def written(request: HttpRequest, id: RowId, body: Any) -> dict[str, Any]:
            return its.kept(_actor(request), body, write, id=id)

        written.__annotations__["body"] = write[0]
        add("PUT", f"/{its.path}/{{id}}", written, "write", its.one[0], write[2], "The whole of it: what is not said gets its default.")
    add_commands(router, its.commands, its.path)


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]
