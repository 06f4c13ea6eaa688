"""Django's own commands (migrate, makemigrations, shell, check ...)."""

from __future__ import annotations

import argparse

HELP = "run a command of Django: migrate, makemigrations, shell, check ..."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["kefu django", *options.words])
    return 0
