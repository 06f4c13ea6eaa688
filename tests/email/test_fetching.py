"""Letters fetched from a real IMAP server: once, in spite of cuts and crashes, none blocking another. Without Dovecot these are skipped."""

import json
import threading

import pytest
from django.db import OperationalError

from kefu.engines.post.servers import Trouble
from kefu.entry.cli import main
from kefu.touch.channels.email import asking, tasks
from kefu.touch.channels.email.models import Mailbox, Quarantined
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import routing
from kefu.touch.conversations.models import Account, Message
from tests.conversations.makers import account
from tests.email import dovecot
from tests.email.letters import letter

pytestmark = pytest.mark.skipif(dovecot.program() is None, reason="IMAP IS NOT TESTED: install dovecot-imapd")


@pytest.fixture(scope="module")
def server():
    """One that is installed and does not start is a fault, not a reason to skip."""
    with dovecot.running() as started:
        yield started


@pytest.fixture
def user(request):
    return request.node.name.replace("[", "-").replace("]", "").lower()[-60:]


@pytest.fixture
def box(cast, server, user):
    words = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_security": "none", "user": user, "password": "secret"}
    return Mailbox.objects.create(account=account(cast), **words)


def many(server, user, count, start=0):
    for number in range(start, start + count):
        server.drop(letter(f"<{number}@home.example>", f"第{number}封"), user)


def stored():
    return sorted(Message.objects.values_list("foreign_id", flat=True))


def names(count):
    return sorted(f"<{number}@home.example>" for number in range(count))


def test_what_is_new_is_taken_in_once(server, user, box):
    many(server, user, 3)
    assert asking.round_of(box).results == {"stored": 3}
    many(server, user, 1, 3)
    assert asking.round_of(Mailbox.objects.get()).results == {"stored": 1}
    assert asking.round_of(Mailbox.objects.get()).results == {}
    row = Account.objects.get()
    assert (stored(), row.health, row.trouble) == (names(4), "good", "")


def test_a_folder_that_is_numbered_anew_doubles_nothing(server, user, box):
    many(server, user, 2)
    asking.round_of(box)
    before = Mailbox.objects.get().validity
    server.forget(user)
    Mailbox.objects.update(validity=before - 1)
    assert asking.round_of(Mailbox.objects.get()).results == {"known": 2}
    assert (stored(), Contact.objects.count()) == (names(2), 2)


def test_a_crash_between_fetch_and_commit_loses_nothing_and_doubles_nothing(server, user, box, monkeypatch):
    many(server, user, 5)

    def dies(*_words, **_more):
        assert Message.objects.count() == 5, "it is all there but for the last words"
        raise OperationalError("the machine is gone")

    monkeypatch.setattr(routing.search, "index_many", dies)
    with pytest.raises(OperationalError):
        asking.round_of(box)
    assert (stored(), Mailbox.objects.get().last_uid) == ([], 0)
    monkeypatch.undo()
    asking.round_of(Mailbox.objects.get())
    assert stored() == names(5)


@pytest.mark.parametrize("batch", [1, 50])
def test_a_connection_that_breaks_in_the_middle_goes_on_where_it_was(server, user, box, monkeypatch, batch):
    monkeypatch.setattr(asking, "BATCH", batch)
    many(server, user, 6)
    server.drop(letter("<6@home.example>", "长" * 60_000), user)
    with dovecot.cutting(server.port, 3_000, 40_000) as port:
        Mailbox.objects.update(imap_port=port)
        for _twice in range(2):
            with pytest.raises(Trouble):
                asking.round_of(Mailbox.objects.get())
            assert Account.objects.get().health == "failing"
        asking.round_of(Mailbox.objects.get())
    assert (stored(), Account.objects.get().health) == (names(7), "good")


def test_bad_and_huge_letters_wait_for_a_person_and_the_rest_comes_in(server, user, box, monkeypatch):
    monkeypatch.setattr(asking, "MAX_BYTES", 50_000)
    many(server, user, 1)
    server.drop(b"\x00\xff rubbish \x80" * 20, user)
    server.drop(letter("<huge@home.example>", "大" * 50_000), user)
    many(server, user, 1, 1)
    assert asking.round_of(box).results == {"stored": 2, "quarantined": 2}
    kept = {row.why: row for row in Quarantined.objects.all()}
    assert (stored(), set(kept)) == (names(2), {"no_mail", "too_large"})
    assert (kept["too_large"].title, kept["too_large"].sender) == ("水管漏水", "zhang@home.example")
    assert "INBOX" in kept["too_large"].detail


def test_a_letter_the_server_never_hands_over_is_given_up_at_last(server, user, box, monkeypatch):
    many(server, user, 3)
    plain = asking.imap.Folder.letters

    def sick(folder, uids):
        if 2 in uids:
            raise Trouble("the connection broke")
        return plain(folder, uids)

    monkeypatch.setattr(asking.imap.Folder, "letters", sick)
    for _each in range(asking.GIVE_UP_AFTER + 3):
        try:
            asking.round_of(Mailbox.objects.get())
        except Trouble:
            continue
    assert (stored(), Quarantined.objects.get().why) == (["<0@home.example>", "<2@home.example>"], "stuck")


def test_a_wrong_password_is_told_at_the_mailbox_and_by_the_command(server, user, box, capsysbinary, signed_in, cast):
    Mailbox.objects.update(password="wrong")
    assert main(["mail", "fetch", "service@kefu.example"]) == 1
    assert "AUTHENTICATIONFAILED" in json.loads(capsysbinary.readouterr().out)["error"]
    page = signed_in(cast.admin).get("/settings/mailboxes").content.decode()
    assert "授权码" in page
    assert "wrong" not in page
    Mailbox.objects.update(password="secret")
    many(server, user, 1)
    assert main(["mail", "fetch"]) == 0
    assert json.loads(capsysbinary.readouterr().out) == {"mailbox": "service@kefu.example", "stored": 1}
    assert main(["mail", "fetch", "nobody@kefu.example"]) == 67


@pytest.mark.parametrize("idle", [True, False])
def test_who_watches_takes_in_what_arrives(server, user, box, monkeypatch, idle):
    man = tasks.Watchman()
    assert man.begins(box.pk)
    monkeypatch.setattr(tasks, "RENEW", 0.05)
    monkeypatch.setattr(tasks, "POLLS", 2)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # a test holds one open transaction
    if not idle:
        monkeypatch.setattr(tasks.asking.imap.IMAPClient, "has_capability", lambda client, name: False)
    many(server, user, 1)
    late = threading.Timer(0.3, many, (server, user, 1, 1))
    late.start()
    tries = iter(range(1200))

    def goes_on(_pk):
        tried = next(tries, None)
        if tried and tried % 40 == 0:  # a letter of the same moment as the last look is told of with the next one only (maildir)
            many(server, user, 1, 1)
        return len(stored()) < 2 and tried is not None

    monkeypatch.setattr(man, "goes_on", goes_on)
    man.stay(box.pk)
    late.join()
    assert stored() == names(2)


def test_one_mailbox_is_watched_by_one_process_until_its_lease_ends_or_its_servers_change(box):
    first, second = tasks.Watchman(), tasks.Watchman()
    assert first.begins(box.pk)
    Mailbox.objects.update(watched_by="elsewhere 1")
    assert (second.begins(box.pk), first.goes_on(box.pk)) == (False, False)
    Mailbox.objects.update(watched_until=None)
    assert second.begins(box.pk)
    assert second.goes_on(box.pk)
    Account.objects.update(active=False)
    assert not second.goes_on(box.pk)
