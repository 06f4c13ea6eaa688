"""All page addresses, gathered from the ``pages`` of the capabilities."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver


def addresses() -> list[URLPattern | URLResolver]:
    """The ``urlpatterns`` of every capability's ``pages`` module, lower floors first."""
    found: list[URLPattern | URLResolver] = []
    for app in apps.get_app_configs():
        name = f"{app.name}.pages"
        if app.name.startswith("kefu.") and app.name != "kefu.entry" and find_spec(name):
            found += import_module(name).urlpatterns
    return found
