"""The root of all addresses."""

from django.urls import path

from kefu.entry import desk, gallery, home
from kefu.entry.api import api
from kefu.entry.pages import addresses

urlpatterns = [path("api/v1/", api.urls), *home.urlpatterns, *addresses(), *desk.urlpatterns, *gallery.urlpatterns]
handler404 = "kefu.entry.failures.missing"
handler500 = "kefu.entry.failures.broken"
