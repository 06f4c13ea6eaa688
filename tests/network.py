"""A network between two programs that can be cut: real sockets, no signs of the cut on either side, and nothing that was open lives on."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading

GONE = struct.pack("ii", 1, 0)  # closed so, whoever still writes learns that nobody knows this line any more


class Network:
    """Passes bytes to ``port`` on this machine. ``answers_lost``: what is asked arrives, the answers do not. ``cut``: nothing arrives, and
    nobody is told. ``mend``: new lines pass again; those that were open at a cut are reset, as routers do that have forgotten them."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._passes_up = threading.Event()
        self._passes_down = threading.Event()
        self._ended = threading.Event()
        self._opened()
        threading.Thread(target=self._accept, daemon=True).start()

    def _opened(self) -> None:
        self._passes_up.set()
        self._passes_down.set()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                if not select.select([self._listener], [], [], 0.1)[0] or not self._passes_up.is_set():
                    self._ended.wait(0.05)  # who knocks during a cut waits at the door
                    continue
                near, _address = self._listener.accept()
            except (OSError, ValueError):
                return  # the listener was closed meanwhile
            far = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._pairs.append((near, far))
            for source, sink, passes in ((near, far, self._passes_up), (far, near, self._passes_down)):
                threading.Thread(target=self._pass, args=(source, sink, passes), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, sink: socket.socket, passes: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if passes.is_set():  # what is on its way in a cut is gone
                    sink.sendall(data)
            if passes.is_set():
                sink.shutdown(socket.SHUT_WR)

    def answers_lost(self) -> None:
        self._passes_down.clear()

    def cut(self) -> None:
        self._passes_up.clear()
        self._passes_down.clear()

    def mend(self) -> None:
        with self._lock:
            lines, self._pairs = self._pairs, []
        for line in [one for pair in lines for one in pair]:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, GONE)
                line.shutdown(socket.SHUT_RD)  # wakes who reads it
            line.close()
        self._opened()

    def end(self) -> None:
        self._ended.set()
        self.mend()
        self._listener.close()
