"""A line by SMPP against an SMSC that runs as a process of its own."""

import json
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.engines.texting import pdus, smpp
from kefu.engines.texting.carrier import SignInRefused, Trouble
from kefu.kit import moment, sentences
from kefu.touch.channels.sms import asking
from kefu.touch.channels.sms.models import Line, Piece, Text
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Account, Message
from tests.sms.makers import line, talk, texted


class Running:
    """The SMSC, and what it said."""

    def __init__(self, port: int = 0) -> None:
        words = [sys.executable, str(Path(__file__).with_name("smsc.py")), str(port)]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said: queue.Queue[dict] = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.port = self.next("port")["port"]

    def read(self) -> None:
        for told in self.process.stdout:
            self.said.put(json.loads(told))

    def next(self, name: str) -> dict:
        while True:
            told = self.said.get(timeout=20)
            if name in told:
                return told

    def order(self, **told) -> None:
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(20)
        self.reader.join(20)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def running():
    smsc = Running()
    yield smsc
    smsc.stop()


@pytest.fixture
def smsc(running):
    while not running.said.empty():
        running.said.get()
    running.order(statuses=[], silent=False)
    return running


def place(port: int, password: str = "secret") -> smpp.Place:
    return smpp.Place("127.0.0.1", port, system_id="kefu", password=password)


@contextmanager
def bound(cast, smsc, **more):
    words = {"carrier": "smpp", "host": "127.0.0.1", "key": "kefu", "secret": "secret", "per_second": 1000, **more}
    line(cast, **words)
    Line.objects.update(port=smsc.port)
    held = Line.objects.select_related("account__unit").get()
    with smpp.opened(asking.place_of(held)) as session:
        yield asking.Talk(held, session)


def turns(talking, done, most=400):
    for _each in range(most):
        talking.turn(0.02)
        if done():
            return
    raise AssertionError("it did not come to that")


def answered(cast, text="师傅明天上午到。"):
    return handling.reply(actor=cast.actor(cast.agent), id=talk().pk, text=text)


def state(message):
    delivery, trouble = Message.objects.values_list("delivery", "trouble").get(pk=message.pk)
    return delivery, sentences.shown(trouble)


def receipt(name, stat="DELIVRD"):
    return f"id:{name} sub:001 dlvrd:001 submit date:2611180900 done date:2611180901 stat:{stat} err:000 text:".encode().hex()


def test_a_long_answer_goes_out_in_parts_and_has_arrived_when_each_has(cast, smsc):
    with bound(cast, smsc) as talking:
        texted(talking.line)
        made = answered(cast, "停水通知" * 30)
        turns(talking, lambda: state(made)[0] == "sent")
        parts = [smsc.next("submitted") for _each in range(2)]
        heads = [bytes.fromhex(one["submitted"])[:6] for one in parts]
        assert [(one["kind"], one["coding"], one["receipt"], one["target"]) for one in parts] == [(0x40, 8, 1, "8613800001234")] * 2
        assert [(head[:3], head[4], head[5]) for head in heads] == [(b"\x05\x00\x03", 2, 1), (b"\x05\x00\x03", 2, 2)]
        assert heads[0][3] == heads[1][3]
        text = b"".join(bytes.fromhex(one["submitted"])[6:] for one in parts).decode("utf-16-be")
        assert text == "【绿洲物业】" + "停水通知" * 30
        names = [one.foreign_id for one in Text.objects.get().handed.order_by("part")]
        smsc.order(deliver=receipt(names[1]), kind=4, coding=0)
        smsc.order(deliver=receipt(names[0]), kind=4, coding=0)
        turns(talking, lambda: state(made)[0] == "arrived")


def test_one_piece_and_seven_bits(cast, smsc):
    with bound(cast, smsc, payload=True, signature="") as talking:
        texted(talking.line)
        for text, coding in (("停" * 200, 8), ("Your order [1] is ready at 9", 0)):
            made = answered(cast, text)
            turns(talking, lambda made=made: state(made)[0] == "sent")
            told = smsc.next("submitted")
            assert (told["coding"], told["kind"]) == (coding, 0)
            assert pdus.words(coding, bytes.fromhex(told["submitted"])) == text


def test_texts_of_people_are_put_together_in_any_order(cast, smsc):
    whole = "电梯" * 50 + "😀"
    data = whole.encode("utf-16-be")
    cut = [data[:134], data[134:-2], data[-2:]]  # the last cut goes through one sign
    with bound(cast, smsc) as talking:
        for part in (3, 1, 1, 2):
            smsc.order(deliver=(bytes((6, 8, 4, 1, 2, 3, part)) + cut[part - 1]).hex(), kind=0x40)
        turns(talking, lambda: Message.objects.exists())
        smsc.order(deliver="0048", more="020c00020007020e000102020f000102", coding=8)
        smsc.order(deliver="0069", more="020c00020007020e000102020f000101", coding=8)
        turns(talking, lambda: Message.objects.count() == 2)
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == [whole, "iH"]
    assert not Piece.objects.exists()
    assert {smsc.next("answered")["status"] for _each in range(6)} == {0}


def test_what_is_asked_to_wait_waits_and_what_is_refused_is_told(cast, smsc):
    with bound(cast, smsc) as talking:
        texted(talking.line)
        smsc.order(statuses=[0x58, 0xB])
        made = answered(cast)
        turns(talking, lambda: state(made) == ("queued", "ESME_RTHROTTLED"))
        assert talking.rest_until > 0
        Text.objects.update(next_at=moment.now())
        talking.rest_until = 0
        turns(talking, lambda: state(made) == ("failed", "ESME_RINVDSTADR"))
        handling.resend(actor=cast.actor(cast.agent), id=talk().pk, message_id=made.pk)
        turns(talking, lambda: state(made) == ("sent", ""))


def test_a_part_that_was_throttled_goes_again_alone(cast, smsc):
    with bound(cast, smsc) as talking:
        texted(talking.line)
        smsc.order(statuses=[0, 0x58])
        made = answered(cast, "停" * 100)
        turns(talking, lambda: state(made)[0] == "queued" and not talking.asked and state(made)[1] != "")
        talking.rest_until = 0
        Text.objects.update(next_at=moment.now())
        turns(talking, lambda: state(made) == ("sent", ""))
        places = [bytes.fromhex(smsc.next("submitted")["submitted"])[5] for _each in range(3)]
        assert places == [1, 2, 2]


def test_an_smsc_that_restarts_costs_nothing_twice(cast):
    first = Running()
    with bound(cast, first) as talking:
        texted(talking.line)
        first.order(silent=True)
        lost = answered(cast)
        turns(talking, lambda: bool(talking.asked))
        first.next("submitted")
        first.stop()
        with pytest.raises(Trouble):
            turns(talking, lambda: False)
        waits = answered(cast, "第二条")
        talking.end("the SMSC has hung up")
    assert state(lost)[0] == "failed"
    assert "可能已经发出" in state(lost)[1]
    assert state(waits)[0] == "queued"
    with pytest.raises(Trouble):
        asking.stay(talking.line, lambda: True)
    second = Running(first.port)
    try:
        later = answered(cast, "第三条")
        line_now = Line.objects.select_related("account__unit").get()
        asking.stay(line_now, lambda: state(later)[0] != "sent" or state(waits)[0] != "sent", 0.02)
        assert Account.objects.get(pk=line_now.pk).health == "good"
    finally:
        second.stop()


def test_what_was_delivered_again_after_a_lost_acknowledgement_is_known(cast, smsc):
    with bound(cast, smsc) as talking:
        smsc.order(deliver="电梯坏了".encode("utf-16-be").hex())
        turns(talking, lambda: Message.objects.exists())
    Message.objects.update(at=talking.bound_at)
    with moment.frozen(moment.now() + asking.BEFORE_BIND / 2), bound(cast, smsc) as talking:
        smsc.order(deliver="电梯坏了".encode("utf-16-be").hex())
        smsc.order(deliver="还没修".encode("utf-16-be").hex())
        turns(talking, lambda: Message.objects.count() == 2)
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == ["电梯坏了", "还没修"]


def test_a_malformed_text_is_refused_and_the_rest_goes_on(cast, smsc):
    with bound(cast, smsc) as talking:
        smsc.order(raw="00000014000000050000000000000063" + "00010100")
        smsc.order(deliver="ff0001", kind=0x40)
        smsc.order(deliver="00480069")
        turns(talking, lambda: Message.objects.exists())
        assert [smsc.next("answered")["status"] for _each in range(3)] == [0x66, 0x66, 0]
        smsc.order(raw="ffffffff00000005")
        with pytest.raises(Trouble, match="no SMPP"):
            turns(talking, lambda: False)
    assert Message.objects.get().text == "Hi"


def test_a_wrong_password_is_named(cast, smsc):
    with pytest.raises(SignInRefused, match="password"), smpp.opened(place(smsc.port, "guess")):
        raise AssertionError("it was bound")
    asking.failing(line(cast).pk, SignInRefused("sign-in: the password is wrong"))
    assert Account.objects.get(channel="sms").trouble == "sign-in: the password is wrong"


def test_the_link_is_kept_and_its_silence_noticed(smsc):
    with smpp.opened(place(smsc.port)) as session:
        session.enquire_after = 0
        list(session.events(0.05))
        assert smsc.next("enquired")
        session.heard, session.silent_for = 0.0, 0.0
        with pytest.raises(Trouble, match="silent"):
            session._keep()


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body):
    try:
        short = pdus.short(pdus.Pdu(pdus.DELIVER, 0, 1, body))
    except pdus.Malformed:
        return
    assert isinstance(pdus.words(short.coding, short.data), str)
    pdus.receipt(short)


@given(st.text(min_size=1, max_size=600), st.integers(0, 70_000))
def test_what_is_cut_is_put_together(text, reference):
    parts = [pdus.short(pdus.Pdu(pdus.DELIVER, 0, 1, pdus.submit(1, "1069", "+861", one)[16:])) for one in pdus.cut(text, reference)]
    assert [(one.total, one.place) for one in parts] == [(len(parts), place) for place in range(1, len(parts) + 1)]
    assert pdus.words(parts[0].coding, b"".join(one.data for one in parts)) == text
