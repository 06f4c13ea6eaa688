"""From nothing to the verdict: every check of the house, two at a time, and one last line ``N passed, N failed``.

bin/test            everything, as CI runs it
bin/test quick      without PostgreSQL, the web folder and the browser
bin/test ruff mypy  only the steps named
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import postgres, workshop  # noqa: E402

LOGS = ROOT / ".state" / "verdict"
COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")
SLOW = {"pytest-postgresql", "web", "demonstration", "e2e"}
STORIES = {"KEFU_TEST_DATABASE": "sqlite", "KEFU_E2E_FILLED": str(LOGS / "state" / "demonstration")}


@dataclass
class Step:
    """One check: a command, what it needs in its environment, and how it went."""

    name: str
    words: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    counts: bool = False
    passed: int = 0
    failed: int = 0

    def run(self) -> None:
        began = time.monotonic()
        log = LOGS / f"{self.name}.log"
        with log.open("wb") as stream:
            status = subprocess.run(
                self.words, cwd=self.folder, env={**os.environ, **self.variables}, stdout=stream, stderr=subprocess.STDOUT, check=False
            ).returncode
        said = log.read_text(errors="replace")
        self._count(status, said)
        if status:
            workshop.say(f"\n===== {self.name} =====\n{said[-20_000:]}")
        workshop.say(f"{'FAILED' if self.failed else 'ok':>6}  {self.name:<20} {time.monotonic() - began:6.1f} s  {self._summary(said)}")

    def _count(self, status: int, said: str) -> None:
        found = {word.rstrip("s") if word.startswith("error") else word: int(number) for number, word in COUNTS.findall(said[-2_000:])}
        if self.counts and found:
            self.passed = found.get("passed", 0)
            self.failed = found.get("failed", 0) + found.get("error", 0)
        else:
            self.passed = int(not status)
        if status and not self.failed:
            self.failed = 1

    def _summary(self, said: str) -> str:
        return said.strip().rsplit("\n", 1)[-1][:100] if self.counts and said.strip() else ""


def refusal(name: str, text: str) -> Step:
    """A step that could not be run: said loudly, and counted as failed."""
    return Step(name, [sys.executable, "-c", f"import sys; sys.exit({text!r})"])


def statics(python: str) -> Iterator[Step]:
    tool = str(Path(python).parent)
    yield Step("ruff", [f"{tool}/ruff", "check", "."])
    yield Step("ruff-format", [f"{tool}/ruff", "format", "--check", "."])
    yield Step("mypy", [f"{tool}/mypy", "kefu", "tools"])
    yield Step("import-contracts", [f"{tool}/lint-imports"])
    yield Step("house", [python, "tools/house.py"])
    yield Step("texts", [python, "tools/texts.py", "check"])
    yield Step("migrations", [python, "-m", "kefu.entry.cli", "django", "makemigrations", "--check", "--dry-run"])
    if (ROOT / "docs" / "openapi.json").exists():
        yield Step("openapi", [python, "-m", "kefu.entry.cli", "openapi", "--check"])


def pytest(python: str, name: str, *words: str, database: str = "sqlite", variables: dict[str, str] | None = None) -> Step:
    command = [python, "-m", "pytest", "-m", "not e2e", "-n", "2", "--dist", "worksteal", "--durations=12", *words]
    return Step(name, command, {"KEFU_TEST_DATABASE": database, **(variables or {})}, counts=True)


def on_postgresql(python: str, stack: ExitStack) -> Step:
    given = os.environ.get("KEFU_TEST_POSTGRESQL")
    binaries = None if given else postgres.provided()
    if given or binaries:
        return pytest(python, "pytest-postgresql", database=given or stack.enter_context(postgres.cluster(binaries or Path())))
    loud = "!!! PostgreSQL is not installed and cannot be: NOTHING was tested on it. Install postgresql, or set KEFU_TEST_POSTGRESQL."
    workshop.say(loud)
    return refusal("pytest-postgresql", loud)


def web(python: str) -> Iterator[Step]:
    if (ROOT / "web" / "package.json").exists():
        yield Step("web", [python, "tools/web.py", "check"])


def demonstration(python: str) -> Step:
    """The centre of the stories, made while something else runs beside it: two workers would both wait for it."""
    return Step("demonstration", [python, "-m", "tests.e2e.filling"], STORIES)


def e2e(python: str) -> Iterator[Step]:
    if workshop.chromium():
        # A file is one story after the other; the files are not related. A story waits a third of its time, so there are three.
        together = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
        command = [python, "-m", "pytest", "-m", "e2e", *together, "--durations=12", "tests/e2e"]
        yield Step("e2e", command, STORIES, counts=True)
    else:
        yield refusal("e2e", "!!! No Chromium and no way to install it: NOTHING was clicked through.")


def provide(wanted: list[str]) -> list[str]:
    """Install the programs that the steps asked for need; the answer is what cannot be tested here, although it was asked for."""
    if not wanted or "pytest-postgresql" in wanted:
        postgres.provided()
    if not wanted or "e2e" in wanted:
        workshop.chromium()
    asked = not wanted or {"pytest-sqlite", "pytest-postgresql"} & set(wanted)
    found = [] if not asked or workshop.imap() else ["!!! No Dovecot and no way to install it: fetching letters by IMAP is NOT tested."]
    if asked and not workshop.post():
        found.append("!!! No Postfix and no way to install it: letters that go the whole way by a real SMTP server are NOT tested.")
    return found


def steps(python: str, wanted: list[str], stack: ExitStack) -> list[Step]:
    """The steps asked for, long ones first."""
    quick = wanted == ["quick"]

    def asked(name: str) -> bool:
        return name in wanted if wanted and not quick else not (quick and name in SLOW)

    found = [pytest(python, "pytest-sqlite")]
    if asked("pytest-postgresql"):
        found.append(on_postgresql(python, stack))
    found += [*statics(python), *web(python), demonstration(python)]
    return [step for step in found if asked(step.name)]


def main(wanted: list[str]) -> int:
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # so that the database of the tests is put away
    LOGS.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(STORIES["KEFU_E2E_FILLED"], ignore_errors=True)  # that of an earlier run
    os.environ.setdefault("KEFU_STATE", str(LOGS / "state"))
    os.environ["PYTHONPATH"] = str(ROOT)
    # Hundreds of processes are started: what the first one compiled need not be compiled again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with ExitStack() as stack:
        # The packages of Python, one after the other, leave a processor to those of the machine.
        provided = stack.enter_context(ThreadPoolExecutor(1)).submit(provide, wanted)
        python = str(workshop.environment("test"))
        workshop.bundle(python)
        missing = provided.result()
        for line in missing:
            workshop.say(line)
        todo = steps(python, wanted, stack)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Step.run, todo))
        if not wanted or "e2e" in wanted:
            for step in e2e(python):
                step.run()
                todo.append(step)
    passed, failed = sum(step.passed for step in todo), sum(step.failed for step in todo)
    workshop.say(f"\n{time.monotonic() - began:.0f} s; logs in {LOGS.relative_to(ROOT)}")
    for line in missing:  # again, where the verdict is read
        workshop.say(line)
    workshop.say(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
