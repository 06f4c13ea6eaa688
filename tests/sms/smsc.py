"""An SMSC of our own on loopback, in a process of its own: it binds, takes, throttles, sends receipts and texts, and can be killed.

It packs and reads by itself, sharing no code with what it tests. Orders come on its standard input, one JSON a line; what it took goes to
its standard output the same way.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from typing import Any

PASSWORD = b"secret"


class Smsc:
    def __init__(self, port: int) -> None:
        self.server = socket.create_server(("127.0.0.1", port))
        self.way: socket.socket | None = None
        self.statuses: list[int] = []
        self.taken = self.sequence = 0
        self.silent = False

    def tell(self, **said: Any) -> None:
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()

    def serve(self) -> None:
        self.tell(port=self.server.getsockname()[1])
        while True:
            self.way, _from = self.server.accept()
            threading.Thread(target=self.talk, args=(self.way,), daemon=True).start()

    def talk(self, way: socket.socket) -> None:
        held = b""
        try:
            while data := way.recv(4096):
                held += data
                while len(held) >= 4 and len(held) >= (size := struct.unpack(">I", held[:4])[0]):
                    self.one(way, held[:size])
                    held = held[size:]
        except OSError:
            pass

    def one(self, way: socket.socket, pdu: bytes) -> None:
        _size, command, status, sequence = struct.unpack(">IIII", pdu[:16])
        if command == 9:
            name, word = pdu[16:].split(b"\0")[:2]
            good = word == PASSWORD
            self.send(way, 0x80000009, 0 if good else 0xE, sequence, b"loopback\0" if good else b"")
            self.tell(bound=name.decode(), good=good)
        elif command == 4:
            self.submitted(way, sequence, pdu[16:])
        elif command == 0x15:
            self.send(way, 0x80000015, 0, sequence)
            self.tell(enquired=True)
        elif command & 0x80000000:
            self.tell(answered=command & 0xFFFF, status=status, sequence=sequence)
        elif command == 6:
            self.send(way, 0x80000006, 0, sequence)

    def submitted(self, way: socket.socket, sequence: int, body: bytes) -> None:
        at = body.index(b"\0") + 3
        source, at = body[at : body.index(b"\0", at)], body.index(b"\0", at) + 3
        target, at = body[at : body.index(b"\0", at)], body.index(b"\0", at) + 1
        kind, at = body[at], at + 3
        at = body.index(b"\0", at) + 1
        at = body.index(b"\0", at) + 1
        asked, coding, size = body[at], body[at + 2], body[at + 4]
        data = body[at + 5 : at + 5 + size]
        if not size:
            tag, length = struct.unpack(">HH", body[at + 5 : at + 9])
            assert tag == 0x424
            data = body[at + 9 : at + 9 + length]
        status = self.statuses.pop(0) if self.statuses else 0
        self.taken += 1
        told = {"submitted": data.hex(), "kind": kind, "coding": coding, "receipt": asked, "status": status}
        self.tell(**told, source=source.decode(), target=target.decode())
        if not self.silent:
            self.send(way, 0x80000004, status, sequence, b"" if status else f"m{self.taken}".encode() + b"\0")

    def send(self, way: socket.socket, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        way.sendall(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

    def deliver(self, data: bytes, kind: int = 0, coding: int = 8, source: str = "8613800001234", more: str = "") -> None:
        assert self.way is not None
        self.sequence += 1
        body = b"\0\x01\x01" + source.encode() + b"\0\x00\x01" + b"1069012345\0" + bytes((kind, 0, 0)) + b"\0\0" + bytes((0, 0, coding, 0))
        self.send(self.way, 5, 0, self.sequence, body + bytes((len(data),)) + data + bytes.fromhex(more))

    def order(self, told: dict[str, Any]) -> None:
        if "statuses" in told:
            self.statuses = told["statuses"]
        if "silent" in told:
            self.silent = told["silent"]
        if "deliver" in told:
            self.deliver(bytes.fromhex(told.pop("deliver")), **told)
        if "raw" in told and self.way is not None:
            self.way.sendall(bytes.fromhex(told["raw"]))
        if "hang_up" in told and self.way is not None:
            self.way.shutdown(socket.SHUT_RDWR)
            self.way.close()


if __name__ == "__main__":
    smsc = Smsc(int(sys.argv[1]))
    threading.Thread(target=smsc.serve, daemon=True).start()
    for line in sys.stdin:
        smsc.order(json.loads(line))
