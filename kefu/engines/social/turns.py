"""What a person wrote or did, read out of the messages of the platforms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EVENT, UNKNOWN = "event", "unknown"
CUSTOMER, SYSTEM = 3, 4


class Unreadable(Exception):
    """It lacks what every message has."""


@dataclass(frozen=True)
class Came:
    """One message or event. ``foreign_id`` is the platform's; ``media`` names a file that lies at the platform for three days.

    ``kind`` is text, image, voice, video, file, location, link, event, or unknown (with the platform's name of it in ``title``).
    ``place`` is (latitude, longitude). Of an event, ``event`` is its name and ``key`` what it is about.
    """

    foreign_id: str
    sender: str
    kind: str
    text: str = ""
    title: str = ""
    url: str = ""
    media: str = ""
    place: tuple[str, str] = ("", "")
    at: datetime | None = None
    event: str = ""
    key: str = ""
    code: str = ""


def _instant(seconds: object) -> datetime | None:
    text = str(seconds)
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) <= 11 else None


def of_official(fields: Mapping[str, str]) -> Came:
    """A message of an official account (公众号). Raises ``Unreadable``."""
    sender, kind = fields.get("FromUserName", "")[:128], fields.get("MsgType", "").lower()
    if not sender or not kind:
        raise Unreadable("no sender or no kind")
    at = _instant(fields.get("CreateTime", ""))
    if kind == EVENT:
        event = fields.get("Event", "").lower()[:40]
        name = f"{sender}:{fields.get('CreateTime', '')[:20]}:{event}"
        return Came(name, sender, EVENT, at=at, event=event, key=fields.get("EventKey", "")[:200])
    foreign = fields.get("MsgId") or fields.get("MsgID") or ""
    if not foreign:
        raise Unreadable("no MsgId")
    own: dict[str, Any] = {"media": fields.get("MediaId", "")[:300], "at": at}
    if kind == "text":
        own |= {"text": fields.get("Content", "")}
    elif kind == "location":
        own |= {"title": fields.get("Label", ""), "place": (fields.get("Location_X", "")[:30], fields.get("Location_Y", "")[:30])}
    elif kind == "link":
        own |= {"title": fields.get("Title", ""), "text": fields.get("Description", ""), "url": fields.get("Url", "")}
    elif kind == "voice":
        own |= {"text": fields.get("Recognition", "")}
    elif kind == "shortvideo":
        kind = "video"
    elif kind not in ("image", "video"):
        own |= {"title": kind[:40]}
        kind = UNKNOWN
    return Came(foreign[:200], sender, kind, **own)


def _text(value: object, most: int = 10_000) -> str:
    """What stood in JSON as a text that a database stores."""
    return "" if value is None else str(value).replace("\x00", "")[:most]


def of_service(row: Mapping[str, Any]) -> Came | None:
    """A message of 微信客服; None for what staff wrote in WeCom itself. Raises ``Unreadable``."""
    kind = _text(row.get("msgtype"), 40).lower()
    inner = row.get(kind)
    inner = inner if isinstance(inner, dict) else {}
    at, foreign = _instant(row.get("send_time", "")), _text(row.get("msgid"), 200)
    if kind == EVENT:
        event, sender = _text(inner.get("event_type"), 40), _text(inner.get("external_userid"), 128)
        name = foreign or f"{sender}:{row.get('send_time', '')}:{event}"[:200]
        about = _text(inner.get("fail_msgid") or inner.get("recall_msgid"), 64)
        code = _text(inner.get("welcome_code") or inner.get("fail_type"), 200)
        return Came(name, sender, EVENT, at=at, event=event, key=about, code=code)
    if row.get("origin", CUSTOMER) != CUSTOMER:
        return None
    sender = _text(row.get("external_userid"), 128)
    if not sender or not foreign:
        raise Unreadable("no sender or no msgid")
    said = {name: _text(inner.get(name)) for name in ("content", "media_id", "name", "address", "title", "desc", "url")}
    own: dict[str, Any] = {"media": said["media_id"][:300], "at": at}
    if kind == "text":
        own |= {"text": said["content"]}
    elif kind == "location":
        where = (_text(inner.get("latitude"), 30), _text(inner.get("longitude"), 30))
        own |= {"title": " ".join(one for one in (said["name"], said["address"]) if one), "place": where}
    elif kind == "link":
        own |= {"title": said["title"], "text": said["desc"], "url": said["url"]}
    elif kind not in ("image", "voice", "video", "file"):
        own |= {"title": kind[:40]}
        kind = UNKNOWN
    return Came(foreign, sender, kind, **own)
