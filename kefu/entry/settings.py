"""Django settings, all from the environment. Every variable and its default stands in docs/operate.md."""

from __future__ import annotations

import os
from pathlib import Path

from kefu.entry import environment, texts

PACKAGE = Path(__file__).resolve().parent.parent
STATE = environment.state_folder()

SECRET_KEY = environment.secret("django")
FIELD_KEYS = environment.secret("fields")
BLIND_KEY = environment.secret("blind")
DEBUG = environment.flag("KEFU_DEBUG")
ALLOWED_HOSTS = environment.words("KEFU_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("KEFU_ORIGINS", "")

FLOORS = {
    "timeline": ["kefu.timeline"],
    "people": ["kefu.people"],
    "engines": environment.capabilities(PACKAGE / "engines"),
    "touch": environment.capabilities(PACKAGE / "touch"),
    "cases": environment.capabilities(PACKAGE / "cases"),
    "practice": environment.capabilities(PACKAGE / "practice"),
    "insight": environment.capabilities(PACKAGE / "insight"),
}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ninja",
    "django_tasks",
    "django_tasks_db",
    *[app for floor in FLOORS.values() for app in floor],
    "kefu.entry.apps.EntryConfig",
]
MIDDLEWARE = [
    "kefu.entry.middleware.CompressMiddleware",
    "kefu.entry.middleware.SafetyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "kefu.entry.middleware.ActorMiddleware",
    "kefu.entry.middleware.DrawnMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "kefu.entry.urls"
WSGI_APPLICATION = "kefu.entry.wsgi.application"
AUTH_USER_MODEL = "people.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": environment.database(STATE)}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "templates", PACKAGE / "kit" / "components"],
        "OPTIONS": {"environment": "kefu.entry.jinja.environment", "auto_reload": DEBUG},
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "number")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.flag("KEFU_HTTPS")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kefu.entry.failures.csrf"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [environment.compiled_texts(PACKAGE)]
texts.ensure(PACKAGE, LOCALE_PATHS[0])
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("KEFU_TIMEZONE", "Asia/Shanghai")

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

WEB_THREADS = environment.number("KEFU_THREADS", 4)
API_PER_MINUTE = environment.number("KEFU_API_PER_MINUTE", 1200)
CHAT_PER_MINUTE = environment.number("KEFU_CHAT_PER_MINUTE", 1200)
LIVE_STREAMS = environment.number("KEFU_STREAMS", 4000)
WORKER_THREADS = environment.number("KEFU_WORKER_THREADS", 2)
WEBHOOK_INSIDE = environment.words("KEFU_WEBHOOK_INSIDE", "")
MAIL_CA_FILE = os.environ.get("KEFU_MAIL_CA_FILE", "")
GATEWAY_CA_FILE = os.environ.get("KEFU_GATEWAY_CA_FILE", "")
WEBHOOK_CA_FILE = os.environ.get("KEFU_WEBHOOK_CA_FILE", "")
UPLOAD_LIMIT = environment.number("KEFU_UPLOAD_MB", 100) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILES_ROOT = STATE / "files"
LOGGING = environment.logging(debug=DEBUG)
