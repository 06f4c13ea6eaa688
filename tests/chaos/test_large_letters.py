"""A letter of 30 MB comes in by IMAP and by the pipe, is read at the desk with its file, and no process grows without bound."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.email import dovecot
from tests.email.letters import letter
from tests.email.test_killed import MAILBOX
from tests.installation import ROOT

MB = 1024 * 1024
WORDS = "附件是整栋楼的检修录像，请查收。"
# What one letter may cost at its peak, beside what the process needs for a small one: its bytes, the file in them, and what is on its way.
MOST_TIMES = 6
READ = """
import hashlib
from django.test import Client
from kefu.people import sign_in
from kefu.people.models import Staff
from kefu.touch.conversations.models import Attachment, Message
made = Message.objects.get(foreign_id="%s")
one = Attachment.objects.select_related("file").get(message=made)
client = Client()
session = client.session
session[sign_in.STAFF_KEY] = Staff.objects.get(number="021").pk
session.save()
client.cookies["sessionid"] = session.session_key
page = client.get(f"/inbox/{made.conversation_id}")
answer = client.get(f"/files/{one.file_id}/{one.file.name}")
digest, size = hashlib.sha256(), 0
for piece in answer.streaming_content if answer.streaming else [answer.content]:
    digest.update(piece)
    size += len(piece)
text = page.content.decode()
seen = [made.text.strip() in text, one.file.name in text, len(text) < 200_000]
result = [page.status_code, *seen, answer.status_code, size, digest.hexdigest()]
"""


def large(identifier: str, content: bytes) -> bytes:
    """A letter with one file, written by hand: the standard library would need longer to encode it than all the rest takes."""
    head, _, _rest = letter(identifier, WORDS).partition(b"\n\n")
    kept = b"\n".join(line for line in head.splitlines() if not line.lower().startswith((b"content-", b"mime-")))
    parts = [
        kept + b'\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n',
        b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + WORDS.encode(),
        b'--b\nContent-Type: application/pdf; name="video.pdf"\nContent-Disposition: attachment; filename="video.pdf"\n'
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(content),
        b"--b--\n",
    ]
    return b"\n".join(parts)


# A process is told the most memory that whoever began it held, too: so a small one begins the command, and says what its child held.
BEGIN = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "kefu.entry.cli", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def peak(installation, words: list[str], data: Path | None = None) -> tuple[int, str]:
    """The most memory a command held, in bytes, and what it printed."""
    with open(data or os.devnull, "rb") as source:
        done = subprocess.run(
            [sys.executable, "-c", BEGIN, *words], cwd=ROOT, env=installation.environment, stdin=source, capture_output=True, check=False
        )
    assert done.returncode == 0, done.stderr
    return int(done.stderr.split()[-1]) * 1024, done.stdout.decode()


@pytest.mark.skipif(dovecot.program() is None, reason="IMAP IS NOT TESTED: install dovecot-imapd")
def test_a_letter_of_thirty_megabytes_is_taken_in_and_read(installation, tmp_path):
    content = b"%PDF-1.4\n" + os.urandom(22 * MB) + b"\n%%EOF\n"
    piped, small = tmp_path / "large.eml", tmp_path / "small.eml"
    piped.write_bytes(large("<pipe@home.example>", content))
    small.write_bytes(letter("<small@home.example>", WORDS))
    size = piped.stat().st_size
    assert size > 29 * MB
    with dovecot.running() as server:
        installation.python(MAILBOX % server.port)
        few, _said = peak(installation, ["mail", "ingest"], small)
        many, said = peak(installation, ["mail", "ingest"], piped)
        assert json.loads(said)["result"] == "stored"
        server.drop(letter("<first@home.example>", WORDS))
        fetched_few, _said = peak(installation, ["mail", "fetch"])
        server.drop(large("<imap@home.example>", content))
        fetched_many, _said = peak(installation, ["mail", "fetch"])
    grown = {"pipe": (many - few) / size, "imap": (fetched_many - fetched_few) / size}
    assert min(grown.values()) > 0.5, grown  # it was measured
    assert max(grown.values()) < MOST_TIMES, grown
    wanted = [200, True, True, True, 200, len(content), hashlib.sha256(content).hexdigest()]
    for identifier in ("<pipe@home.example>", "<imap@home.example>"):
        assert installation.python(READ % identifier) == wanted, identifier
