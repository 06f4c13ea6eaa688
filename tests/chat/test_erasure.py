"""What a visitor left goes when its time is over; that there was a talk stays."""

from datetime import timedelta

from kefu.engines.privacy import retention
from kefu.kit import moment
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event, Subject
from kefu.touch.channels.chat.models import Rating, Visitor
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from tests.chat.makers import Browser, widget
from tests.property_centre import NOW


def test_a_visitor_whose_talk_is_long_over_is_erased_and_nobody_else(cast):
    widget(cast)
    agent = cast.actor(cast.agent)
    gone, stays, silent = (Browser().start(name=name) for name in ("张伟", "李娜", "王芳"))
    for guest, id in ((gone, "id-000001"), (stays, "id-000002")):
        guest.send("家住三号楼 502", id)
        talk = Conversation.objects.order_by("-pk")[0]
        handling.reply(actor=agent, id=talk.pk, text="张先生您好")
    old = Conversation.objects.order_by("pk")[0]
    handling.close(actor=agent, id=old.pk, wrap_up="answered")
    gone.ask("rate", stars=2, text="我是张伟")
    with moment.frozen(NOW + timedelta(days=40)):
        retention.set_rule(actor=SYSTEM, data_kind="chat.visitor", months=1, basis="PIPL art. 19")
        proof = retention.erase_due(actor=SYSTEM, data_kind="chat.visitor")
        assert proof is not None
        assert proof.count == 2
        assert retention.erase_due(actor=SYSTEM, data_kind="chat.visitor") is None
        assert [gone.ask("turns").status_code, silent.ask("turns").status_code] == [404, 404]
        assert stays.turns() == [(True, "家住三号楼 502"), (False, "张先生您好")]
    assert list(Visitor.objects.values_list("name", flat=True)) == ["李娜"]
    assert set(Message.objects.filter(conversation=old).values_list("text", "reply", "sender", "foreign_id")) == {("", "", "", None)}
    old.refresh_from_db()
    assert (old.title, old.address, old.contact.name, old.contact.content) == ("", f"erased:{old.pk}", "", "")
    assert (Subject.objects.get(pk=old.pk).title, Rating.objects.get().text, Rating.objects.get().stars) == ("", "", 2)
    assert Event.objects.filter(subject_id=old.pk, kind="conversation.wrote", data={}).exists()
