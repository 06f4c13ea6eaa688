"""The command line ``kefu``: one file a command under entry/commands/."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    """The commands there are."""
    folder = Path(__file__).parent / "commands"
    return sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))


def main(argv: list[str] | None = None) -> int:
    """Run one command; the answer is the exit status. A command module has ``HELP``, ``arguments(parser)`` and ``run(options) -> int``.

    A module that sets ``READY = False`` prepares Django itself (``serve`` chooses the database first).
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="kefu", description="A customer service centre that runs by its own rule book.")
    choices = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {name: import_module(f"kefu.entry.commands.{name}") for name in names()}
    for name, module in modules.items():
        child = choices.add_parser(name, help=module.HELP, description=module.HELP)
        module.arguments(child)
    options = parser.parse_args(argv)
    module = modules[options.command]
    if getattr(module, "READY", True):
        import django

        django.setup()
    status: int = module.run(options)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
