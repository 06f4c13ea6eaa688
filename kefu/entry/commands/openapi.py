"""The document of the HTTP API."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "print the OpenAPI document of the HTTP API"
KEPT = Path("docs/openapi.json")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help=f"say whether {KEPT} still tells the truth")


def run(options: argparse.Namespace) -> int:
    text = document()
    if not options.check:
        sys.stdout.write(text)
        return 0
    if KEPT.is_file() and KEPT.read_text() == text:
        return 0
    print(f"{KEPT} is stale: kefu openapi > {KEPT}", file=sys.stderr)
    return 1


def document() -> str:
    """The document as it is committed: sorted, in English."""
    import json

    from django.utils import translation

    from kefu.entry.api import api

    with translation.override("en"):
        return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
