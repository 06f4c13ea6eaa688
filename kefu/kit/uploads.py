"""Where the files of a form go: the file engine registers itself here, so that forms on lower floors can take files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kefu.kit.errors import Unavailable

Keep = Callable[[Any, int, Any], int]
_keep: list[Keep] = []


def keep_with(keep: Keep) -> None:
    """``keep(actor, subject_id, uploaded) -> id of the stored file``; the service attaches it. The last one registered counts."""
    _keep[:] = [keep]


def keep(actor: Any, subject_id: int, uploaded: Any) -> int:
    """Store one uploaded file and answer with its id. Raises what the engine raises, ``Unavailable`` without an engine."""
    if not _keep:
        raise Unavailable()
    return _keep[0](actor, subject_id, uploaded)
