"""The one place that joins what capabilities declare to the registries of the engines."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from kefu.engines.filters.fields import field_sets, further_fields
from kefu.engines.forms import registry as forms
from kefu.engines.imports.registry import import_kinds
from kefu.engines.jobs import registry as jobs
from kefu.engines.measures.registry import measures
from kefu.engines.notify.registry import notice_kinds
from kefu.engines.privacy.registry import erasures, personal_sources, veils
from kefu.engines.rulebook import registry as rulebook
from kefu.kit import uploads
from kefu.kit.choices_registry import choice_families, choice_sources
from kefu.kit.commands import command_sets
from kefu.kit.health import healths
from kefu.kit.menu import menu
from kefu.kit.registry import Registry
from kefu.kit.waiting import waiting
from kefu.people import registry as people
from kefu.timeline import registry as timeline
from kefu.touch.channels.email.registry import letter_takers
from kefu.touch.channels.hotline.registry import hotline_cases
from kefu.touch.conversations.registry import outlets
from kefu.touch.customers.registry import chapters, found_by, kept, stays
from kefu.touch.knowledge.registry import question_sources

# What a ``declares.py`` may hold: the name of the tuple in it, and the registry that it joins. An engine adds its line here.
_REGISTRIES: dict[str, Registry[Any]] = {
    "FILTER_FIELDS": field_sets,
    "FURTHER_FIELDS": further_fields,
    "CHOICES": choice_sources,
    "CHOICE_FAMILIES": choice_families,
    "MEASURES": measures,
    "COMMAND_SETS": command_sets,
    "MENU": menu,
    "WAITING": waiting,
    "HEALTH": healths,
    "PERIODICS": jobs.periodics,
    "TICKERS": jobs.tickers,
    "RIGHTS": people.rights,
    "SUBJECT_KINDS": timeline.subject_kinds,
    "EVENT_KINDS": timeline.event_kinds,
    "RULE_KINDS": rulebook.rule_kinds,
    "CARRIES": rulebook.carriers,
    "NOTICE_KINDS": notice_kinds,
    "PERSONAL_SOURCES": personal_sources,
    "VEILS": veils,
    "ERASURES": erasures,
    "CODE_LISTS": forms.code_lists,
    "FORM_HOSTS": forms.form_hosts,
    "IMPORTS": import_kinds,
    "OUTLETS": outlets,
    "HOTLINE_CASES": hotline_cases,
    "LETTER_TAKERS": letter_takers,
    "CHAPTERS": chapters,
    "KEPT": kept,
    "FOUND_BY": found_by,
    "STAYS": stays,
    "QUESTION_SOURCES": question_sources,
}


def join() -> None:
    """Read the ``declares`` of every installed capability into the registries; called once, when all models are loaded."""
    names = [f"{app.name}.declares" for app in apps.get_app_configs() if app.name.startswith("kefu.")]
    for name in [*names, "kefu.flows.declares"]:
        if find_spec(name) is None:
            continue
        declares = import_module(name)
        for what, registry in _REGISTRIES.items():
            registry.extend(getattr(declares, what, ()))
    uploads.keep_with(_keep)


def _keep(actor: Any, _subject_id: int, uploaded: Any) -> int:
    """A file of a command's form: kept unattached until the service attaches it in its own transaction."""
    from kefu.engines.files import services as files

    return files.add(actor=actor, upload=uploaded).pk
