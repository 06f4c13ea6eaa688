"""Fifty times a process is killed under load: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import random
import threading
import time

from tests.chaos.house import COUNT, Caller, running, until_more_is_written

KILLS = 50


def test_no_acknowledged_write_is_lost_or_doubled(installation):
    dice, over = random.Random(50), threading.Event()
    with running(installation, webs=2) as house:
        callers = [Caller(house, f"caller{number}", over) for number in range(3)]
        threads = [threading.Thread(target=caller.run, daemon=True) for caller in callers]
        for thread in threads:
            thread.start()
        struck = []
        while len(struck) < KILLS:
            until_more_is_written(callers)
            time.sleep(dice.random() / 10)
            name = house.strike_supervisor() if len(struck) in (15, 35) else house.strike(dice)
            struck += [name] if name else []
        until_more_is_written(callers)
        over.set()
        for thread in threads:
            thread.join(40)
    assert [caller.fault for caller in callers] == [None] * len(callers)
    assert {"web", "worker", "supervisor"} == set(struck)
    found = installation.python(COUNT)
    contacts, orders = dict(found["contacts"]), dict(found["orders"])
    assert len(contacts) == len(found["contacts"]), "a contact stands twice"
    assert len(orders) == len(found["orders"]), "two orders came from one contact"
    assert len(set(orders.values())) == len(orders), "a number was given twice"
    for caller in callers:
        assert {foreign: contacts.get(foreign) for foreign in caller.contacts} == caller.contacts
        assert {contact: orders.get(contact) for contact in caller.orders} == caller.orders
    assert set(contacts) <= set().union(*(caller.sent for caller in callers))
    assert len(orders) == found["leads"], "an order without its contact, or the other way round"
    assert set(found["events"]) == {1}
    assert min(found["limits"]) >= 3
    assert len(orders) > KILLS, "there was no load to speak of"
