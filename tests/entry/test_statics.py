"""Static files: compressed, cached, and nothing outside the folder."""

import asyncio
import gzip
import hashlib

import pytest

from kefu.entry.front.statics import Statics

STYLE = b"body { color: black }\n" * 200


@pytest.fixture
def get(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "static"
    (root / "bundle").mkdir(parents=True)
    (root / "bundle" / "app-3fa9c01b.css").write_bytes(STYLE)
    (root / "plain.css").write_bytes(STYLE)
    (root / "plain.css.br").write_bytes(b"pretend")
    (root / "dot.png").write_bytes(b"\x89PNG" + b"0" * 900)
    statics = Statics(root)

    def ask(path, method="GET", query="", **headers):
        sent = []

        async def send(message):
            sent.append(message)

        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        asyncio.run(statics({"path": f"/static/{path}", "query_string": query.encode(), "method": method, "headers": given}, send))
        return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, sent[1]["body"]

    return ask


def test_a_hashed_name_is_cached_for_ever_and_compressed(get):
    status, headers, body = get("bundle/app-3fa9c01b.css", accept_encoding="gzip, br")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == STYLE


def test_the_content_that_the_address_names_is_cached_for_ever_and_no_other(get):
    mark = hashlib.sha256(STYLE).hexdigest()[:12]
    assert "immutable" in get("plain.css", query=f"v={mark}")[1]["cache-control"]
    assert "immutable" not in get("plain.css", query="v=0123456789ab")[1]["cache-control"]


def test_a_precompressed_sibling_is_preferred(get):
    assert get("plain.css", accept_encoding="gzip, br")[2] == b"pretend"
    assert get("plain.css")[2] == STYLE


def test_what_the_browser_has_is_not_sent_again(get):
    _status, headers, _body = get("plain.css")
    assert "immutable" not in headers["cache-control"]
    assert get("plain.css", if_none_match=headers["etag"])[0] == 304


def test_pictures_stay_as_they_are(get):
    _status, headers, _body = get("dot.png", accept_encoding="gzip")
    assert "content-encoding" not in headers
    assert headers["content-type"] == "image/png"


@pytest.mark.parametrize("path", ["../secret.txt", "bundle/../../secret.txt", "bundle", "none.css", "a\0b", "x" * 600, "/etc/hostname"])
def test_nothing_else_is_read(get, path):
    assert get(path)[0] == 404


def test_only_reading(get):
    assert get("plain.css", method="POST")[0] == 405
