"""A real IMAP server on loopback: Dovecot with a folder of its own, gone afterwards."""

from __future__ import annotations

import base64
import getpass
import grp
import hmac
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from tests.email.certificates import Certificate

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
mail_uid = {owner}
mail_gid = {owner_group}
mail_location = maildir:{folder}/mail/%u
auth_mechanisms = plain xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/sign-in {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
mailbox_idle_check_interval = 1s
mail_max_userip_connections = 50
auth_failure_delay = 0
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _give(path: Path) -> None:
    if not os.geteuid():
        shutil.chown(path, "nobody", grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name)


# Tokens are judged by their signature (HS256), made with a key that the server shares with whoever issues them.
TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
TOKEN_KEY = b"a key of sixty-four bytes and no secret: it signs tokens of tests"


def token(user: str) -> str:
    """An access token for this user, as an identity provider makes one (RFC 7519)."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    now = int(time.time())
    told = {"sub": user, "iat": now - 60, "nbf": now - 60, "exp": now + 600}
    signed = ".".join(part(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, told))
    return f"{signed}.{part(hmac.digest(TOKEN_KEY, signed.encode(), 'sha256'))}"


@dataclass
class Imap:
    folder: Path
    port: int
    tls_port: int = 0
    dropped: int = 0
    server: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it; it answers when this returns."""
        found = program()
        assert found, "dovecot is not installed"
        words = [found, "-F", "-c", str(self.folder / "dovecot.conf")]
        self.server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        log = self.folder / "log"
        assert _answers(self.server, self.port), log.read_text() if log.exists() else "dovecot did not start"

    def end(self) -> None:
        """Stop it with all its connections."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(60)

    def drop(self, data: bytes, user: str = "service") -> None:
        """A letter arrives in the inbox of ``user``."""
        inbox = self.folder / "mail" / user
        for part in ("tmp", "new", "cur"):
            (inbox / part).mkdir(parents=True, exist_ok=True)
            _give(inbox / part)
        _give(inbox)
        self.dropped += 1
        draft = inbox / "tmp" / f"{self.dropped:06}.loopback"
        draft.write_bytes(data)
        _give(draft)
        draft.rename(inbox / "new" / draft.name)

    def forget(self, user: str = "service") -> None:
        """The server numbers the letters of ``user`` anew."""
        for file in (self.folder / "mail" / user).glob("dovecot*"):
            file.unlink()


def program() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def running(certificate: Certificate | None = None) -> Iterator[Imap]:
    """With a certificate the server speaks TLS, too, and STARTTLS."""
    folder, port = Path(tempfile.mkdtemp(prefix="kefu-imap-")), free_port()
    owner = getpass.getuser() if os.geteuid() else "nobody"  # the server hands out no letters of root
    owner_group = grp.getgrgid(pwd.getpwnam(owner).pw_gid).gr_name
    user = owner if os.geteuid() else "dovenull"
    group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    _give(folder / "mail")
    words = {"folder": folder, "port": port, "user": user, "group": group, "owner": owner, "owner_group": owner_group}
    words |= {"ssl": "yes" if certificate else "no", "tls_port": free_port() if certificate else 0}
    text = CONFIG.format(**words)
    if certificate:
        text += f"ssl_cert = <{certificate.chain}\nssl_key = <{certificate.key}\n"
    (folder / "dovecot.conf").write_text(text)
    (folder / "oauth2.conf").write_text(TOKENS.format(folder=folder))
    (folder / "keys" / "default" / "HS256").mkdir(parents=True)
    (folder / "keys" / "default" / "HS256" / "default").write_bytes(base64.b64encode(TOKEN_KEY))
    made = Imap(folder, port, int(words["tls_port"]))
    try:
        made.begin()
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return server.poll() is None
    return False


@contextmanager
def cutting(port: int, *limits: int) -> Iterator[int]:
    """A way to ``port`` that breaks after so many bytes of the server: the first time after the first limit, and so on; then never."""
    left = list(limits)

    class Way(StreamRequestHandler):
        def handle(self) -> None:
            limit = left.pop(0) if left else 1 << 60
            with socket.create_connection(("127.0.0.1", port)) as server:
                Thread(target=self.upwards, args=(server,), daemon=True).start()
                while limit > 0 and (data := server.recv(min(limit, 65536))):
                    self.connection.sendall(data)
                    limit -= len(data)
                self.connection.shutdown(socket.SHUT_RDWR)

        def upwards(self, server: socket.socket) -> None:
            try:
                while data := self.connection.recv(65536):
                    server.sendall(data)
            except OSError:
                return

    ThreadingTCPServer.daemon_threads = True
    with ThreadingTCPServer(("127.0.0.1", 0), Way) as way:
        Thread(target=way.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield way.server_address[1]
        finally:
            way.shutdown()
