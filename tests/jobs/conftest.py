"""Tests of background work run on an installation of their own."""

from tests.installation import _template, installation  # noqa: F401
