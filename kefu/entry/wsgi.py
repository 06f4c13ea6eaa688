"""The WSGI application that answers every request but the live streams."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
application = get_wsgi_application()
