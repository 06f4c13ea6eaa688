"""The batches of a load: what each is made from, how it is written, how far it is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

from django.db import transaction

from kefu.engines.search.models import SearchDocument
from kefu.entry.demo.bulk.complaints import EVERY, Complaints
from kefu.entry.demo.bulk.customers import BATCH as CUSTOMER_BATCH
from kefu.entry.demo.bulk.customers import Customers
from kefu.entry.demo.bulk.orders import Orders
from kefu.entry.demo.bulk.pipeline import made
from kefu.entry.demo.bulk.plan import Cutter, Plan
from kefu.entry.demo.bulk.writer import Packed, Writer
from kefu.entry.speech import gettext as _
from kefu.kit import moment

BATCH = 5000
ORDERS_A_CUSTOMER = 20
LIVE_SHARE = 0.05
Progress = Callable[[str], None]
Job = tuple[int, int, int, int]
Packs = list[tuple[str, Packed]]


class Factory:
    """Makes orders ``began`` to ``orders``, accepted over the last ``months``."""

    def __init__(self, writer: Writer, began: int, orders: int, months: int) -> None:
        self.writer, self.began, self.orders = writer, began, orders
        self.now = int(moment.now().timestamp())
        self.start = self.now - months * 30 * 86400
        cutter, plan = Cutter(writer), Plan(writer)
        self.customers = Customers(writer, cutter)
        self.cases, self.complaints = Orders(writer, plan, cutter, self.now), Complaints(writer, plan, cutter, self.now)
        self.residents = self.customers.held()

    @property
    def tables(self) -> list[str]:
        """The tables of the many rows."""
        return [table.table for model, table in self.cases.tables.items() if model is not SearchDocument]

    def run(self, progress: Progress, *, apart: bool) -> None:
        """Make and write all, one transaction a batch; ``apart``: rows are made in a second process."""
        self._move_in()
        clock = time.monotonic()
        for stop, cases, complaints in made(self.make, self._jobs(), apart=apart):
            with transaction.atomic():
                self.cases.write(cases)
                self.complaints.write(complaints)
            self._report(progress, stop, time.monotonic() - clock)

    def _move_in(self) -> None:
        wanted = max(50, self.orders // ORDERS_A_CUSTOMER)
        while len(self.residents) < wanted:
            end = min(len(self.residents) + CUSTOMER_BATCH, wanted)
            first = self.writer.reserve(end - len(self.residents))
            with transaction.atomic():
                self.residents += self.customers.make(len(self.residents), end, self.start, first)

    def _jobs(self) -> Iterator[Job]:
        """Running numbers, half-open, and the first ids of their orders and complaints; ids rise with the numbers."""
        for low in range(self.began, self.orders, BATCH):
            stop = min(low + BATCH, self.orders)
            first = self.writer.reserve((stop - low) * 2 + (stop - low) // EVERY + 1)
            yield low, stop, first, first + (stop - low) * 2

    def make(self, job: Job) -> tuple[int, Packs, Packs]:
        """The rows of one batch. Needs no connection."""
        low, stop, first, beside = job
        serials = range(low, stop)
        times, live = self._times(serials)
        cases = self.cases.make(serials, times, live, self.residents, first)
        heard = [(one, at) for one, at in zip(serials, times, strict=True) if one % EVERY == 0]
        return stop, cases, self.complaints.make(heard, self.residents, beside)

    def _times(self, serials: range) -> tuple[list[int], set[int]]:
        """When each order was accepted (rising, as numbers are), and which of them are still alive: the newest."""
        step = (self.now - self.start - 86400 // 8) / self.orders
        dice = random.Random(serials.start)  # noqa: S311
        border = self.orders * (1 - LIVE_SHARE)
        times = [self.start + int(step * (serial + dice.random())) for serial in serials]
        return times, {serial for serial in serials if serial >= border}

    def _report(self, progress: Progress, reached: int, seconds: float) -> None:
        if reached % (BATCH * 10) and reached != self.orders:
            return
        rate = (reached - self.began) / max(seconds, 0.001)
        left = (self.orders - reached) / rate
        told = {"done": f"{reached:,}", "all": f"{self.orders:,}", "rate": f"{rate:,.0f}", "left": f"{left:,.0f}"}
        progress(_("%(done)s of %(all)s orders, %(rate)s a second, %(left)s s left") % told)
