"""Letters read by a process of its own, so that a full folder is read on one processor while the letters before are stored on another.

It speaks over its standard input and output, knows neither database nor network, and ends when the other end is closed.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from kefu.engines.mail.reading import Message, NotAMail, read
from kefu.engines.mail.texts import Told
from kefu.engines.search import cut

ROOT = Path(__file__).resolve().parents[3]


class Reader:
    """The other end of such a process. One thread may ask and another take the answers, so that it never waits for either; they come in
    the order in which they were asked for. All calls raise ``OSError``, ``EOFError`` or ``UnpicklingError`` if the process is gone."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def ask(self, letters: Sequence[bytes]) -> None:
        """Have these read. Returns when the process has begun with them, so somebody has to take the answers meanwhile."""
        if self.process.stdin is None:
            raise EOFError
        _write(self.process.stdin, list(letters))

    def answer(self) -> list[Message | None]:
        """What ``reading.read`` says of each of the letters that were asked for; None for one that it cannot read."""
        if self.process.stdout is None:
            raise EOFError
        found: list[Message | None] = pickle.load(self.process.stdout)  # noqa: S301 - our own child
        return found


@contextmanager
def reader() -> Iterator[Reader]:
    """A process that reads until the end of the block."""
    told = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}
    process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=told)  # noqa: S603 - ourselves
    try:
        yield Reader(process)
    finally:
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream:
                    stream.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _write(stream: BinaryIO | object, value: object) -> None:
    pickle.dump(value, stream, protocol=5)  # type: ignore[arg-type]
    stream.flush()  # type: ignore[union-attr]


def _plain(data: bytes) -> Message | None:
    """A letter with all that can be asked of it made already."""
    try:
        letter = read(data)
        letter.texts = Told(letter.html, letter.texts.faults)
        letter.cut = cut.beforehand(cut.of_message(letter.subject, letter.reply or letter.text))
        for one in letter.attachments:
            one.content = partial(bytes, one.content())
    except (NotAMail, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return letter


def main() -> None:
    gc.freeze()  # what was loaded stays; what a batch leaves behind is looked through seldom
    gc.set_threshold(10_000, 20, 50)
    while True:
        try:
            letters: list[bytes] = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent
        except EOFError:
            return
        _write(sys.stdout.buffer, [_plain(one) for one in letters])


if __name__ == "__main__":
    main()
