"""The root of all addresses."""

from django.urls import URLPattern, URLResolver, path

from kefu.entry import channels, desk, failures, floor, gallery, home, inbox
from kefu.entry.api import api
from kefu.entry.pages import addresses
from kefu.entry.portal import pages as portal

ASKED_MOST = ("orders", "contacts", "customers", "complaints", "chat", "inbox")


def most_asked_first(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The first match ends the search through all addresses. Only groups with different first words change places."""
    rank = {word: place for place, word in enumerate(ASKED_MOST)}
    return sorted(patterns, key=lambda one: rank.get(str(one.pattern).partition("/")[0], len(rank)))


def api_addresses() -> tuple[list[URLPattern | URLResolver], str, str]:
    patterns, app_name, namespace = api.urls
    return most_asked_first(patterns), app_name, namespace


urlpatterns = [
    path("api/v1/", failures.nothing_here),
    path("api/v1/", api_addresses()),
    *most_asked_first(
        [
            *home.urlpatterns,
            *addresses(),
            *portal.urlpatterns,
            *desk.urlpatterns,
            *inbox.urlpatterns,
            *floor.urlpatterns,
            *channels.urlpatterns,
            *gallery.urlpatterns,
        ]
    ),
]
handler400 = "kefu.entry.failures.unreadable"
handler404 = "kefu.entry.failures.missing"
handler500 = "kefu.entry.failures.broken"
