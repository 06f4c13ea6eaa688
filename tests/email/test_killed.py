"""A worker that watches a folder is killed in the middle, and the mail server goes away and comes back: each letter is one contact."""

import signal

import pytest

from tests.email import dovecot
from tests.email.letters import letter

pytestmark = pytest.mark.skipif(dovecot.program() is None, reason="IMAP IS NOT TESTED: install dovecot-imapd")

MAILBOX = """
from kefu.people.models import Unit
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations.models import Account
unit = Unit.objects.create(name="客服中心", code="kf", path="/1/") if not Unit.objects.exists() else Unit.objects.first()
account = Account.objects.create(channel="email", name="服务邮箱", address="service@kefu.example", unit=unit)
words = {"imap_host": "127.0.0.1", "imap_port": %d, "imap_security": "none", "user": "service", "password": "secret"}
Mailbox.objects.create(account=account, **words)
result = account.pk
"""
# Waits in one process for so many messages, for so many seconds at most; asking anew each time would slow down what is waited for.
HOW_MANY = """
import time
from kefu.touch.conversations.models import Message
end = time.monotonic() + %(seconds)d
while Message.objects.count() < %(count)d and time.monotonic() < end:
    time.sleep(0.1)
result = Message.objects.count()
"""
# The lease of a process that is no more ends by itself after thirty seconds.
LATER = """
from kefu.touch.channels.email.models import Mailbox
result = Mailbox.objects.update(watched_until=None)
"""
KEPT = """
from collections import Counter
from kefu.touch.contacts.models import Contact
from kefu.touch.channels.email.models import Quarantined
from kefu.touch.conversations.models import Conversation, Message
result = {
    "letters": Counter(Message.objects.values_list("foreign_id", flat=True)),
    "contacts": [Contact.objects.count(), Conversation.objects.count()],
    "odd": Quarantined.objects.count(),
}
"""
LARGE = "这封信很长。" * 20_000  # eight of them are a batch


def test_each_letter_is_one_contact_whatever_dies_in_the_middle(installation):
    def there(count, seconds=240):
        return installation.python(HOW_MANY % {"count": count, "seconds": seconds}) >= count

    def kill(worker):
        worker.kill()
        worker.communicate(timeout=60)

    with dovecot.running() as server:
        for number in range(24):
            server.drop(letter(f"<{number}@home.example>", LARGE))
        installation.python(MAILBOX % server.port)
        worker = installation.start("worker")
        try:
            assert there(1)
        finally:
            kill(worker)
        server.end()
        server.begin()
        for number in range(24, 30):
            server.drop(letter(f"<{number}@home.example>"))
        installation.python(LATER)
        worker = installation.start("worker")
        try:
            assert there(30)
            server.drop(letter("<30@home.example>"))  # it is watched by now, and told of
            for _each in range(40):
                if there(31, seconds=3):
                    break
                server.drop(letter("<30@home.example>"))  # one of the moment in which the server last looked is told of with the next
            worker.send_signal(signal.SIGTERM)
            worker.communicate(timeout=90)
        finally:
            kill(worker)
        kept = installation.python(KEPT)
    assert kept["letters"] == {f"<{number}@home.example>": 1 for number in range(31)}
    assert (kept["contacts"], kept["odd"]) == ([31, 31], 0)
