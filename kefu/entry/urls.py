"""The root of all addresses."""

from django.urls import path

from kefu.entry import desk, failures, gallery, home, inbox
from kefu.entry.api import api
from kefu.entry.pages import addresses
from kefu.entry.portal import pages as portal

urlpatterns = [
    path("api/v1/", failures.nothing_here),
    path("api/v1/", api.urls),
    *home.urlpatterns,
    *addresses(),
    *portal.urlpatterns,
    *desk.urlpatterns,
    *inbox.urlpatterns,
    *gallery.urlpatterns,
]
handler400 = "kefu.entry.failures.unreadable"
handler404 = "kefu.entry.failures.missing"
handler500 = "kefu.entry.failures.broken"
