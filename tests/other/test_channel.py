"""A system of the firm attaches its own app: messages in, replies out, each once."""

import pytest

from kefu.engines.clock.models import Obligation
from kefu.entry import doctor
from kefu.people import services as people
from kefu.touch.channels.other import queries, settings
from kefu.touch.channels.other.choices import Known
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from tests.browser import Browser

TOLD = {"id": "m-1", "customer": "u-4711", "text": "厨房水管漏水", "name": "张伟", "phone": "13812345678"}


@pytest.fixture
def app(cast):
    return settings.keep(actor=cast.actor(cast.admin), name="业主App", code="our-app", unit_id=cast.centre.pk)


@pytest.fixture
def system(client, cast, app):
    """``system("messages", {...})`` posts, ``system("replies")`` reads, by an API key with just that right."""
    _row, token = people.make_token(actor=cast.actor(cast.manager), name="App", rights=[queries.USE])

    def ask(path, body=None, status=200, code="our-app", token=token):
        url, headers = f"/api/v1/channels/{code}/{path}", {"Authorization": f"Bearer {token}"}
        answer = client.post(url, body, content_type="application/json", headers=headers) if body else client.get(url, headers=headers)
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None

    return ask


def test_messages_come_in_once_and_the_reply_goes_out_and_is_confirmed(cast, app, system):
    first = system("messages", TOLD, 201)
    again = system("messages", TOLD)
    assert again == {**first, "created": False}
    second = system("messages", {**TOLD, "id": "m-2", "text": "请快一点"}, 201)
    other = system("messages", {**TOLD, "id": "m-3", "customer": "u-4712", "phone": ""}, 201)
    assert second["conversation"] == first["conversation"] != other["conversation"]
    talk = Conversation.objects.get(pk=first["conversation"])
    assert (talk.contact.channel, talk.contact.phone, talk.contact.name) == ("api", "+8613812345678", "张伟")
    assert list(Obligation.objects.filter(subject_id=talk.pk).values_list("rule__code", flat=True)) == ["conversation.other_reply"]
    agent = cast.actor(cast.agent)
    handling.take(actor=agent, id=talk.pk)
    reply = handling.reply(actor=agent, id=talk.pk, text="师傅十分钟后到。")
    assert [one.level for one in doctor.channels()] == ["warn"]  # nobody fetches it
    waits = system("replies")["items"]
    assert [(one["id"], one["to"], one["text"]) for one in waits] == [(reply.pk, "u-4711", "师傅十分钟后到。")]
    assert [one.level for one in doctor.channels()] == ["ok"]
    system(f"replies/{reply.pk}/delivery", {"state": "arrived"}, 204)
    system(f"replies/{reply.pk}/delivery", {"state": "arrived"}, 204)
    assert system("replies")["items"] == []
    assert Message.objects.get(pk=reply.pk).delivery == "arrived"
    late = handling.reply(actor=agent, id=talk.pk, text="已修好。")
    system(f"replies/{late.pk}/delivery", {"state": "failed", "trouble": "已卸载"}, 204)
    late.refresh_from_db()
    assert (late.delivery, late.trouble) == ("failed", "已卸载")
    incoming = Message.objects.filter(conversation=talk, direction="in").first()
    system(f"replies/{incoming.pk}/delivery", {"state": "failed"}, 404)


def test_what_is_wrong_is_refused_with_a_sentence(cast, app, system):
    for wrong in ({"customer": "U-4711"}, {"customer": "张伟"}, {"text": "  "}, {"id": ""}, {"text": "x" * 20_001}):
        system("messages", {**TOLD, **wrong}, 422)
    system("messages", TOLD, 404, code="no-app")
    system("messages", TOLD, 401, token="kefu_no")
    _row, other = people.make_token(actor=cast.actor(cast.manager), name="ERP", rights=["orders.see"])
    system("messages", TOLD, 403, token=other)
    system("replies", None, 403, token=other)
    assert not Conversation.objects.exists()
    settings.keep(actor=cast.actor(cast.admin), name="热线", code="by-phone", unit_id=cast.centre.pk, known_by=Known.PHONE)
    system("messages", {**TOLD, "customer": "12"}, 422, code="by-phone")
    made = system("messages", {**TOLD, "customer": "138 1234 5678"}, 201, code="by-phone")
    assert Conversation.objects.get(pk=made["conversation"]).address == "+8613812345678"


def test_a_channel_is_set_up_and_switched_off(cast, signed_in, system, app):
    page = Browser(signed_in(cast.admin)).open("/settings/other")
    assert "业主App" in page.text
    page.open("/settings/other/new").press("保存", 422, name="x", code="our-app", unit_id=str(cast.centre.pk))
    assert "该编码已用于其他渠道" in page.told
    page.open(f"/settings/other/{app.pk}").press("保存", active=False)
    system("messages", TOLD, 404)
    assert "业主App" in page.open("/settings/channels").text
    assert signed_in(cast.manager).get("/settings/other").status_code == 403
