"""The web folder holds what the templates ask for."""

import json
import re
from pathlib import Path

from kefu.engines.notify.registry import notice_kinds
from kefu.kit.menu import menu
from kefu.timeline.registry import event_kinds

ROOT = Path(__file__).resolve().parent.parent.parent
ICON = re.compile(r"""(?:\bicon\(|\bicon_name=|\bicon=)\s*["']([a-z][a-z0-9-]+)["']""")


def test_every_icon_that_is_named_stands_in_the_sprite():
    sprite = set((ROOT / "web" / "icons.txt").read_text().split())
    sources = [*(ROOT / "kefu").rglob("*.html"), *(ROOT / "kefu").rglob("*.py")]
    wanted = {(name, path.name) for path in sources for name in ICON.findall(path.read_text(encoding="utf-8"))}
    assert wanted, "the pattern finds no icon at all"
    assert {(name, place) for name, place in wanted if name not in sprite} == set()


def test_every_icon_that_is_declared_stands_in_the_sprite():
    """Also those that a declaration hands on under no name, which the sources do not show."""
    sprite = set((ROOT / "web" / "icons.txt").read_text().split())
    declared = {one.icon for registry in (event_kinds, notice_kinds, menu) for one in registry}
    assert len(declared) > 40
    assert declared - sprite == set()


def test_what_a_part_picks_for_itself_is_not_handed_to_its_links():
    """htmx hands ``hx-select`` down: a link inside would look for the same part in the page that it leads to and find nothing."""
    tags = {
        tag
        for path in (ROOT / "kefu").rglob("*.html")
        for tag in re.findall(r"<div[^>]*hx-select=[^>]*>", path.read_text(encoding="utf-8"))
    }
    assert tags, "the pattern finds no part at all"
    assert {tag for tag in tags if "hx-disinherit=" not in tag} == set()


def test_the_lock_file_names_no_registry_and_has_every_platform():
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    names = {path.rpartition("node_modules/")[2] for path in packages}
    assert not [path for path, entry in packages.items() if "resolved" in entry]
    assert not [path for path, entry in packages.items() if path and "integrity" not in entry]
    assert not {name for entry in packages.values() for name in entry.get("optionalDependencies", {})} - names


def test_versions_are_exact():
    package = json.loads((ROOT / "web" / "package.json").read_text())
    versions = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
