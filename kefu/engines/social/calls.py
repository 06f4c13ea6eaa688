"""Calls to the platforms: JSON asked and answered, files up and down, each bounded in time and size. Redirects are not followed."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from kefu.kit import calling

SECONDS, MOST_ANSWER = 10.0, 4 * 1024 * 1024
OLD_TOKEN = frozenset({40001, 40014, 41001, 42001})
BUSY = frozenset({-1, 45009, 45011, 45033, 50001, 6000})
LOOPBACK = ("127.0.0.1", "localhost", "::1")
FILES_OF = ".qq.com"  # where a platform keeps its videos


class Trouble(Exception):
    """Nothing was done; the same can be asked again. The text says why."""


class Unclear(Exception):
    """The line broke before the answer: it may have been done."""


class OldToken(Exception):
    """The access token holds no more."""


class Refused(Exception):
    """The platform says no, with a code of its table."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{said} ({code})")
        self.code, self.said = code, said


class TooLarge(Exception):
    """The file is larger than what is taken."""


@dataclass(frozen=True)
class Fetched:
    name: str
    content: bytes


def words(error: BaseException) -> str:
    """What an error says, in one line and without the address that was asked: it holds the token."""
    return re.sub(r"access_token=[^&\s]+", "access_token=***", " ".join((str(error) or type(error).__name__).split()))[:300]


def base_of(text: str) -> str:
    """The address that calls begin with. Raises ``ValueError`` unless it is https, or a double on this machine."""
    place = urlsplit(text if "://" in text else f"https://{text}")
    plain = place.scheme == "http" and place.hostname in LOOPBACK
    if not place.hostname or place.username or place.query or place.path.strip("/") or not (place.scheme == "https" or plain):
        raise ValueError("no address of a platform")
    return f"{place.scheme}://{place.netloc}"


def _asked(method: str, address: str, body: bytes, kind: str, seconds: float, most: int) -> calling.Answer:
    headers = {"User-Agent": "Kefu", **({"Content-Type": kind} if kind else {})}
    try:
        return calling.call(method, address, body, headers, seconds=seconds, total=seconds * 3, most=most)
    except calling.NotSent as error:
        raise Trouble(words(error)) from error
    except calling.Broken as error:
        raise Unclear(words(error)) from error
    except calling.TooLarge as error:
        raise TooLarge() from error


def _understood(status: int, body: bytes) -> dict[str, Any]:
    try:
        data: Any = json.loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Unclear(f"HTTP {status}") if status >= 500 or status < 300 else Refused(status, f"HTTP {status}")
    code = data.get("errcode", 0)
    if not isinstance(code, int):
        raise Unclear("the answer has no code")
    said = words(Exception(str(data.get("errmsg", ""))))
    if code in OLD_TOKEN:
        raise OldToken(f"{said} ({code})")
    if code in BUSY:
        raise Trouble(f"{said} ({code})")
    if code:
        raise Refused(code, said)
    return data


def ask(
    base: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None, *, seconds: float = SECONDS
) -> dict[str, Any]:
    """One call; with ``body`` it posts JSON. Raises ``Trouble``, ``Unclear``, ``OldToken``, ``Refused``."""
    data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    address = f"{base}{path}?{urlencode(query)}" if query else f"{base}{path}"
    method, kind = ("GET", "") if body is None else ("POST", "application/json; charset=utf-8")
    try:
        answer = _asked(method, address, data, kind, seconds, MOST_ANSWER)
        return _understood(answer.status, answer.body)
    except TooLarge as error:
        raise Unclear("the answer is too long") from error


def upload(base: str, path: str, query: Mapping[str, str], *, name: str, media_type: str, content: bytes) -> str:
    """Put a file up for three days; the answer is what the platform calls it. Raises as ``ask`` does."""
    mark = secrets.token_hex(16)
    plain = re.sub(r'[\r\n"\\]', "_", name)
    head = f'--{mark}\r\nContent-Disposition: form-data; name="media"; filename="{plain}"; filelength={len(content)}\r\n'
    body = f"{head}Content-Type: {media_type}\r\n\r\n".encode() + content + f"\r\n--{mark}--\r\n".encode()
    address = f"{base}{path}?{urlencode(query)}"
    answer = _asked("POST", address, body, f"multipart/form-data; boundary={mark}", SECONDS * 3, MOST_ANSWER)
    told = _understood(answer.status, answer.body).get("media_id")
    if not isinstance(told, str) or not told:
        raise Refused(0, "the answer names no file")
    return told


def download(base: str, path: str, query: Mapping[str, str], *, most: int) -> Fetched:
    """A file of a message, at most ``most`` bytes. Raises as ``ask`` does, and ``TooLarge``."""
    found = _file(f"{base}{path}?{urlencode(query)}", most)
    if isinstance(found, Fetched):
        return found
    host = urlsplit(found).hostname or ""
    if not host.endswith(FILES_OF) and not found.startswith(f"{base}/"):
        raise Refused(0, "the file lies at a place that is not the platform's")
    again = _file(found, most)
    if not isinstance(again, Fetched):
        raise Refused(0, "the file cannot be found")
    return again


def _named(disposition: str) -> str:
    """The name in a header: as RFC 5987 writes it, or as bytes of UTF-8."""
    if found := re.search(r"filename\*=utf-8''([^;\s]+)", disposition, re.IGNORECASE):
        return unquote(found[1], errors="replace")
    plain = re.search(r'filename="?([^";]+)', disposition)
    return plain[1].encode("latin-1", "replace").decode("utf-8", "replace") if plain else ""


def _file(address: str, most: int) -> Fetched | str:
    """The file, or the address that it really lies at (videos)."""
    status, headers, data = _asked("GET", address, b"", "", SECONDS * 3, most)
    kind, named = headers.get("Content-Type", ""), _named(headers.get("Content-Disposition", ""))
    if not named and ("json" in kind or ("text/plain" in kind and data[:1] == b"{")):
        told = _understood(status, data).get("video_url")
        if isinstance(told, str):
            return told
        raise Refused(0, "the answer holds no file")
    if status != 200:
        raise Trouble(f"HTTP {status}") if status >= 500 else Refused(status, f"HTTP {status}")
    return Fetched(named, data)
