"""The page over all channels: what is ill comes first, and who leads the inbox sees it without being led to settings that are shut."""

from kefu.kit import moment
from kefu.touch.channels.chat.models import Widget
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries
from kefu.touch.conversations.models import Account
from tests.browser import Browser
from tests.conversations.makers import account, letter, services


def test_one_page_says_how_every_channel_fares(cast, signed_in):
    box = account(cast)
    Mailbox.objects.create(account=box, imap_host="127.0.0.1", fetched_at=moment.now())
    chat = Account.objects.create(channel=Channel.CHAT, name="官网", address="k" * 20, unit=cast.centre)
    Widget.objects.create(account=chat, key="k" * 20)
    came = services.receive(account=box, incoming=letter())[0].at
    assert queries.last_of_accounts() == {box.pk: (came, None)}
    page = Browser(signed_in(cast.admin)).open("/settings/channels")
    assert page.text.index("官网") < page.text.index(box.address)  # not tried yet stands before what works
    assert page.can_press("官网")
    Account.objects.filter(pk=box.pk).update(health="failing", trouble="sign-in: refused")
    page = Browser(signed_in(cast.manager)).open("/settings/channels")
    assert page.text.index(box.address) < page.text.index("官网")
    assert "sign-in: refused" in page.text
    assert "授权码" in page.text
    assert not page.can_press("官网")
    assert signed_in(cast.agent).get("/settings/channels").status_code == 403
