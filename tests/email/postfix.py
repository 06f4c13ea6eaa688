"""A real SMTP server on loopback: a Postfix of its own with its own folder and port, which delivers into the folders of ``dovecot`` and
nowhere else, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.email import dovecot

CONFIG = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
default_transport = error:5.4.4 this server delivers to its own folders only
relay_transport = $default_transport
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_mailbox_limit = 0
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = check_recipient_access texthash:{folder}/waiting, permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sign_in}
notify_classes =
"""
SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def hindrance() -> str:
    """Why it cannot be run here."""
    if not program() or dovecot.program() is None:
        return "NO REAL SMTP SERVER IS TESTED: install postfix and dovecot-imapd"
    return "NO REAL SMTP SERVER IS TESTED: Postfix is started by root only" if os.geteuid() else ""


def program() -> str | None:
    return shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass
class Smtp:
    """``wait_for`` are those for whom it says 451 from now on."""

    folder: Path
    port: int

    def wait_for(self, *addresses: str) -> None:
        (self.folder / "waiting").write_text("".join(f"{one} 451 4.2.0 try again later\n" for one in addresses))
        _run(self.folder, "reload")


def _run(folder: Path, word: str) -> None:
    done = subprocess.run(
        [program() or "", "-c", str(folder / "conf"), word], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    log = folder / "log"
    assert not done.returncode, done.stdout.decode() + (log.read_text() if log.exists() else "")


def _default(name: str) -> str:
    words = [str(Path(program() or "").with_name("postconf")), "-d", "-h", name]
    return subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


@contextmanager
def running(folders: dovecot.Imap, addresses: Sequence[str]) -> Iterator[Smtp]:
    """It knows these addresses; the part before the @ is the user of ``dovecot``. Others of their domains come back."""
    folder, port, nobody = Path(tempfile.mkdtemp(prefix="kefu-smtp-")), dovecot.free_port(), pwd.getpwnam("nobody")
    folder.chmod(0o755)
    for part in ("conf", "queue", "data"):
        (folder / part).mkdir()
    shutil.chown(folder / "data", _default("mail_owner"))
    text = CONFIG.format(
        folder=folder, commands=_default("command_directory"), daemons=_default("daemon_directory"), mail=folders.folder / "mail",
        sign_in=folders.folder / "sign-in",
        domains=" ".join({one.partition("@")[2] for one in addresses}), uid=nobody.pw_uid, gid=nobody.pw_gid,
        mailboxes=", ".join(f"{{ {one} = {one.partition('@')[0]}/ }}" for one in addresses),
    )  # fmt: skip
    (folder / "conf" / "main.cf").write_text(text)
    (folder / "conf" / "master.cf").write_text(SERVICES.format(port=port))
    (folder / "waiting").touch()
    try:
        _run(folder, "start")
        yield Smtp(folder, port)
    finally:
        _run(folder, "stop")
        shutil.rmtree(folder, ignore_errors=True)
