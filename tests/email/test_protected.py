"""Connections that are protected: TLS from the first byte and STARTTLS, with certificates that are judged, and tokens for a password."""

import pytest

from kefu.engines.post import imap, smtp
from kefu.engines.post.servers import Login, Server, SignInRefused, Trouble
from kefu.touch.channels.email import asking, queries
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations.models import Account, Message
from tests.conversations.makers import account
from tests.email import certificates, dovecot, servers
from tests.email.letters import letter

needs_dovecot = pytest.mark.skipif(dovecot.program() is None, reason="IMAP IS NOT TESTED: install dovecot-imapd")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(certificate):
    with dovecot.running(certificate) as started:
        yield started


@pytest.fixture
def trusted(settings, certificate):
    settings.MAIL_CA_FILE = str(certificate.authority)


def box(cast, server, security, **words):
    port = server.tls_port if security == "tls" else server.port
    told = {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": security, "user": "li", "password": "secret", **words}
    return Mailbox.objects.create(account=account(cast), **told)


def logins(server):
    return (server.folder / "log").read_text().count("Login: user=")


@needs_dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_letters_come_over_a_protected_connection_whose_certificate_is_trusted(cast, server, trusted, security):
    server.drop(letter(f"<{security}@home.example>"), "li")
    assert asking.round_of(box(cast, server, security)).results["stored"]
    assert Message.objects.filter(foreign_id=f"<{security}@home.example>").exists()


@needs_dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused_and_no_password_goes_out(cast, server, security):
    before = logins(server)
    with pytest.raises(Trouble, match=r"certificate of the server is not trusted: .*self-signed"):
        asking.round_of(box(cast, server, security))
    told = Account.objects.get().trouble
    assert "KEFU_MAIL_CA_FILE" in str(queries.known(told).advice)
    assert logins(server) == before


@needs_dovecot
def test_a_certificate_for_another_name_is_refused(trusted, server):
    with (
        pytest.raises(Trouble, match=r"not trusted: .*localhost"),
        imap.opened(Server("localhost", server.tls_port, "tls"), Login("li", "secret")),
    ):
        raise AssertionError


@needs_dovecot
def test_a_token_opens_the_folder_and_a_forged_one_does_not(cast, server, trusted):
    server.drop(letter("<token@home.example>"), "li")
    where = Server("127.0.0.1", server.tls_port, "tls")
    with imap.opened(where, Login("li", dovecot.token("li"), oauth=True)) as folder:
        assert folder.new(0)
    with pytest.raises(SignInRefused), imap.opened(where, Login("li", dovecot.token("li")[:-4] + "AAAA", oauth=True)):
        raise AssertionError


WORDS = {"sender": "a@x.example", "to": "b@x.example", "data": b"Subject: x\r\n\r\n"}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_letters_go_out_over_a_protected_connection(certificate, trusted, security):
    with servers.smtp(tls=certificate.context(), at_once=security == "tls") as post:
        smtp.send(Server("127.0.0.1", post.port, security), Login("li", "secret"), **WORDS)
    assert (len(post.letters), len(post.signed_in), post.protected) == (1, 1, True)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_nothing_goes_out_to_a_server_that_is_not_trusted(certificate, security):
    untrusted = pytest.raises(Trouble, match="certificate of the server is not trusted")
    with servers.smtp(tls=certificate.context(), at_once=security == "tls") as post, untrusted:
        smtp.send(Server("127.0.0.1", post.port, security), Login("li", "secret"), **WORDS)
    assert (post.letters, post.signed_in) == ([], [])


def test_a_server_without_starttls_gets_no_password():
    with servers.smtp() as post, pytest.raises(Trouble, match="STARTTLS"):
        smtp.send(Server("127.0.0.1", post.port, "starttls"), Login("li", "secret"), **WORDS)
    assert post.signed_in == []


def test_a_file_of_authorities_that_cannot_be_read_is_told(settings, tmp_path):
    settings.MAIL_CA_FILE = str(tmp_path / "missing.pem")
    with pytest.raises(Trouble, match="KEFU_MAIL_CA_FILE"):
        smtp.send(Server("127.0.0.1", 9, "tls"), Login(), **WORDS)
