"""Rights that capabilities declare; posts are made of them."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class Right:
    """One right, named ``capability.verb``."""

    code: str
    name: Text


rights: Registry[Right] = Registry("right", lambda right: right.code)
