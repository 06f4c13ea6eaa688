"""A reader of personal columns for ``PersonalSource``."""

from __future__ import annotations

from collections.abc import Callable

from django.apps import apps


def columns(model: str, key: str = "pk") -> Callable[[int, str], tuple[str, str] | None]:
    """Reads the declared personal columns of ``model`` ("customers.Customer") where ``key`` is the id of the subject."""

    def read(subject_id: int, field: str) -> tuple[str, str] | None:
        made = apps.get_model(model)
        kind = made.personal.get(field)
        if kind is None:
            return None
        row = made._default_manager.filter(**{key: subject_id}).values_list(field).first()
        return (kind, str(row[0] or "")) if row else None

    return read
