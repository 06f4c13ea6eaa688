"""Speaking to a gateway that a recipe describes: sending one text, and reading what the gateway posts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from kefu.engines.texting import recipes
from kefu.engines.texting.carrier import Arrived, Busy, Outgoing, Receipt, Refused, SignInRefused, Trouble, Unclear, words
from kefu.engines.texting.recipes import Recipe
from kefu.kit import calling

SECONDS, MOST = 15.0, 200_000
UNKNOWN = {500, 502, 504}


class Forged(Exception):
    """What was posted is not proved to be the vendor's."""


class Unreadable(Exception):
    """What was posted is neither JSON nor a form, or lacks what the recipe reads."""


def _values(key: str, secret: str, at: datetime) -> dict[str, str]:
    stamp = at.timestamp()
    return {
        "key": key, "secret": secret, "basic": base64.b64encode(f"{key}:{secret}".encode()).decode(),
        "time": str(int(stamp)), "time_ms": str(int(stamp * 1000)), "stamp": at.astimezone().strftime("%Y%m%d%H%M%S"),
        "iso": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "nonce": secrets.token_hex(12),
    }  # fmt: skip


def _of_text(way: recipes.Send, out: Outgoing) -> dict[str, str]:
    plain = way.template.plain if not out.template else None
    return {
        "number": out.number, "digits": out.number.removeprefix("+"), "national": out.number.removeprefix("+86"), "text": out.text,
        "words": _words(out), "id": out.id, "signature": out.signature, "template": plain.code if plain else out.template,
    }  # fmt: skip


def _words(out: Outgoing) -> str:
    """The text without its signature, which gateways that hold templates put before it themselves."""
    return out.text.removeprefix(f"【{out.signature}】") if out.signature else out.text


def _trees(way: recipes.Send, out: Outgoing) -> dict[str, Any]:
    """What fills the template of the vendor: by its names, in its order, and joined."""
    if not out.template and way.template.plain:
        named, listed = {way.template.plain.place: _words(out)}, [_words(out)]
    else:
        named, listed = way.template.object(out.params), way.template.list(out.params)
    return {"object": named, "list": listed, "joined": way.template.between.join(listed)}


def _body(way: recipes.Send, values: Mapping[str, str], trees: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request; a form and what is signed hold texts only."""
    made = recipes.filled(way.body, values, trees if way.type == "json" and way.method != "GET" else {})
    return {name: int(one) if name in way.numbers and isinstance(one, str) and one.isdecimal() else one for name, one in made.items()}


def request(recipe: Recipe, out: Outgoing, *, key: str, secret: str, at: datetime) -> tuple[str, str, bytes, dict[str, str]]:
    """Method, address, body and headers of the request that sends a text."""
    way = recipe.send
    values, trees = _values(key, secret, at) | _of_text(way, out), _trees(way, out)
    values |= {name: recipes.flat(tree) for name, tree in trees.items()} | {"params": recipes.flat(trees["object"])}
    body = _body(way, values, trees)
    if way.sign and not recipes.OF_BODY & {*recipes.places(way.sign.text)}:
        values |= way.sign.arranged(body, way.signed_in)
        values["sign"] = way.sign.made(values)
        body = _body(way, values, trees)
    if way.type == "form" or way.method == "GET":
        shown = {name: recipes.flat(one) for name, one in body.items()}
        data, kind = urlencode(shown).encode(), "application/x-www-form-urlencoded"
    else:
        data, kind = recipes.flat(body).encode(), "application/json; charset=utf-8"
    digests = {f"body_{name}": hashlib.new(name, data, usedforsecurity=False).hexdigest() for name in ("md5", "sha256")}
    values |= {"body": data.decode(), **digests}
    if way.sign and "sign" not in values:
        values |= way.sign.arranged(body, way.signed_in)
        values["sign"] = way.sign.made(values)
    address = recipes.fill(way.url, values)
    headers = {"Content-Type": kind, "Accept": "application/json", "User-Agent": "Kefu"}
    headers |= {name: one.replace("\r", "").replace("\n", "") for name, one in recipes.filled(way.headers, values).items()}
    if way.method == "GET":
        return "GET", f"{address}{'&' if '?' in address else '?'}{data.decode()}", b"", headers
    return way.method, address, data, headers


def send(recipe: Recipe, out: Outgoing, *, key: str, secret: str, at: datetime, seconds: float = SECONDS) -> str:
    """Hand one text to the gateway; the answer is what the gateway calls it.

    Raises ``Trouble`` (nothing was sent), ``Refused``, or ``Unclear`` where nobody can tell; a recipe that says ``repeatable`` (the gateway
    takes the same {id} once) turns that into ``Trouble``.
    """
    method, address, data, headers = request(recipe, out, key=key, secret=secret, at=at)
    try:
        status, body = _exchange(method, address, data, headers, seconds)
        return _understood(recipe, status, body)
    except Unclear as error:
        if recipe.send.repeatable:
            raise Trouble(str(error)) from error
        raise


def _exchange(method: str, address: str, data: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
    try:
        told = calling.call(method, address, data, headers, seconds=seconds, total=seconds * 2, most=MOST)
    except calling.NotSent as error:
        raise Trouble(words(error)) from error
    except calling.TooLarge as error:
        raise Unclear("the answer is too long") from error
    except calling.Broken as error:
        raise Unclear(words(error)) from error
    return told.status, told.body


def _understood(recipe: Recipe, status: int, body: bytes) -> str:
    """What the gateway calls the text, out of its answer."""
    reading = recipe.answer
    try:
        data: Any = json.loads(body)
    except ValueError:
        data = {}
    code = recipes.said(data, reading.ok)
    why = recipes.said(data, reading.error)[:200] or code or f"HTTP {status}"
    if status in (429, 503) or (code and code in reading.busy):
        raise Busy(why)
    if status in (401, 403):
        raise SignInRefused(why)
    if status in UNKNOWN or 300 <= status < 400:
        raise Unclear(f"HTTP {status}")
    if not 200 <= status < 300:
        raise Refused(why)
    if reading.ok and not code:
        raise Unclear("the answer does not say whether the text was taken")
    if reading.ok and code not in reading.values:
        raise Refused(f"{code} {why}" if code not in why else why)
    return recipes.said(data, reading.id)


def posted(body: bytes, kind: str) -> Any:
    """What a gateway posted, as data: JSON, or a form. Raises ``Unreadable``."""
    try:
        text = body.decode("utf-8")
        if "form" in kind:
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(words(error)) from error


def prove(recipe: Recipe, body: bytes, data: Any, headers: Mapping[str, str], *, key: str, secret: str, at: datetime) -> None:
    """Raises ``Forged`` unless the signature holds and the time is near."""
    check = recipe.check
    if check is None:
        raise Forged("nothing can be posted here")
    if check.by == "address" or check.sign is None:
        return
    given = headers.get(check.where) or recipes.said(data, check.where)
    told = (headers.get(check.time) or recipes.said(data, check.time)) if check.time else ""
    fields = {f"field.{name}": recipes.said(data, name) for name in _fields(check.sign.text)}
    digests = {f"body_{name}": hashlib.new(name, body, usedforsecurity=False).hexdigest() for name in ("md5", "sha256")}
    values = {"key": key, "secret": secret, "time": told, "body": body.decode("utf-8", "replace"), **digests, **fields}
    values |= check.sign.arranged(data if isinstance(data, Mapping) else {}, [check.where])
    if not given or not hmac.compare_digest(check.sign.made(values).encode(), given.strip().encode()):
        raise Forged("the signature does not hold")
    if check.time and not _near(told, at, check.within):
        raise Forged("the time is too far off")


def _fields(text: str) -> list[str]:
    return [found[1].removeprefix("field.") for found in recipes.PLACE.finditer(text) if found[1].startswith("field.")]


def _near(told: str, at: datetime, within: int) -> bool:
    if not told.isdecimal() or len(told) > 13:
        return False
    stamp = int(told) / (1000 if len(told) == 13 else 1)
    return abs(at.timestamp() - stamp) <= within


def receipts(recipe: Recipe, data: Any) -> list[Receipt]:
    """The receipts in what was posted; rows without an id are left out."""
    way = recipe.receipts
    if way is None:
        raise Unreadable("no receipts are read here")
    found = []
    for row in recipes.rows(data, way):
        state = recipes.said(row, way.state)
        told = "delivered" if state in way.delivered else "pending" if state in way.pending else "failed"
        if foreign := recipes.said(row, way.id):
            found.append(Receipt(foreign, told, (recipes.said(row, way.detail) or state)[:200]))
    return found


def arrived(recipe: Recipe, data: Any) -> list[Arrived]:
    """The texts of people in what was posted. Raises ``Unreadable`` for a row without a number."""
    way = recipe.inbound
    if way is None:
        raise Unreadable("no texts are read here")
    found = []
    for row in recipes.rows(data, way):
        number, text, to = (recipes.said(row, path) for path in (way.number, way.text, way.to))
        if not number:
            raise Unreadable(f"no number at “{way.number}”")
        made = f"{number}\n{to}\n{recipes.said(row, way.time)}\n{text}"
        foreign = recipes.said(row, way.id) or f"sha256:{hashlib.sha256(made.encode()).hexdigest()}"
        found.append(Arrived(foreign, number, text, to))
    return found
