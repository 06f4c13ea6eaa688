"""The PDUs of SMPP 3.4 that a client needs: read with bounds, written as the standard says (Issue 1.2, §4 and §5)."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kefu.engines.texting import length

HEAD, MOST = struct.Struct(">IIII"), 65_536
RESPONSE = 0x8000_0000
NACK, SUBMIT, DELIVER, UNBIND, BIND, ENQUIRE = RESPONSE, 0x4, 0x5, 0x6, 0x9, 0x15
OK, NOT_MINE, SYSTEM, QUEUE_FULL, THROTTLED, REJECT = 0x0, 0x3, 0x8, 0x14, 0x58, 0x66
SIGN_IN = {0xD: "bind failed", 0xE: "the password is wrong", 0xF: "the system_id is wrong"}
STATUS = {
    0x1: "ESME_RINVMSGLEN", 0x8: "ESME_RSYSERR", 0xA: "ESME_RINVSRCADR", 0xB: "ESME_RINVDSTADR", 0x14: "ESME_RMSGQFUL",
    0x45: "ESME_RSUBMITFAIL", 0x58: "ESME_RTHROTTLED", 0xFF: "ESME_RUNKNOWNERR",
}  # fmt: skip
REFERENCE, TOTAL, PLACE, RECEIPTED, PAYLOAD, MESSAGE_STATE = 0x020C, 0x020E, 0x020F, 0x001E, 0x0424, 0x0427
SEVEN, ASCII, LATIN1, UCS2, GB = 0, 1, 3, 8, 15
RECEIPT_CLASS, HEADED = 0x04, 0x40
STATES = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}
PENDING = {"ENROUTE", "ACCEPTD", "BUFFRED"}
_RECEIPT = re.compile(r"\b(id|stat|err):\s*(\S+)", re.IGNORECASE)


class Malformed(Exception):
    """The bytes are no PDU."""


@dataclass(frozen=True)
class Pdu:
    command: int
    status: int
    sequence: int
    body: bytes = b""

    def packed(self) -> bytes:
        return HEAD.pack(16 + len(self.body), self.command, self.status, self.sequence) + self.body


@dataclass(frozen=True)
class Short:
    """A deliver_sm or submit_sm: from whom to whom, and the bytes it carries. ``total`` is 1 unless it is a part of a longer text."""

    source: str
    target: str
    kind: int
    coding: int
    data: bytes
    reference: int = 0
    total: int = 1
    place: int = 1
    more: Mapping[int, bytes] = field(default_factory=dict)


class Told(NamedTuple):
    """What a receipt says; ``state`` is one of ``STATES``."""

    id: str
    state: str
    error: str


def size_of(head: bytes) -> int:
    """How long the PDU is whose first four bytes these are. Raises ``Malformed``: the stream can no longer be read."""
    size = int(struct.unpack(">I", head[:4])[0])
    if not 16 <= size <= MOST:
        raise Malformed(f"a PDU of {size} bytes")
    return size


def read(data: bytes) -> Pdu:
    _size, command, status, sequence = HEAD.unpack_from(data)
    return Pdu(command, status, sequence, data[16:])


def text_of(data: bytes, at: int, most: int) -> tuple[str, int]:
    """A C-octet string and where it ends. Raises ``Malformed``."""
    end = data.find(b"\0", at, at + most)
    if end < 0:
        raise Malformed("a text without its end")
    return data[at:end].decode("latin-1"), end + 1


def _string(text: str, most: int) -> bytes:
    return text.encode("latin-1", "replace").replace(b"\0", b"")[: most - 1] + b"\0"


def bind(sequence: int, system_id: str, password: str, system_type: str) -> bytes:
    body = _string(system_id, 16) + _string(password, 9) + _string(system_type, 13) + bytes((0x34, 0, 0)) + b"\0"
    return Pdu(BIND, 0, sequence, body).packed()


def answer(to: Pdu, status: int = OK) -> bytes:
    body = b"\0" if to.command == DELIVER else b""
    return Pdu(to.command | RESPONSE, status, to.sequence, body).packed()


def submit(sequence: int, source: str, target: str, part: Short) -> bytes:
    """A part as submit_sm; a receipt is asked for."""
    ton = 1 if source.startswith("+") else 0
    who = bytes((ton, 1)) + _string(source.removeprefix("+"), 21) + bytes((1, 1)) + _string(target.removeprefix("+"), 21)
    fixed = b"\0" + who + bytes((part.kind, 0, 0)) + b"\0\0" + bytes((1, 0, part.coding, 0))
    if len(part.data) > 254:
        return Pdu(SUBMIT, 0, sequence, fixed + b"\0" + struct.pack(">HH", PAYLOAD, len(part.data)) + part.data).packed()
    return Pdu(SUBMIT, 0, sequence, fixed + bytes((len(part.data),)) + part.data).packed()


def cut(text: str, reference: int, *, payload: bool = False) -> list[Short]:
    """The parts of a text: in the GSM alphabet or UCS-2, with concatenation headers, or whole as ``message_payload``."""
    wide = not length.is_seven(text)
    coding = UCS2 if wide else SEVEN
    pieces = [text] if payload else length.parts(text)
    coded = [piece.encode("utf-16-be") if wide else length.encode_seven(piece) for piece in pieces]
    if len(coded) == 1:
        return [Short("", "", 0, coding, coded[0])]
    heads = [bytes((5, 0, 3, reference % 256, len(coded), place)) for place in range(1, len(coded) + 1)]
    return [Short("", "", HEADED, coding, head + data) for head, data in zip(heads, coded, strict=True)]


def short(pdu: Pdu) -> Short:
    """The text in a deliver_sm (a submit_sm has the same form). Raises ``Malformed``."""
    data = pdu.body
    try:
        _service, at = text_of(data, 0, 6)
        source, at = text_of(data, at + 2, 21)
        target, at = text_of(data, at + 2, 21)
        kind = data[at]
        _schedule, at = text_of(data, at + 3, 17)
        _validity, at = text_of(data, at, 17)
        coding, size = data[at + 2], data[at + 4]
    except IndexError as error:
        raise Malformed("it ends too early") from error
    body, rest = data[at + 5 : at + 5 + size], data[at + 5 + size :]
    if len(body) < size:
        raise Malformed("its text ends too early")
    more = _optional(rest)
    body = more.get(PAYLOAD, b"") or body
    reference, total, place = _sar(more)
    if kind & HEADED:
        reference, total, place, body = _headed(body)
    if not 1 <= place <= total <= 255:
        raise Malformed("a part that cannot be")
    return Short(source, target, kind, coding, body, reference, total, place, more)


def _optional(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        if at + 4 > len(data):
            raise Malformed("an optional field ends too early")
        tag, size = struct.unpack_from(">HH", data, at)
        value = data[at + 4 : at + 4 + size]
        if len(value) < size:
            raise Malformed("an optional field ends too early")
        found[tag] = value
        at += 4 + size
    return found


def _sar(more: Mapping[int, bytes]) -> tuple[int, int, int]:
    if {REFERENCE, TOTAL, PLACE} <= more.keys():
        reference, total, place = (int.from_bytes(more[one][:2], "big") for one in (REFERENCE, TOTAL, PLACE))
        return reference, total, place
    return 0, 1, 1


def _headed(data: bytes) -> tuple[int, int, int, bytes]:
    """The concatenation of a user data header (8 or 16 bits), and what follows the header."""
    if not data or data[0] + 1 > len(data):
        raise Malformed("a header longer than its text")
    head, rest = data[1 : data[0] + 1], data[data[0] + 1 :]
    at = 0
    while at + 2 <= len(head):
        kind, size = head[at], head[at + 1]
        value = head[at + 2 : at + 2 + size]
        if kind == 0 and size == 3 and len(value) == 3:
            return value[0], value[1], value[2], rest
        if kind == 8 and size == 4 and len(value) == 4:
            return int.from_bytes(value[:2], "big"), value[2], value[3], rest
        at += 2 + size
    return 0, 1, 1, rest


def words(coding: int, data: bytes) -> str:
    """The text in bytes of a coding; whatever they are, something can be read."""
    if coding in (UCS2, UCS2 | 0x10):
        return data.decode("utf-16-be", "replace")
    if coding in (ASCII, LATIN1, 2, 4):
        return data.decode("latin-1")
    if coding == GB:
        return data.decode("gb18030", "replace")
    return length.decode_seven(data)


def receipt(part: Short) -> Told | None:
    """What a deliver_sm says of a text that was sent; None if it is a text of a person."""
    if not part.kind & RECEIPT_CLASS or part.kind & 0x38:
        return None
    found = {name.lower(): value for name, value in _RECEIPT.findall(part.data.decode("latin-1"))}
    named = part.more.get(RECEIPTED, b"").rstrip(b"\0").decode("latin-1") or found.get("id", "")
    state = found.get("stat", "").upper()[:7]
    if not state and (given := part.more.get(MESSAGE_STATE)):
        state = STATES.get(given[0], "UNKNOWN")
    return Told(named, state, found.get("err", ""))


def message_id(pdu: Pdu) -> str:
    """What the SMSC calls a text that it took. Raises ``Malformed``."""
    return text_of(pdu.body, 0, 65)[0] if pdu.body else ""
