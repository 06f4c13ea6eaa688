"""The template environment: autoescape, texts, the components, a few filters."""

from __future__ import annotations

from typing import Any

import orjson
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from kefu.kit import language, show


def environment(**options: Any) -> Environment:
    """Built once by Django's Jinja2 back end."""
    options |= {"undefined": StrictUndefined, "autoescape": True}
    made = Environment(  # noqa: S701 - autoescape is among the options
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"], trim_blocks=True, lstrip_blocks=True, **options
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext, npgettext=translation.npgettext
    )
    made.globals.update(
        static=static,
        url=lambda name, *args, **kwargs: reverse(name, args=args, kwargs=kwargs),
        csrf_token_of=get_token,
        current_language=translation.get_language,
        now=timezone.now,
        named=language.named,
        **show.GLOBALS,
    )
    made.filters.update(show.FILTERS)
    made.filters["json"] = lambda value: Markup(  # noqa: S704 - the JSON is escaped for HTML
        orjson.dumps(value, default=str).decode().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    )
    return made
