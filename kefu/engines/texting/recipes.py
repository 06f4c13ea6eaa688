"""A gateway over HTTP, described by data: how a text is sent, how answers, receipts and incoming texts are read and proved.

The description is JSON that an administrator writes from the manual of the vendor (docs/sms.md). Only named places are filled; nothing in
it is ever run.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PLACE = re.compile(r"\{([a-z][a-z0-9_]*|field\.[A-Za-z0-9_.-]+)\}")
KNOWN = {
    *("number", "digits", "national", "text", "words", "signature", "id", "template", "params", "object", "list", "joined"),
    *("key", "secret", "basic", "time", "time_ms", "stamp", "iso", "nonce", "body", "body_md5", "body_sha256", "sign"),
}
OF_BODY = {"body", "body_md5", "body_sha256"}
SORTED = frozenset({"sorted", "sorted_encoded"})
TREES = {"{object}", "{list}"}
MOST_ROWS = 1000
Algorithm = Literal["hmac-sha256", "hmac-sha1", "hmac-md5", "hmac-sha512", "sha256", "sha1", "md5"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def places(value: Any) -> Iterable[str]:
    """The names in braces, anywhere in a text or a tree of texts."""
    if isinstance(value, str):
        yield from (found[1] for found in PLACE.finditer(value))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from places(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from places(one)


def _known(value: Any, extra: frozenset[str] = frozenset()) -> Any:
    for name in places(value):
        if name not in KNOWN | extra and not name.startswith("field."):
            raise ValueError(_("There is no place %(name)s.") % {"name": f"{{{name}}}"})
    return value


class Sorting(_Part):
    """How ``{sorted}`` is made of the fields of the body, by name: which are left out beside the one of the signature, what stands between
    name and value and between fields, and whether empty ones count and names and values are percent-encoded (RFC 3986)."""

    skip: tuple[str, ...] = ()
    pair: str = Field(default="=", max_length=3)
    between: str = Field(default="&", max_length=3)
    names: bool = True
    empty: bool = False
    encode: bool = False

    def made(self, fields: Mapping[str, Any], without: Iterable[str] = ()) -> str:
        """The fields as they are signed."""
        left_out = {*self.skip, *without}
        said = {name: flat(value) for name, value in fields.items() if name not in left_out}
        code = encoded if self.encode else str
        shown = sorted((name, value) for name, value in said.items() if value or self.empty)
        return self.between.join(f"{code(name)}{self.pair}{code(value)}" if self.names else code(value) for name, value in shown)


class Sign(_Part):
    """``text`` is what is signed; with hmac ``key`` is the key, the secret unless it says more, else the secret stands in the text."""

    algorithm: Algorithm
    text: str = Field(max_length=1000)
    encoding: Literal["hex", "HEX", "base64"] = "hex"
    key: str = Field(default="{secret}", max_length=200)
    sorting: Sorting = Sorting()

    @field_validator("text")
    @classmethod
    def _filled(cls, value: str) -> str:
        return str(_known(value, SORTED))

    @field_validator("key")
    @classmethod
    def _keyed(cls, value: str) -> str:
        return str(_known(value))

    @model_validator(mode="after")
    def _secret(self) -> Sign:
        if not {"secret", "basic"} & {*places(self.key if self.algorithm.startswith("hmac") else self.text)}:
            raise ValueError(_("The secret must be in it: {secret} in “text”, or with hmac in “key”."))
        return self

    def arranged(self, fields: Mapping[str, Any], without: Iterable[str] = ()) -> dict[str, str]:
        """The places ``{sorted}`` and ``{sorted_encoded}``, which are made of the fields of a request."""
        made = self.sorting.made(fields, without)
        return {"sorted": made, "sorted_encoded": encoded(made)}

    def made(self, values: Mapping[str, str]) -> str:
        data = fill(self.text, values).encode()
        kind = self.algorithm.rpartition("-")[2]
        if self.algorithm.startswith("hmac"):
            digest = hmac.new(fill(self.key, values).encode(), data, kind).digest()
        else:
            digest = hashlib.new(kind, data, usedforsecurity=False).digest()
        if self.encoding == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if self.encoding == "HEX" else digest.hex()


class Plain(_Part):
    """The template that texts without one of their own go out with: its ``code`` and the parameter that takes the words."""

    code: str = Field(min_length=1, max_length=60)
    place: str = Field(min_length=1, max_length=60)


class Templates(_Part):
    """How a gateway that holds templates wants what fills them: our places under its ``names``, or in this ``order``, or joined by
    ``between``. ``plain``: how words go out that are no template, such as the answer of an agent."""

    names: dict[str, str] = Field(default_factory=dict, max_length=20)
    order: tuple[str, ...] = ()
    between: str = Field(default=",", max_length=3)
    plain: Plain | None = None

    def object(self, params: Mapping[str, str]) -> dict[str, str]:
        """What fills the template, by the vendor's names."""
        return {self.names.get(name, name): value for name, value in params.items()}

    def list(self, params: Mapping[str, str]) -> list[str]:
        """What fills the template, in the vendor's order."""
        return [params[name] for name in self.order if name in params] if self.order else [*params.values()]


class Send(_Part):
    url: str = Field(max_length=500)
    method: Literal["POST", "PUT", "GET"] = "POST"
    type: Literal["json", "form"] = "json"
    headers: dict[str, str] = Field(default_factory=dict, max_length=30)
    body: dict[str, Any] = Field(max_length=60)
    numbers: tuple[str, ...] = ()
    sign: Sign | None = None
    template: Templates = Templates()
    repeatable: bool = False

    @field_validator("url")
    @classmethod
    def _guarded(cls, value: str) -> str:
        place = urlsplit(value)
        if not place.hostname or (place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOOPBACK)):
            raise ValueError(_("The address must begin with https."))
        return str(_known(value))

    @field_validator("headers", "body")
    @classmethod
    def _filled(cls, value: Any) -> Any:
        return _known(value)

    @model_validator(mode="after")
    def _signed(self) -> Send:
        inside = "sign" in {*places(self.body)}
        if self.sign and inside and OF_BODY & {*places(self.sign.text)}:
            raise ValueError(_("The signature cannot stand in the body that it signs."))
        if not self.sign and (inside or "sign" in {*places(self.headers), *places(self.url)}):
            raise ValueError(_("Say under “sign” how {sign} is made."))
        if "secret" in {*places(self.url)}:
            raise ValueError(_("No secret may stand in an address."))
        if gone := sorted({*self.numbers, *(self.sign.sorting.skip if self.sign else ())} - self.body.keys()):
            raise ValueError(_("“%(name)s” is no field of the body.") % {"name": gone[0]})
        return self

    @property
    def only_templates(self) -> bool:
        """Whether words that are no template cannot be sent."""
        named = {*places(self.body), *places(self.headers), *places(self.url)}
        return "template" in named and not named & {"text", "words"} and self.template.plain is None

    @property
    def signed_in(self) -> list[str]:
        """The fields of the body that hold the signature."""
        return [name for name, one in self.body.items() if "sign" in {*places(one)}]


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
            raise ValueError(_("Say how the signature is made and where it stands, or write “by”: “address”."))
        return self


class _Posted(_Part):
    """``rows`` is where the rows lie; a text there is JSON, or rows parted by ``lines`` and fields parted by ``fields`` (then a field is
    named by its place, from 0)."""

    rows: str = ""
    lines: str = Field(default="", max_length=3)
    fields: str = Field(default="", max_length=3)


class Receipts(_Posted):
    id: str
    state: str
    delivered: tuple[str, ...]
    pending: tuple[str, ...] = ()
    detail: str = ""
    reply: str = "OK"


class Inbound(_Posted):
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
            raise ValueError(_("Say under “check” how posted receipts and texts are proved to be the vendor's."))
        return self


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled; what fills them is not looked at again."""
    return PLACE.sub(lambda found: values.get(found[1], ""), text)


def filled(tree: Any, values: Mapping[str, str], trees: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """``fill`` for every text of a tree; one that is nothing but {object} or {list} becomes that one of the ``trees``, as it is."""
    if isinstance(tree, str):
        return trees[tree[1:-1]] if tree in TREES and trees else fill(tree, values)
    if isinstance(tree, Mapping):
        return {name: filled(one, values, trees) for name, one in tree.items()}
    if isinstance(tree, list | tuple):
        return [filled(one, values, trees) for one in tree]
    return tree


def encoded(text: str) -> str:
    """Percent-encoded as RFC 3986 says."""
    return quote(text, safe="-_.~")


def flat(value: Any) -> str:
    """A value as it stands in a form and in what is signed: texts and numbers as they are, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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


def rows(data: Any, way: Receipts | Inbound) -> list[Any]:
    """The rows of what was posted; one alone is a list of one."""
    found = dig(data, way.rows)
    if isinstance(found, str) and (way.lines or way.fields):
        each = [one for one in (found.split(way.lines) if way.lines else [found]) if one.strip()]
        return [one.split(way.fields) if way.fields else [one] for one in each[:MOST_ROWS]]
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return []
    if isinstance(found, list):
        return found[:MOST_ROWS]
    return [] if found is None else [found]
