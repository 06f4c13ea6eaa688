"""Columns encrypted at rest."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from kefu.kit import secrecy


class EncryptedTextField(models.TextField[str, str]):
    """Text sealed with the first of the field keys; ``purpose`` (e.g. "customers.id_number") binds the value to its column for good.

    It cannot be searched; put ``kefu.kit.secrecy.blind(value, purpose)`` into a column beside it to find it by equality.
    """

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None else secrecy.seal(value, self.purpose)

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        return value if value is None else secrecy.unseal(value, self.purpose)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only "is it there" can be asked of a sealed column."""
        if lookup_name in {"isnull"}:
            return super().get_lookup(lookup_name)
        raise TypeError(f"{self.name} is encrypted: search by its blind index")
