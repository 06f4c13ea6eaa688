"""Files of a watched folder or of letters become conversations with pictures of their pages, each once; what is broken waits."""

import io
import os
import struct
from datetime import timedelta
from email.message import EmailMessage

import pytest
from PIL import Image, ImageDraw

from kefu.engines.jobs import queue
from kefu.engines.paper import pages
from kefu.entry import doctor
from kefu.flows import erase_people
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.touch.channels.email.services import ingest
from kefu.touch.channels.fax import asking, handling, queries, services, tasks
from kefu.touch.channels.fax.models import Machine, Sheet
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.models import Account, Attachment, Conversation
from tests.browser import Browser
from tests.conversations.makers import account as mailbox

NUMBER = "0571-87654321"


def paper(count: int = 2, kind: str = "TIFF", **more) -> bytes:
    """A fax of so many pages, as a fax server writes it."""
    drawn = [Image.new("1", (864, 550), 1) for _page in range(count)]
    for place, page in enumerate(drawn):
        ImageDraw.Draw(page).text((50, 50), f"page {place + 1}", fill=0)
    made = io.BytesIO()
    words = {"compression": "group4", "dpi": (204, 98)} if kind == "TIFF" else {}
    drawn[0].save(made, kind, save_all=True, append_images=drawn[1:], **{**words, **more})
    return made.getvalue()


def machine(cast, folder="", box=None) -> Machine:
    held = Account.objects.create(channel=Channel.FAX, name="传真", address=NUMBER, unit=cast.centre)
    return Machine.objects.create(account=held, folder=str(folder), mailbox=box)


def drop(folder, name: str, data: bytes, age: float = 60) -> None:
    (folder / name).write_bytes(data)
    at = moment.now().timestamp() - age
    os.utime(folder / name, (at, at))


def seen(conversation_id: int) -> list[str]:
    return list(Attachment.objects.filter(message__conversation_id=conversation_id).order_by("id").values_list("file__name", flat=True))


def test_a_file_of_the_folder_becomes_a_conversation_with_its_pages_beside_the_form(cast, signed_in, tmp_path):
    machine(cast, tmp_path)
    drop(tmp_path, "fax-057112345678-20261118.tif", paper())
    assert tasks.look() == 1
    queue.drain()
    talk = Conversation.objects.get()
    assert (talk.contact.channel, talk.contact.phone, talk.title) == ("fax", "+8657112345678", "传真2页")
    assert seen(talk.pk) == ["page-1.png", "page-2.png"]
    page = Browser(signed_in(cast.agent)).open(f"/desk/{talk.pk}")
    pictures = [one["src"] for one in page.page.all("img") if "page-" in one["src"]]
    assert len(pictures) == 2
    picture = page.client.get(pictures[0])
    drawn = Image.open(io.BytesIO(b"".join(picture.streaming_content)))
    assert (drawn.format, drawn.width < drawn.height * 0.9) == ("PNG", True)  # its pixels are no squares


def test_each_file_once_and_only_when_it_is_whole(cast, tmp_path):
    held = machine(cast, tmp_path)
    whole = paper(1, "PDF")
    drop(tmp_path, "new.pdf", whole, age=2)
    drop(tmp_path, "half.pdf", whole[: len(whole) // 2])
    drop(tmp_path, "half.tif", paper(1)[:60])
    drop(tmp_path, "upload.pdf.part", whole)
    (tmp_path / "link.pdf").symlink_to(tmp_path / "new.pdf")
    assert tasks.look() == 0
    drop(tmp_path, "half.pdf", whole)
    assert tasks.look() == 1
    os.rename(next((tmp_path / "taken").iterdir()), tmp_path / "half.pdf")  # killed before it was put aside
    assert tasks.look() == 0
    queue.drain()
    assert (Conversation.objects.count(), seen(Conversation.objects.get().pk)) == (1, ["page-1.png", "half.pdf"])
    services.take_in(Sheet.objects.get().pk)
    assert Conversation.objects.count() == 1
    assert held.account.pk == Conversation.objects.get().account_id


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("virus.pdf", b"MZ\x90\x00 not a fax", "kind"),
        ("page.tif", b"<html><script>alert(1)</script>", "kind"),
        ("broken.pdf", b"%PDF-1.4\nrubbish\n%%EOF", "broken"),
        ("broken.tif", b"II*\0" + struct.pack("<I", 8) + b"\xff" * 200, "broken"),
        ("long.tif", b"", "pages"),
    ],
)
def test_what_cannot_be_drawn_waits_for_a_person_and_blocks_nothing(cast, signed_in, tmp_path, monkeypatch, name, data, why):
    machine(cast, tmp_path)
    monkeypatch.setattr(pages, "MOST_PAGES", 2)
    drop(tmp_path, name, data or paper(3))
    drop(tmp_path, "z-good.tif", paper(1))
    assert tasks.look() == 2
    queue.drain()
    held = Sheet.objects.exclude(state="taken").get()
    assert (held.state, held.why, Conversation.objects.count()) == ("held", why, 1)
    page = Browser(signed_in(cast.manager)).open("/settings/fax")
    assert name in page.text
    assert page.client.get(f"/settings/fax/quarantine/{held.pk}/raw").content == (data or paper(3))
    assert {one.level for one in doctor.channels()} == {"warn"}
    handling.take_in(actor=cast.actor(cast.manager), id=held.pk)
    with pytest.raises(Conflict):
        handling.lay_aside(actor=cast.actor(cast.manager), id=held.pk, reason="广告")
    queue.drain()
    for nothing in ("", " ", "\0"):
        with pytest.raises(Invalid):
            handling.lay_aside(actor=cast.actor(cast.manager), id=held.pk, reason=nothing)
    handling.lay_aside(actor=cast.actor(cast.manager), id=held.pk, reason="传真广告")
    assert queries.held(cast.actor(cast.manager)) == []
    assert name not in page.open("/settings/fax").text
    assert name in page.open("/settings/fax?faxes=aside").text
    assert "传真广告" in page.open(f"/settings/fax/quarantine/{held.pk}").text
    handling.take_in(actor=cast.actor(cast.manager), id=held.pk)  # after all: it is drawn once more, and waits again
    queue.drain()
    held.refresh_from_db()
    assert (held.state, held.why, held.reason) == ("held", why, "")


def test_a_fax_that_nobody_took_in_is_erased_when_its_time_is_over(cast, tmp_path):
    machine(cast, tmp_path)
    drop(tmp_path, "advert.pdf", b"MZ not a fax")
    assert tasks.look() == 1
    queue.drain()
    held = Sheet.objects.get()
    assert erase_people.faxes_over(held.at, 9) == []
    assert erase_people.faxes_over(held.at + timedelta(seconds=1), 9) == [held.pk]
    erase_people.erase_faxes([held.pk])
    held.refresh_from_db()
    assert (held.state, held.name, held.number) == ("aside", "", "")
    assert erase_people.faxes_over(held.at + timedelta(seconds=1), 9) == []
    with pytest.raises(Conflict):
        handling.take_in(actor=cast.actor(cast.manager), id=held.pk)


def test_a_file_that_is_too_large_is_not_read(cast, tmp_path, monkeypatch, django_capture_on_commit_callbacks):
    machine(cast, tmp_path)
    monkeypatch.setattr(pages, "MOST_BYTES", 100)
    drop(tmp_path, "large.tif", paper(1))
    assert [tasks.look(), tasks.look()] == [1, 0]
    held = Sheet.objects.get()
    assert (held.why, (tmp_path / "large.tif").exists()) == ("size", True)
    with django_capture_on_commit_callbacks(execute=True):
        handling.lay_aside(actor=cast.actor(cast.manager), id=held.pk, reason="整本广告")
    assert not (tmp_path / "large.tif").exists()
    assert [one.name[21:] for one in (tmp_path / asking.TAKEN).iterdir()] == ["large.tif"]
    assert tasks.look() == 0


def test_files_that_were_taken_are_deleted_after_thirty_days_and_nothing_else(cast, tmp_path):
    held = machine(cast, tmp_path)
    for name, age in {"old.tif": 31 * 86400, "new.tif": 29 * 86400}.items():
        drop(tmp_path, name, paper(1), age)
    assert tasks.look() == 2
    drop(tmp_path / asking.TAKEN, "of-somebody-else.tif", b"kept", 99 * 86400)
    assert tasks.forget() == 1
    assert sorted(one.name.rpartition("-")[2] for one in (tmp_path / asking.TAKEN).iterdir()) == ["else.tif", "new.tif"]
    Machine.objects.filter(pk=held.pk).update(folder=str(tmp_path / "gone"))
    assert tasks.forget() == 0
    assert Sheet.objects.count() == 2


def test_what_takes_too_long_is_given_up(monkeypatch):
    with pytest.raises(pages.Unreadable, match="slow"):
        pages.drawn(paper(1), seconds=0.001)


def test_a_folder_that_is_gone_is_told(cast, tmp_path):
    held = machine(cast, tmp_path / "gone")
    assert asking.look(held, lambda _pk: None) == 0
    assert Account.objects.get(pk=held.pk).health == "failing"
    assert [one.level for one in doctor.channels()] == ["warn"]


def test_faxes_come_as_attachments_of_letters_too(cast):
    box = mailbox(cast, "fax@kefu.example")
    machine(cast, box=box)
    letter = EmailMessage()
    heads = {"From": "srv@fax.example", "To": box.address, "Subject": "Fax from 057112345678", "Message-ID": "<f1@fax>"}
    for head, value in heads.items():
        letter[head] = value
    letter.set_content("see attachment")
    letter.add_attachment(paper(1), maintype="image", subtype="tiff", filename="fax.tif")
    assert [ingest(letter.as_bytes(), account=box).result for _twice in range(2)] == ["taken", "taken"]
    queue.drain()
    talk = Conversation.objects.get()
    assert (talk.contact.channel, talk.contact.phone) == ("fax", "+8657112345678")
    plain = EmailMessage()
    plain["From"], plain["To"], plain["Subject"], plain["Message-ID"] = "a@b.example", box.address, "Hello", "<f2@fax>"
    plain.set_content("no fax")
    assert ingest(plain.as_bytes(), account=box).result == "stored"


def test_a_fax_number_is_set_up(cast, signed_in, tmp_path):
    page = Browser(signed_in(cast.admin)).open("/settings/fax")
    assert "还没有传真号码" in page.text
    words = {"name": "总机传真", "address": NUMBER, "unit_id": str(cast.centre.pk)}
    page.open("/settings/fax/new").press("保存", 422, **words)
    page.open("/settings/fax/new").press("保存", 422, **words, folder="relative/folder")
    page.open("/settings/fax/new").press("保存", **words, folder=str(tmp_path))
    held = Machine.objects.get()
    page.open(f"/settings/fax/{held.pk}").press("保存", **{**words, "name": "传真"}, folder=str(tmp_path))
    assert Account.objects.get().name == "传真"
    assert signed_in(cast.agent).get("/settings/fax").status_code == 403
    assert signed_in(cast.admin).get("/settings/fax/quarantine/1").status_code == 403


@pytest.mark.parametrize(
    ("text", "number"),
    [("fax-20261118-057112345678.tif", "+8657112345678"), ("13800001234_001.pdf", "+8613800001234"), ("scan 20261118.tif", ""), ("x", "")],
)
def test_the_number_in_a_name(text, number):
    assert services.number_in(text) == number
