"""Code lists as choices of a form."""

from __future__ import annotations

from typing import Any

from kefu.engines.rulebook.queries import code_items
from kefu.kit.choices_registry import Give, Pairs
from kefu.kit.language import named


def of_list(code: str) -> Give:
    """The valid items of a code list, for a schema: ``asked(_("Reason"), choices=of_list("return_reasons"))``."""

    def give(actor: Any, id: int | None) -> Pairs:
        return [(item["code"], named(item)) for item in code_items(code)]

    return give
