"""The demonstration centre behind a real ``kefu serve``, and Chromium in front of it. Everything is clicked, nothing posted by hand."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.filling import filled
from tests.e2e.screens import PHONE, Screen
from tests.installation import Installation

# The one without windows of its own needs half the processor.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
LONG = ("test_minute", "test_access")  # files that take longer than any other begin first
PASSWORD = "kefu-demo-2026"
expect.set_options(timeout=15_000)  # a machine that does much else is no fault of the screen


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "e2e" in Path(item.fspath).parts:
            item.add_marker("e2e")
    items.sort(key=lambda item: Path(item.fspath).stem not in LONG)


@dataclass
class Centre:
    """A running centre: where it answers, and its state for what no screen can do (the hands of the clock)."""

    url: str
    installation: Installation

    def python(self, code: str):
        return self.installation.python(code)


@pytest.fixture(scope="session")
def centre(tmp_path_factory) -> Iterator[Centre]:
    """The demonstration for all stories of a file; each story plays with its own resident.

    While stories are written, KEFU_E2E_FILLED names a folder that keeps the filled centre from one run to the next.
    """
    folder, base = tmp_path_factory.mktemp("centre"), tmp_path_factory.getbasetemp()
    shutil.copytree(filled(base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base), folder, dirs_exist_ok=True)
    made = Installation(folder, str(folder / "kefu.sqlite3"))
    with made.serving() as serving:
        yield Centre(serving.url.rstrip("/"), made)
    made.rest()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine. Its absence is a failure, never a skipped test."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: nothing can be clicked through."
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=FLAGS, timeout=60_000)
        yield running
        running.close()


@pytest.fixture(autouse=True)
def _fresh_process():
    """The stories live in other processes: nothing of this one has to be forgotten."""
    return


@pytest.fixture
def guest(centre: Centre, browser: Browser) -> Iterator:
    """``guest()`` opens a browser of its own that nobody signed in; ``phone``, ``dark`` and ``language`` say how it looks."""
    opened: list[Screen] = []

    def make(*, phone: bool = False, dark: bool = False, language: str = "zh-CN") -> Screen:
        context = browser.new_context(
            base_url=centre.url,
            locale=language,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            viewport=PHONE if phone else {"width": 1440, "height": 900},
            has_touch=phone,
            is_mobile=phone,
        )
        context.set_default_timeout(15_000)
        context.set_default_navigation_timeout(30_000)
        opened.append(Screen(context.new_page()))
        return opened[-1]

    yield make
    faults = [fault for screen in opened for fault in screen.faults]
    for screen in opened:
        screen.page.context.close()
    assert faults == [], "the browser complained"


@pytest.fixture
def enter(guest):
    """``enter("chenjing")`` gives the screen of that person, signed in through the page; an account turned to English is turned back."""
    entered: list[Screen] = []

    def make(username: str, **looks) -> Screen:
        entered.append(screen := guest(**looks))
        screen.sign_in(username, PASSWORD)
        if looks.get("language", "").startswith("en"):
            screen.turn_to("English")
        return screen

    yield make
    for screen in entered:
        if screen.in_english:
            # In a page of its own: the one of the story may still be on its way somewhere.
            last = Screen(screen.page.context.new_page())
            last.go("/")
            last.turn_to("中文")


@pytest.fixture
def picture():
    """``picture(screen, "desk")`` writes docs/pictures/desk.png when KEFU_PICTURES=1; other runs leave the tree clean."""
    if os.environ.get("KEFU_PICTURES") != "1":
        return lambda *_words, **_more: None
    from tests.e2e.pictures import take

    return take
