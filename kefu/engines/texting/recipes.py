"""A gateway over HTTP, described by data: how a text is sent, how answers, receipts and incoming texts are read and proved.

The description is JSON that an administrator writes from the manual of the vendor (docs/sms.md). Only named places are filled; nothing in
it is ever run.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PLACE = re.compile(r"\{([a-z_]+|field\.[A-Za-z0-9_.-]+)\}")
KNOWN = {
    *("number", "digits", "national", "text", "signature", "id", "template", "params", "key", "secret", "basic"),
    *("time", "time_ms", "stamp", "iso", "nonce", "body", "sign"),
}
MOST_ROWS = 1000
Algorithm = Literal["hmac-sha256", "hmac-sha1", "hmac-md5", "hmac-sha512", "sha256", "sha1", "md5"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _places(value: Any) -> Iterable[str]:
    """The names in braces, anywhere in a text or a tree of texts."""
    if isinstance(value, str):
        yield from (found[1] for found in PLACE.finditer(value))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _places(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _places(one)


def _known(value: Any, extra: frozenset[str] = frozenset()) -> Any:
    for name in _places(value):
        if name not in KNOWN | extra and not name.startswith("field."):
            raise ValueError(f"there is no place {{{name}}}")
    return value


class Sign(_Part):
    """``text`` is what is signed; with hmac the secret is the key, else it stands in the text as {secret}."""

    algorithm: Algorithm
    text: str = Field(max_length=1000)
    encoding: Literal["hex", "HEX", "base64"] = "hex"

    @field_validator("text")
    @classmethod
    def _filled(cls, value: str) -> str:
        return str(_known(value))

    def made(self, values: Mapping[str, str], secret: str) -> str:
        data = fill(self.text, values).encode()
        kind = self.algorithm.rpartition("-")[2]
        if self.algorithm.startswith("hmac"):
            digest = hmac.new(secret.encode(), data, kind).digest()
        else:
            digest = hashlib.new(kind, data, usedforsecurity=False).digest()
        if self.encoding == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if self.encoding == "HEX" else digest.hex()


class Send(_Part):
    url: str = Field(max_length=500)
    method: Literal["POST", "PUT", "GET"] = "POST"
    type: Literal["json", "form"] = "json"
    headers: dict[str, str] = Field(default_factory=dict, max_length=30)
    body: dict[str, Any] = Field(max_length=60)
    sign: Sign | None = None
    repeatable: bool = False

    @field_validator("url")
    @classmethod
    def _guarded(cls, value: str) -> str:
        place = urlsplit(value)
        if not place.hostname or (place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOOPBACK)):
            raise ValueError("the address must begin with https://")
        return str(_known(value))

    @field_validator("headers", "body")
    @classmethod
    def _filled(cls, value: Any) -> Any:
        return _known(value)

    @model_validator(mode="after")
    def _signed(self) -> Send:
        inside = "sign" in {*_places(self.body)}
        if self.sign and inside and "body" in {*_places(self.sign.text)}:
            raise ValueError("the signature cannot stand in the body that it signs")
        if not self.sign and (inside or "sign" in {*_places(self.headers), *_places(self.url)}):
            raise ValueError("say under “sign” how {sign} is made")
        if "secret" in {*_places(self.url)}:
            raise ValueError("no secret in an address")
        return self


class Answer(_Part):
    """The text was taken if the value at ``ok`` is one of ``values``; ``busy`` are values that ask to wait."""

    ok: str = ""
    values: tuple[str, ...] = ()
    id: str = ""
    error: str = ""
    busy: tuple[str, ...] = ()


class Check(_Part):
    """How the vendor signs what it posts. ``where`` names the header or field with the signature, ``time`` the one with the time."""

    by: Literal["signature", "address"] = "signature"
    sign: Sign | None = None
    where: str = ""
    time: str = ""
    within: int = Field(default=300, ge=10, le=3600)

    @model_validator(mode="after")
    def _said(self) -> Check:
        if self.by == "signature" and (self.sign is None or not self.where):
            raise ValueError("say how the signature is made and where it stands, or write “by”: “address”")
        return self


class Receipts(_Part):
    rows: str = ""
    id: str
    state: str
    delivered: tuple[str, ...]
    pending: tuple[str, ...] = ()
    detail: str = ""
    reply: str = "OK"


class Inbound(_Part):
    rows: str = ""
    id: str = ""
    number: str
    text: str
    to: str = ""
    time: str = ""
    reply: str = "OK"


class Recipe(_Part):
    send: Send
    answer: Answer = Answer()
    check: Check | None = None
    receipts: Receipts | None = None
    inbound: Inbound | None = None

    @model_validator(mode="after")
    def _checked(self) -> Recipe:
        if (self.receipts or self.inbound) and self.check is None:
            raise ValueError("say under “check” how posted receipts and texts are proved to be the vendor's")
        return self


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled; what fills them is not looked at again."""
    return PLACE.sub(lambda found: values.get(found[1], ""), text)


def filled(tree: Any, values: Mapping[str, str]) -> Any:
    """``fill`` for every text of a tree."""
    if isinstance(tree, str):
        return fill(tree, values)
    if isinstance(tree, Mapping):
        return {name: filled(one, values) for name, one in tree.items()}
    if isinstance(tree, list | tuple):
        return [filled(one, values) for one in tree]
    return tree


def dig(data: Any, path: str) -> Any:
    """The value at "data.0.id"; None where there is none. An empty path is the whole."""
    for step in path.split(".") if path else ():
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def said(data: Any, path: str) -> str:
    """The value at a path as text: true is "true", a number its digits, anything nested is nothing."""
    value = dig(data, path) if path else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def rows(data: Any, path: str) -> list[Any]:
    """The rows at a path; one alone is a list of one."""
    found = dig(data, path)
    if isinstance(found, list):
        return found[:MOST_ROWS]
    return [] if found is None else [found]
