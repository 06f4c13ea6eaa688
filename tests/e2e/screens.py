"""What a person does at a screen: sign in, read, type, choose, press. Things are found by what is written on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

REPLACED = ("htmx:afterRequest", "htmx:sendAbort")
PHONE = {"width": 390, "height": 844}


def today(days: int = 0) -> date:
    """The day of the centre, or so many days after it."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=days)


def at(days: int, clock: str = "10:00") -> str:
    """A time of a day to come, as a field takes it."""
    return f"{today(days)}T{clock}"


class Screen:
    """One browser of one person. Faults of scripts and answers from 500 on are kept in ``faults`` and fail the test."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.in_english = False
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._said)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # A refusal (4xx) is an answer, and the browser notes it by itself; htmx notes a question that a newer one has replaced.
        told = message.text
        if message.type == "error" and "Failed to load resource" not in told and not told.startswith(REPLACED):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def go(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{answer.status} {path}"

    def sign_in(self, username: str, password: str) -> None:
        self.page.goto("/sign-in")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("main button[type=submit], .form-stack button[type=submit]").first.click()
        self.page.wait_for_url(lambda url: urlsplit(url).path != "/sign-in")

    def turn_to(self, language: str) -> None:
        """Press the switch of languages in the header."""
        self.page.locator("header").get_by_role("button", name=language, exact=True).first.click()
        expect(self.page.locator("html")).to_have_attribute("lang", "en" if language == "English" else "zh-Hans")
        self.in_english = language == "English"

    def expects(self, *texts: str | re.Pattern[str], within: str = "main") -> None:
        """All of these stand on the screen, soon."""
        for text in texts:
            expect(self.page.locator(within).first).to_contain_text(text)

    def fill(self, values: Mapping[str, str], within: str = "main") -> None:
        """Type into fields by their names; lists are chosen from, ticks are set, by the words a person reads."""
        for name, value in values.items():
            field = self.page.locator(f"{within} [name={name}]").first
            kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
            if kind == "select":
                self.choose(field, value)
            elif kind == "radio" or kind == "checkbox":
                self.page.locator(f"{within} [data-field={name}] label", has_text=value).first.click()
            else:
                field.fill(value)

    def choose(self, select: Locator, text: str) -> None:
        """Choose from a list: a plain one, or one that finds what is typed."""
        finder = select.locator("xpath=../input[@role='combobox']")
        if finder.count():
            finder.fill(text)
            select.locator("xpath=..").get_by_role("option").filter(has_text=text).first.click()
        else:
            label = select.evaluate("(e, text) => [...e.options].find(o => o.label.includes(text))?.value ?? ''", text)
            assert label, f"no choice {text}"
            select.select_option(label)

    def press(self, name: str, within: str = "main") -> None:
        """Press a button or follow a link by the words on it."""
        box = self.page.locator(within)
        box.get_by_role("button", name=name, exact=True).or_(box.get_by_role("link", name=name, exact=True)).first.click()

    def command(self, name: str, values: Mapping[str, str] | None = None) -> None:
        """Give a command of the bar: open its form, fill it, send it, and wait until it is done."""
        self.open_command(name)
        drawer = self.page.locator("#drawer")
        if values:
            self.fill(values, within="#drawer")
        confirm = drawer.locator("[name=_confirm]")
        if confirm.count():
            confirm.check()
        drawer.locator("button[type=submit]").click()
        expect(drawer).to_be_hidden()

    def open_command(self, name: str) -> None:
        found = self.page.locator(f".command-bar [data-command={name}]").first
        expect(found).to_be_attached()
        menu = found.locator("xpath=ancestor::details[1]")
        if menu.count() and menu.get_attribute("open") is None:
            menu.locator("summary").click()
        found.click()
        expect(self.page.locator("#drawer form").first).to_be_visible()

    def commands(self) -> set[str]:
        """The commands that the screen offers."""
        return set(self.page.locator(".command-bar [data-command]").evaluate_all("all => all.map(e => e.dataset.command)"))
