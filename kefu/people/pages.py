"""All pages about people: signing in, one's own account, and the settings of units, staff and posts."""

from kefu.people import pages_account, pages_settings, pages_sign_in

urlpatterns = [*pages_sign_in.urlpatterns, *pages_account.urlpatterns, *pages_settings.urlpatterns]
