"""`kefu mail read`: a JSON line a message, an error for that message alone."""

import io
import json
from types import SimpleNamespace

import pytest

from kefu.entry.cli import main
from tests.mail.build import mail, multi, part


def lines(capfdbinary, *argv):
    status = main(["mail", "read", *map(str, argv)])
    return status, [json.loads(one) for one in capfdbinary.readouterr().out.splitlines()]


@pytest.fixture
def capfdbinary(capsysbinary):
    return capsysbinary


def test_files(tmp_path, capfdbinary):
    kind, body = multi(part("您好"), part(b"data", "application/pdf; name=a.pdf", "base64"))
    good, bad = tmp_path / "good.eml", tmp_path / "bad.eml"
    good.write_bytes(mail(body, kind=kind, Subject="停水", Cc="李四 <ls@qq.com>"))
    bad.write_bytes(b"\0\1\2")
    status, found = lines(capfdbinary, good, bad, tmp_path / "none.eml", tmp_path, good)
    assert status == 1
    assert [one.get("subject") for one in found] == ["停水", None, None, None, "停水"]
    assert found[1] == {"error": "no header: this is no e-mail message", "file": str(bad)}
    assert found[2]["error"]
    assert found[3]["error"]
    one = found[0]
    assert (one["from"], one["cc"]) == ({"name": "", "address": "zs@qq.com"}, [{"name": "李四", "address": "ls@qq.com"}])
    assert (one["date"], one["message_id"], one["reply"]) == ("2024-01-02T10:00:00+08:00", "<1@qq.com>", "您好")
    assert one["attachments"][0]["name"] == "a.pdf"


def test_standard_input(monkeypatch, capfdbinary):
    for argv in ([], ["-"]):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(mail("您好"))))
        assert lines(capfdbinary, *argv)[1][0]["text"] == "您好"


def test_mbox(tmp_path, capfdbinary):
    box = tmp_path / "box"
    box.write_bytes(
        b"".join(
            b"From zs@qq.com Tue Jan  2 10:00:00 2024\n" + mail(f"{number}\n>From here\n", Subject=str(number)) + b"\n"
            for number in range(3)
        )
    )
    status, found = lines(capfdbinary, box)
    assert status == 0
    assert [(one["subject"], one["text"]) for one in found] == [(str(number), f"{number}\nFrom here") for number in range(3)]
    assert found[2]["number"] == 3
