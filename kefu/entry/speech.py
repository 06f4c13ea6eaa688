"""What the commands say on the terminal, in the language of the person there. Works without Django."""

from __future__ import annotations

import gettext as plain
import os
from functools import cache
from pathlib import Path

from kefu.entry import texts

_PACKAGE = Path(__file__).resolve().parent.parent


def language() -> str:
    """``KEFU_LANGUAGE`` or the language of the terminal: "zh-hans" or "en"."""
    for name in ("KEFU_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh-hans" if os.environ[name].startswith("zh") else "en"
    return "en"


@cache
def _catalogue() -> plain.NullTranslations:
    if language() == "en":
        return plain.NullTranslations()
    texts.ensure(_PACKAGE, _PACKAGE / "locale")
    return plain.translation("django", str(_PACKAGE / "locale"), ["zh_Hans"], fallback=True)


def gettext(text: str) -> str:
    """``text`` in the language of the terminal."""
    return _catalogue().gettext(text)


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201 - the voice of the commands
