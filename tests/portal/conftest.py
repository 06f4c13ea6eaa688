import pytest
from django.test import Client

from kefu.cases.workorders import routing
from kefu.engines.rulebook import loader
from kefu.people.actor import SYSTEM
from tests.cast import make_posts


@pytest.fixture
def guest(cast):
    return Client()


@pytest.fixture
def centre(cast):
    loader.load("property", actor=SYSTEM)
    make_posts()
    routing.forget()
    return cast
