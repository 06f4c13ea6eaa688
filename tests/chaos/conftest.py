"""Faults are tried on installations of their own, each a copy of one with a firm and its rules in it."""

from __future__ import annotations

import pytest

from tests.chaos.house import FILL, TOKEN
from tests.installation import _template as _empty  # noqa: F401
from tests.installation import installation  # noqa: F401


@pytest.fixture(scope="session")
def _template(_empty):  # noqa: F811
    (_empty.state / TOKEN).write_text(_empty.python(FILL))
    return _empty
