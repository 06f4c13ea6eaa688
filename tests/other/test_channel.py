"""A system of the firm attaches its own app: messages in, replies out, each once."""

import base64
import io

import pytest
from django.utils import translation
from PIL import Image

from kefu.engines.clock.models import Obligation
from kefu.engines.files import services as stored
from kefu.entry import doctor
from kefu.kit import sentences
from kefu.people import services as people
from kefu.touch.channels.other import queries
from kefu.touch.channels.other import settings as setting_up
from kefu.touch.channels.other.choices import Known
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from tests.browser import Browser

TOLD = {"id": "m-1", "customer": "u-4711", "text": "厨房水管漏水", "name": "张伟", "phone": "13812345678"}


@pytest.fixture
def app(cast):
    return setting_up.keep(actor=cast.actor(cast.admin), name="业主App", code="our-app", unit_id=cast.centre.pk)


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
    setting_up.keep(actor=cast.actor(cast.admin), name="热线", code="by-phone", unit_id=cast.centre.pk, known_by=Known.PHONE)
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


def in_base64(content):
    return base64.b64encode(content).decode()


def picture():
    made = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(made, "JPEG")
    return made.getvalue()


def test_files_come_in_and_what_is_not_taken_is_named_in_the_language_of_the_reader(cast, app, system, signed_in):
    files = [
        {"name": "漏水.jpg", "content": in_base64(picture())},
        {"name": "run.exe", "content": in_base64(b"MZ123")},
        {"name": "假的.jpg", "content": in_base64(b"%PDF-1.4 x")},
        {"name": "坏.txt", "content": "no base64!"},
        {"name": "空.txt", "content": ""},
    ]
    told = system("messages", {**TOLD, "text": "", "files": files}, 201)
    assert [one.partition("：")[0] for one in told["not_kept"]] == ["run.exe", "假的.jpg", "坏.txt", "空.txt"]
    assert system("messages", {**TOLD, "text": "", "files": files}) == {**told, "created": False}
    held = Message.objects.get(pk=told["message"])
    assert [one.file.name for one in held.attachments.select_related("file")] == ["漏水.jpg"]
    with translation.override("en"):
        assert "run.exe: Programs, scripts and files with macros are not taken." in sentences.shown(held.trouble)
    with translation.override("zh-hans"):
        assert "空.txt：文件为空" in sentences.shown(held.trouble)
    page = Browser(signed_in(cast.agent)).open(f"/inbox/{held.conversation_id}")
    assert "假的.jpg：" in page.text
    assert sentences.MARK not in page.text
    system("messages", {**TOLD, "id": "m-9", "files": files * 5}, 422)  # more than twenty
    system("messages", {**TOLD, "id": "m-10", "text": ""}, 422)


def test_the_files_of_a_reply_are_fetched_with_the_key_of_its_channel_only(cast, app, system, client):
    talk = system("messages", TOLD, 201)["conversation"]
    agent = cast.actor(cast.agent)
    handling.take(actor=agent, id=talk)
    held = stored.add(actor=agent, upload=io.BytesIO("关闸说明".encode()), name="说明.txt")
    reply = handling.reply(actor=agent, id=talk, text="请看附件。", files=[held.pk])
    (named,) = system("replies")["items"][0]["files"]
    assert (named["name"], named["size"], named["media_type"]) == ("说明.txt", 12, "text/plain")
    _row, token = people.make_token(actor=cast.actor(cast.manager), name="App", rights=[queries.USE])
    key = {"Authorization": f"Bearer {token}"}
    assert b"".join(client.get(named["url"], headers=key).streaming_content) == "关闸说明".encode()
    part = client.get(named["url"], headers={**key, "Range": "bytes=0-2"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, "关".encode())
    setting_up.keep(actor=cast.actor(cast.admin), name="另一个", code="two", unit_id=cast.centre.pk)
    assert client.get(named["url"].replace("our-app", "two"), headers=key).status_code == 404
    system(f"replies/{reply.pk}/files/{held.pk + 1}", None, 404)
    other = stored.store(actor_id=None, upload=io.BytesIO(b"of the talk, not of the reply"), name="x.txt", subject_id=talk)
    system(f"replies/{reply.pk}/files/{other.pk}", None, 404)
    stored.void(actor=agent, file_id=held.pk, reason="传错了")
    system(f"replies/{reply.pk}/files/{held.pk}", None, 404)
    assert system("replies")["items"][0]["files"] == []


def test_a_key_that_asks_too_often_is_told_when_to_come_again(cast, app, system, client, settings):
    settings.API_PER_MINUTE = 3
    for _turn in range(3):
        system("replies")
    told = system("messages", TOLD, 429)
    assert told["code"] == "key_too_often"
    assert not Conversation.objects.exists()
    _row, token = people.make_token(actor=cast.actor(cast.manager), name="B", rights=[queries.USE])
    url, key = "/api/v1/channels/our-app/replies", {"Authorization": f"Bearer {token}"}
    codes = [client.get(url, headers=key) for _turn in range(4)]
    assert [one.status_code for one in codes] == [200, 200, 200, 429]  # each key for itself
    assert codes[3].headers["Retry-After"] == "20"
    assert "20" in codes[3].json()["title"]
