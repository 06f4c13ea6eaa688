"""Short requests go one after the other; a long one, or a long answer, holds nobody up."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from kefu.entry.front import lane
from kefu.entry.front.lane import Lane


def test_no_more_are_inside_than_the_lane_is_wide(monkeypatch):
    monkeypatch.setattr(lane, "PATIENCE", 20)
    held, inside, most = Lane(2), [], []
    gate = threading.Semaphore(0)

    def work(number):
        with held:
            inside.append(number)
            most.append(len(inside))
            gate.acquire()
            inside.remove(number)

    began = time.monotonic()
    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(work, number) for number in range(5)]
        for _each in done:
            gate.release()
    assert all(one.exception() is None for one in done)
    assert (max(most), inside) == (2, [])
    assert time.monotonic() - began < 20  # who leaves calls the next


def test_who_takes_long_is_passed_once_and_counts_no_more(monkeypatch):
    monkeypatch.setattr(lane, "PATIENCE", 0.3)
    held, end = Lane(1), threading.Event()
    waited = []

    def long():
        with held:
            end.wait(20)

    def short():
        began = time.monotonic()
        with held:
            waited.append(time.monotonic() - began)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(long)
        while not held._inside:
            time.sleep(0.001)
        for _each in range(3):
            pool.submit(short).result(20)
        assert not first.done()
        end.set()
    assert waited[0] >= 0.3
    assert max(waited[1:]) < 0.3
    assert held._inside == {}


def test_who_leaves_early_is_not_counted_and_leaves_once():
    held = Lane(1)
    with held:
        held.leave()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(lambda: held.__enter__()).result(20) is None
            assert len(held._inside) == 1
    assert len(held._inside) == 1  # the other one is inside still
