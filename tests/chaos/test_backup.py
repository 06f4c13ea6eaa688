"""A backup taken while writes go on holds one instant: all that was acknowledged before, whole cases only; and work goes on from it."""

from __future__ import annotations

import threading

from tests.chaos.house import COUNT, Caller, running, until_more_is_written
from tests.installation import copy_of

OPEN = """
from tests.chaos import races
result = races.opened().subject.number
"""


def test_a_backup_under_load_comes_back_elsewhere_as_one_instant(installation, _template, tmp_path):  # noqa: PT019
    over, target = threading.Event(), tmp_path / "online.kefu"
    with running(installation) as house:
        callers = [Caller(house, f"caller{number}", over) for number in range(3)]
        threads = [threading.Thread(target=caller.run, daemon=True) for caller in callers]
        for thread in threads:
            thread.start()
        until_more_is_written(callers, 20)
        before = {foreign: pk for caller in callers for foreign, pk in dict(caller.contacts).items()}
        ordered = {contact: number for caller in callers for contact, number in dict(caller.orders).items()}
        done = installation.kefu("backup", str(target))
        assert done.returncode == 0, done.stdout + done.stderr
        until_more_is_written(callers, 10)
        assert installation.kefu("doctor").returncode == 0
        over.set()
        for thread in threads:
            thread.join(40)
    assert [caller.fault for caller in callers] == [None] * len(callers)
    with copy_of(_template, tmp_path / "elsewhere") as other:
        done = other.kefu("restore", str(target))
        assert done.returncode == 0, done.stdout + done.stderr
        found = other.python(COUNT)
        fresh = other.python(OPEN)
    contacts, orders = dict(found["contacts"]), dict(found["orders"])
    assert before.items() <= contacts.items()
    assert ordered.items() <= orders.items()
    assert len(contacts) < sum(len(caller.contacts) for caller in callers), "what came after the backup is not in it"
    assert len(orders) == found["leads"] == len(found["events"]), "an order stands with its contact and its event"
    assert set(found["events"]) == {1}
    assert min(found["limits"]) >= 3
    assert fresh not in set(orders.values()), "a number is not given a second time"
