"""The made month, read from the second of December."""

import pytest

from kefu.engines.rulebook import queries as rulebook
from kefu.kit import moment
from tests.reports.makers import NOW, made_month


@pytest.fixture
def month(cast):
    rulebook.forget()
    with moment.frozen(NOW):
        yield made_month(cast)
    rulebook.forget()
