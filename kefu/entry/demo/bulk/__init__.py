"""Very many made-up orders, for measuring how the centre carries them: ``kefu demo --orders 1000000``.

To every query they look like orders that went their way (numbers GB..., JB..., TB..., KB...), but they have no sealed copy. What was
written stays when the command is interrupted; started again, it goes on where it stopped.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from kefu.entry.demo.bulk.complaints import EVERY, Complaints
from kefu.entry.demo.bulk.customers import BATCH as CUSTOMER_BATCH
from kefu.entry.demo.bulk.customers import Customers
from kefu.entry.demo.bulk.orders import PREFIX, Orders
from kefu.entry.demo.bulk.plan import Cutter, Plan
from kefu.entry.demo.bulk.writer import Writer
from kefu.entry.speech import gettext as _
from kefu.kit import moment
from kefu.timeline.models import Subject

BATCH = 5000
ORDERS_A_CUSTOMER = 20
LIVE_SHARE = 0.05


def done() -> int:
    """How many made-up orders there are: the running number after that of the newest."""
    last = Subject.objects.filter(number__startswith=PREFIX).order_by("-number").values_list("number", flat=True).first()
    return int(last[len(PREFIX) + 8 :]) + 1 if last else 0


def make(orders: int, *, months: int, progress: Callable[[str], None]) -> int:
    """Bring the made-up orders to ``orders``, accepted over the last ``months``; the answer is how many were written now."""
    began = done()
    if began >= orders:
        return 0
    now = int(moment.now().timestamp())
    start = now - months * 30 * 86400
    writer, cutter = Writer(), Cutter()
    with writer.loading():
        plan = Plan(writer)
        customers = Customers(writer, cutter)
        residents = customers.held()
        while len(residents) < max(50, orders // ORDERS_A_CUSTOMER):
            end = min(len(residents) + CUSTOMER_BATCH, max(50, orders // ORDERS_A_CUSTOMER))
            with writer.batch():
                residents += customers.make(len(residents), end, start)
        cases, complaints = Orders(writer, plan, cutter, now), Complaints(writer, plan, cutter, now)
        clock = time.monotonic()
        for low in range(began, orders, BATCH):
            serials = range(low, min(low + BATCH, orders))
            times, live = _times(serials, orders, start, now)
            with writer.batch():
                cases.make(serials, times, live, residents)
                complaints.make([(one, at) for one, at in zip(serials, times, strict=True) if one % EVERY == 0], residents)
            _report(progress, serials.stop, began, orders, time.monotonic() - clock)
        progress(_("Putting the indexes in order ..."))
    return orders - began


def _times(serials: range, orders: int, start: int, now: int) -> tuple[list[int], set[int]]:
    """When each order was accepted (rising, as numbers are), and which of them are still alive: the newest, now and then an older one."""
    step = (now - start - 86400 // 8) / orders
    dice = random.Random(serials.start)  # noqa: S311
    border = orders * (1 - LIVE_SHARE)
    times = [start + int(step * (serial + dice.random())) for serial in serials]
    return times, {serial for serial in serials if serial >= border}


def _report(progress: Callable[[str], None], reached: int, began: int, orders: int, seconds: float) -> None:
    if reached % (BATCH * 10) and reached != orders:
        return
    rate = (reached - began) / max(seconds, 0.001)
    told = {"done": f"{reached:,}", "all": f"{orders:,}", "rate": f"{rate:,.0f}", "left": f"{(orders - reached) / rate:,.0f}"}
    progress(_("%(done)s of %(all)s orders, %(rate)s a second, %(left)s s left") % told)
