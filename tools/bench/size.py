"""Memory at rest, live streams, what a first page weighs, and Lighthouse."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tools.bench.cases import get, measure
from tools.bench.report import Line, Table
from tools.bench.servers import HERE, Server, _listen, children, memory

_ASSET = re.compile(rb"""(?:href|src)="(/static/[^"#?]+)""")
_INSIDE = re.compile(rb"""url\(["']?([^"')#?]+)""")


def rest(table: Table, where: str, environment: dict[str, str]) -> None:
    """All processes of ``kefu serve`` when nobody does anything."""
    with _listen() as sock:
        port = sock.getsockname()[1]
    words = [sys.executable, "-m", "kefu.entry.cli", "serve", f"--port={port}"]
    with subprocess.Popen(words, env={**os.environ, **environment}, cwd=HERE, stdout=subprocess.DEVNULL) as process:
        try:
            _until_up(port)
            time.sleep(15)
            pids = children(process.pid)
            table.add(
                Line(where, "memory at rest, all processes", memory(pids) / 1e6, 200, "MB", f"{len(pids)} processes, shared counted once")
            )
        finally:
            process.terminate()


def _until_up(port: int) -> None:
    for _try in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as asking:
                asking.sendall(b"GET /-/alive HTTP/1.0\r\nHost: localhost\r\n\r\n")
                if b" 200 " in asking.recv(100):
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("kefu serve did not start")


def streams(table: Table, where: str, kefu: Server, facts: dict[str, Any], *, count: int = 500) -> None:
    """Open live streams: what each holds, and what the list costs beside them."""
    ask = get("/api/v1/orders?limit=50")
    alone = measure([(kefu, facts, ask)], rounds=5, requests=40)[0]
    before, with_files = memory([kefu.pid], own=True), memory([kefu.pid])
    opened = []
    for _stream in range(count):
        one = socket.create_connection(("127.0.0.1", kefu.port), 10)
        one.sendall(f"GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: {facts['cookie']}\r\nAccept: text/event-stream\r\n\r\n".encode())
        opened.append(one)
    answered = sum(1 for one in opened if b" 200 " in one.recv(200))
    time.sleep(2)
    each = (memory([kefu.pid], own=True) - before) / count / 1000
    files = (memory([kefu.pid]) - with_files) / count / 1000 - each
    beside = measure([(kefu, facts, ask)], rounds=5, requests=40)[0]
    for one in opened:
        one.close()
    told = f"and {files:.1f} KB of pages of the database that the first reading maps"
    table.add(Line(where, f"a live stream ({answered} of {count} open)", each, 40, "KB", told))
    table.add(
        Line(where, "order list beside the open streams", beside.web / alone.web, 1.15, "x", f"{beside.web:.2f} ms, {alone.web:.2f} alone")
    )


def weights(table: Table, where: str, kefu: Server) -> None:
    """First visits, everything included, as it travels."""
    for path, bound in (("/desk", 200), ("/portal", 60)):
        status, _body = kefu.ask("GET", path)
        if status != 200:
            table.add(Line(where, f"{path} (answered {status})", 0, None, "KB"))
            continue
        total, parts = _weight(kefu, path)
        table.add(Line(where, f"first visit of {path}", total / 1000, bound, "KB", f"{parts} parts, gzip"))


def _weight(kefu: Server, path: str) -> tuple[int, int]:
    packed = {"Accept-Encoding": "gzip"}
    page = kefu.must("GET", path, headers=packed)
    found, waiting = {path: len(page)}, {one.decode() for one in _ASSET.findall(_plain(page))}
    while waiting:
        asset = waiting.pop()
        body = kefu.must("GET", asset, headers=packed)
        found[asset] = len(body)
        if asset.endswith(".css"):
            inner = {one.decode() for one in _INSIDE.findall(_plain(body)) if not one.startswith(b"data:")}
            waiting |= {one if one.startswith("/") else f"{asset.rsplit('/', 1)[0]}/{one}" for one in inner} - set(found)
    return sum(found.values()), len(found)


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def lighthouse(table: Table, where: str, kefu: Server, facts: dict[str, Any]) -> None:
    """Google Lighthouse over ``npx``, where npm is; its scores count upward, so what lacks to 100 is the figure.

    A Chromium of our own holds the session: a cookie given as a header is forgotten at the first answer that sets another one, and then
    the sign-in page is what would be measured. Its cache is emptied before each run.
    """
    npx, chromium = shutil.which("npx"), shutil.which("chromium") or shutil.which("chromium-browser")
    if npx is None or chromium is None:
        print("Lighthouse is left out: npx or Chromium is not there.")
        return
    from playwright.sync_api import sync_playwright  # only here: the rest of the bench needs no browser

    with sync_playwright() as play, tempfile.TemporaryDirectory() as profile:
        with _listen() as sock:
            port = sock.getsockname()[1]
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", f"--remote-debugging-port={port}"]
        browser = play.chromium.launch_persistent_context(profile, executable_path=chromium, args=flags)
        name, _mark, value = facts["cookie"].partition("=")
        browser.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{kefu.port}"}])
        page = browser.new_page()
        for path, form, bound in (("/orders", "desktop", 5.0), ("/orders", "mobile", 15.0), ("/portal", "mobile", 5.0)):
            browser.new_cdp_session(page).send("Network.clearBrowserCache")
            found = _run(npx, f"http://127.0.0.1:{kefu.port}{path}", form, port)
            if found is None or not found["finalDisplayedUrl"].endswith(path):
                print(f"Lighthouse gave no verdict on {path} ({form}).")
            else:
                _tell(table, where, f"{path} {form}", bound, found)
        browser.close()


def _tell(table: Table, where: str, what: str, bound: float, found: dict[str, Any]) -> None:
    index = f"benchmark index {found['environment']['benchmarkIndex']:.0f}"
    scores = {name: 100 * (found["categories"][name]["score"] or 0) for name in ("performance", "accessibility")}
    table.add(Line(where, f"Lighthouse {what}: lacks to 100", 100 - scores["performance"], bound, "", index))
    table.add(Line(where, f"accessibility of {what}: lacks to 100", 100 - scores["accessibility"], 0.0, "", index))


def _run(npx: str, address: str, form: str, port: int) -> dict[str, Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "told.json"
        words = [
            npx, "--yes", "lighthouse@12", address, "--output=json", f"--output-path={out}", "--quiet", f"--port={port}",
            "--only-categories=performance,accessibility", "--disable-storage-reset", *(["--preset=desktop"] if form == "desktop" else []),
        ]  # fmt: skip
        try:
            subprocess.run(words, timeout=300, check=True, capture_output=True)
        except (subprocess.SubprocessError, OSError):
            return None
        found: dict[str, Any] = json.loads(out.read_text())
        return found
