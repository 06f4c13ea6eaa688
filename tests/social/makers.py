"""Accounts at the double, and what it posts."""

from __future__ import annotations

import io
from typing import Any

from django.test import Client
from PIL import Image

from kefu.kit import moment
from kefu.touch.channels.social.models import Link
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.models import Account, Conversation, Message
from tests.cast import Cast
from tests.social.platform import APP, CORP, KEY, KFID, SECRET, TOKEN, sealed, sha1, xml

HOOK, WHO = "hook-word", "oLVPpjqs9BhvzwPj5A-vTYAX3GLc"


def official(cast: Cast, port: int = 9, **more: Any) -> Link:
    """An official account in use, in the sealed mode (安全模式) unless ``key`` is empty."""
    account = Account.objects.create(channel=Channel.SOCIAL, name="绿洲服务号", address=APP, unit=cast.centre)
    words = {"secret": SECRET, "token": TOKEN, "key": KEY, "hook": HOOK, "base": f"http://127.0.0.1:{port}", "app_id": APP, **more}
    return Link.objects.create(account=account, **words)


def service(cast: Cast, port: int = 9, **more: Any) -> Link:
    account = Account.objects.create(channel=Channel.SOCIAL, name="绿洲微信客服", address=KFID, unit=cast.centre)
    words = {"secret": SECRET, "token": TOKEN, "key": KEY, "hook": HOOK, "base": f"http://127.0.0.1:{port}", "app_id": CORP, **more}
    return Link.objects.create(account=account, platform="service", **words)


def signed(body: str, *, receiver: str = APP, key: str = KEY, at: int | None = None, nonce: str = "n1", both: str = "") -> tuple[str, str]:
    """Query and body of a post; without ``key`` as it is, with ``both`` (plain fields beside) as in 兼容模式."""
    stamp = str(int(moment.now().timestamp()) if at is None else at)
    words = f"signature={sha1(TOKEN, stamp, nonce)}&timestamp={stamp}&nonce={nonce}"
    if not key:
        return words, body
    inner = sealed(body, receiver, key=key)
    mark = sha1(TOKEN, stamp, nonce, inner)
    return f"{words}&encrypt_type=aes&msg_signature={mark}", f"<xml>{both}<Encrypt><![CDATA[{inner}]]></Encrypt></xml>"


def post(query: str, body: str | bytes) -> Any:
    return Client().post(f"/social/{HOOK}?{query}", body, content_type="text/xml")


_nonce = iter(range(10**9))


def said(text: str = "电梯坏了", number: int = 1, *, key: str = KEY, who: str = WHO, **fields: Any) -> Any:
    """A person writes to the official account."""
    told = {"ToUserName": "gh_1", "FromUserName": who, "CreateTime": int(moment.now().timestamp()), "MsgType": "text", "Content": text,
            "MsgId": number, **fields}  # fmt: skip
    return post(*signed(xml(**told), key=key, nonce=f"n{next(_nonce)}"))


def event(name: str, *, who: str = WHO, at: int = 1, key: str = KEY, about: str = "") -> Any:
    told = {"ToUserName": "gh_1", "FromUserName": who, "CreateTime": at, "MsgType": "event", "Event": name, "EventKey": about}
    return post(*signed(xml(**told), key=key, nonce=f"n{next(_nonce)}"))


def rang(nonce: str = "k1") -> Any:
    """微信客服 says that something came."""
    told = xml(ToUserName=CORP, CreateTime=1, MsgType="event", Event="kf_msg_or_event", Token="pulltoken", OpenKfId=KFID)
    return post(*signed(told, receiver=CORP, nonce=nonce))


def row(number: int, kind: str = "text", who: str = "wmAJ2GCAAAme1XQ", **inner: Any) -> dict[str, Any]:
    """What a person wrote to 微信客服, as sync_msg gives it."""
    told = {"msgid": f"m{number}", "open_kfid": KFID, "external_userid": who, "send_time": int(moment.now().timestamp()), "origin": 3}
    return {**told, "msgtype": kind, kind: inner or {"content": f"第{number}句"}}


def talk() -> Conversation:
    return Conversation.objects.latest("pk")


def turns() -> list[str]:
    return list(Message.objects.filter(direction="in").order_by("pk").values_list("reply", flat=True))


def picture(size: int = 40) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (size, size), "teal").save(made, "PNG")
    return made.getvalue()
