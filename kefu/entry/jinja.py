"""The template environment: autoescape, texts, the components, a few filters."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import jinja2
import orjson
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, Template
from markupsafe import Markup

from kefu.engines.privacy.queries import reveal_url
from kefu.engines.rulebook import choices as rulebook
from kefu.entry import centre
from kefu.kit import aside, assets, deadlines, fields, flash, island_texts, kept, language, menu, paging, pieces, show, tables
from kefu.timeline import telling
from kefu.touch.channels.chat.queries import of_portal


def maybe_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, or "" while no capability gives it."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def theme_of(request: HttpRequest) -> str:
    """auto, light or dark: the person's choice, for a guest the cookie's."""
    actor = getattr(request, "actor", None)
    theme = actor.theme if actor else request.COOKIES.get("kefu-theme", "auto")
    return theme if theme in {"light", "dark"} else "auto"


def said(message: str, /, **words: Any) -> Markup:
    """A text of a template in the active language; ``words`` stand in its places, escaped."""
    return language.said()(message, **words)


class Module(Template):
    """A template whose pieces are made once. Jinja compares all global names at each import, in case a template was loaded with names of
    its own; here all have those of the environment."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class Surroundings(Environment):
    template_class = Module


def compiled() -> FileSystemBytecodeCache | None:
    """Where templates lie ready that were compiled before, by this code and this Jinja; None where nothing can be kept."""
    made_by = hashlib.sha256(Path(__file__).read_bytes() + jinja2.__version__.encode()).hexdigest()[:12]
    place = aside.folder() / f"templates-{made_by}"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(place))


def environment(**options: Any) -> Environment:
    """Built once by Django's Jinja2 back end."""
    options |= {"undefined": StrictUndefined, "autoescape": True, "bytecode_cache": compiled()}
    made = Surroundings(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], trim_blocks=True, lstrip_blocks=True, **options)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext, npgettext=translation.npgettext
    )
    made.globals["gettext"] = made.globals["_"] = said
    made.globals.update(
        static=static,
        url=lambda name, *args, **kwargs: reverse(name, args=args, kwargs=kwargs),
        csrf_token_of=get_token,
        current_language=translation.get_language,
        now=timezone.now,
        named=language.named,
        reveal_url=reveal_url,
        maybe_url=maybe_url,
        theme_of=theme_of,
        centre_name=centre.name,
        portal_chat=of_portal,
        asset=assets.asset,
        flash=flash.shown,
        menu_entries=menu.entries,
        island_texts=island_texts.island_texts,
        next_url_of=paging.next_url_of,
        **show.GLOBALS,
        **tables.GLOBALS,
        **fields.GLOBALS,
        **deadlines.GLOBALS,
        **telling.GLOBALS,
        **pieces.GLOBALS,
        **rulebook.GLOBALS,
        **kept.GLOBALS,
    )
    made.filters.update(show.FILTERS)
    made.filters.update(fields.FILTERS)
    made.filters["json"] = lambda value: Markup(  # noqa: S704 - the JSON is escaped for HTML
        orjson.dumps(value, default=str).decode().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    )
    return made
