"""Faults are tried on installations of their own."""

from tests.installation import _template, installation  # noqa: F401
