"""All page addresses, gathered from the ``pages`` of the capabilities."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver


def addresses() -> list[URLPattern | URLResolver]:
    """The ``urlpatterns`` of every capability's ``pages`` module, those of the cases first: they are asked most, and the first match ends
    the search. No two capabilities share an address."""
    found: list[URLPattern | URLResolver] = []
    for app in sorted(apps.get_app_configs(), key=lambda app: not app.name.startswith("kefu.cases.")):
        name = f"{app.name}.pages"
        if app.name.startswith("kefu.") and app.name != "kefu.entry" and find_spec(name):
            found += import_module(name).urlpatterns
    return found
