"""What the verbs of ``kefu pack`` do; apart from pack.py because it needs the tables."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

from django.utils import translation
from django.utils.translation import gettext as _

from kefu.engines.rulebook import checks, loader
from kefu.engines.rulebook.models import Pack
from kefu.engines.rulebook.registry import Change, in_order, rule_kinds
from kefu.engines.rulebook.source import shipped
from kefu.kit.language import pick
from kefu.people.actor import SYSTEM, Actor, load
from kefu.people.models import Staff

SIGNS = {"new": "+", "changed": "~", "gone": "-", "same": "="}


def run(options: argparse.Namespace) -> int:
    with translation.override(options.language):
        verb: int = globals()[f"_{options.verb}"](options)
        return verb


def _list(options: argparse.Namespace) -> int:
    loaded = {pack.code: pack for pack in Pack.objects.order_by("code")}
    for code in sorted({*shipped(), *loaded}):
        pack = loaded.get(code)
        state = _("loaded, version %(version)s") % {"version": pack.version} if pack else _("not loaded")
        print(f"{code:24} {state}")
    return 0


def _check(options: argparse.Namespace) -> int:
    problems = checks.check(options.pack)
    for problem in problems:
        print(problem)
    print(_("%(count)d mistakes.") % {"count": len(problems)} if problems else _("The pack is sound."))
    return 1 if problems else 0


def _diff(options: argparse.Namespace) -> int:
    return _told(lambda: loader.diff(options.pack), _("Nothing would change."))


def _load(options: argparse.Namespace) -> int:
    actor = _actor(options.username) if options.username else SYSTEM
    if actor is None:
        print(_("There is no active person with the name “%(name)s”.") % {"name": options.username})
        return 1
    return _told(lambda: loader.load(options.pack, actor=actor), _("Nothing changed: the pack was loaded before."))


def _told(work: Callable[[], list[Change]], nothing: str) -> int:
    try:
        changes = work()
    except loader.FaultyPack as faulty:
        for problem in faulty.problems:
            print(problem)
        print(faulty.message())
        return 1
    for change in changes:
        print(f"{SIGNS[change.what]} {rule_kinds[change.kind].name} {change.key}  {change.describe}".rstrip())
    print(_("%(count)d changes.") % {"count": len(changes)} if changes else nothing)
    return 0


def _show(options: argparse.Namespace) -> int:
    book = checks.open_book(options.pack)
    if book.header is None:
        return _check(options)
    header = book.header
    print(f"{header.code} {header.version}  {pick(header.name, header.name_en)}")
    if header.requires:
        print(_("requires: %(packs)s") % {"packs": ", ".join(header.requires)})
    counts = Counter({section: len(rows) for section, rows in book.rows.items()})
    for kind in in_order():
        if counts[kind.code]:
            print(f"{counts[kind.code]:6} {kind.code:16} {kind.name}")
    return 1 if book.problems else 0


def _actor(username: str) -> Actor | None:
    pk = Staff.objects.filter(username=username, is_active=True).values_list("pk", flat=True).first()
    return load(pk) if pk else None
