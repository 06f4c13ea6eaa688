"""Typing and what was read: told to the other side, kept nowhere but as one number, and nobody else's to set."""

from kefu.touch.channels.chat.models import Visitor
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from tests.chat.makers import Browser, widget


def test_each_side_sees_what_the_other_has_read(cast, signed_in):
    widget(cast)
    guest, other = Browser().start(name="张伟"), Browser("w" * 20).start()
    asked = guest.send("电梯坏了", "id-000001").json()["turns"][0]["seq"]
    talk, agent = Conversation.objects.get(), cast.actor(cast.agent)
    handling.take(actor=agent, id=talk.pk)
    handling.reply(actor=agent, id=talk.pk, text="马上派人")
    told = Message.objects.latest("pk").pk
    desk, address = signed_in(cast.agent), f"/inbox/{talk.pk}/mark"
    page = desk.get(f"/inbox/{talk.pk}").content.decode()
    assert "data-read-mark hidden>已读" in page
    assert f'<kefu-signs class="d-block small text-secondary mb-1" talk="{talk.pk}"' in page
    assert guest.ask("mark", read=told + 1).status_code == guest.ask("mark", read="x", types=True).status_code == 200
    other.ask("mark", read=told, types=True)
    assert set(Visitor.objects.values_list("read_id", flat=True)) == {0}
    guest.ask("mark", read=told)
    assert "data-read-mark>已读" in desk.get(f"/inbox/{talk.pk}").content.decode()
    assert guest.ask("turns").json()["seen"] == 0
    assert signed_in(cast.manager).post(address, {"read": asked, "types": "1"}).status_code == 204
    assert guest.ask("turns").json()["seen"] == 0
    assert [desk.post(address, {"read": one, "types": "1"}).status_code for one in (asked, "0", "x", told)] == [204] * 4
    assert guest.ask("turns").json()["seen"] == asked
    assert signed_in(cast.crew).post(address, {"read": asked}).status_code in (403, 404)
