"""Very many residents, one for every twenty orders."""

from __future__ import annotations

import random

from kefu.engines.search import cut, store
from kefu.engines.search.models import SearchDocument
from kefu.entry.demo import residents
from kefu.entry.demo.bulk.plan import Cutter, Resident, person
from kefu.entry.demo.bulk.writer import Row, Table, Writer
from kefu.timeline.models import Event, Subject
from kefu.touch.customers.models import ContactPoint, Customer

BATCH = 10_000
PREFIX = "KB"


class Customers:
    """Makes residents ``PREFIX`` 0 to ``count`` and remembers them for the orders."""

    def __init__(self, writer: Writer, cutter: Cutter) -> None:
        self.writer, self.cutter = writer, cutter
        self.subjects = Table(writer, Subject, "id kind number title unit_path opened_at")
        self.rows = Table(writer, Customer, "subject_id name code area address source")
        self.points = Table(writer, ContactPoint, "customer_id kind value main")
        self.events = Table(writer, Event, "subject_id kind at data clauses")
        self.documents = Table(writer, SearchDocument, "subject_id kind title body text indexed_at")

    @staticmethod
    def of(place: int, pk: int) -> Resident:
        """The resident at ``place``: always the same one."""
        dice = random.Random(place)  # noqa: S311
        area, address, _code = residents.house(place)
        return Resident(pk, person(dice), f"+86139{10_000_000 + place:08d}", area, address)

    def held(self) -> list[Resident]:
        """Those that are there already."""
        rows = Customer.objects.filter(code__startswith=PREFIX).order_by("code").values_list("pk", flat=True)
        return [self.of(place, pk) for place, pk in enumerate(rows)]

    def make(self, begin: int, end: int, at: int, first: int) -> list[Resident]:
        """Residents ``begin`` to ``end`` (half-open), in the batch's transaction; ``first`` is the first of their ids."""
        writer, when = self.writer, self.writer.stamp(at)
        people = [self.of(place, first + place - begin) for place in range(begin, end)]
        numbers = [f"{PREFIX}{place:010d}" for place in range(begin, end)]
        rows = list(zip(people, numbers, strict=True))
        self._write(self.subjects, [(one.pk, "customer", number, one.name, "", when) for one, number in rows])
        self._write(self.rows, [(one.pk, one.name, number, one.area, one.address, "业主资料") for one, number in rows])
        self._write(self.points, [(one.pk, "phone", one.phone, writer.true) for one in people])
        data, cited = writer.json({"source": "业主资料"}), writer.json([])
        self._write(self.events, [(one.pk, "customer.created", when, data, cited) for one in people])
        self._index(people, numbers, when)
        return people

    @staticmethod
    def _write(table: Table, rows: list[Row]) -> None:
        table.write(table.pack(rows))

    def _index(self, people: list[Resident], numbers: list[str], when: str) -> None:
        documents: list[Row] = []
        found = []
        kind = self.writer.keyed([store.kind_piece("customer")])
        for one, number in zip(people, numbers, strict=True):
            text = " ".join((number.lower(), *(cut.normal(part) for part in (one.area, one.name, number, one.address)), one.phone[3:]))
            documents.append((one.pk, "customer", number, one.area, text, when))
            found.append((one.pk, (kind, self.cutter.keyed(text))))
        self._write(self.documents, documents)
        self.writer.write_pieces(self.writer.pack_pieces(found))
