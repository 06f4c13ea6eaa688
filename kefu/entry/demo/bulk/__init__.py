"""Very many made-up orders, for measuring how the centre carries them: ``kefu demo --orders 1000000``.

To every query they look like orders that went their way (numbers GB..., JB..., TB..., KB...); those that are archived have their sealed
copy. A load of ``MANY`` makes its rows in one process, writes them in another, and makes the indexes at the end; then past days are rolled
up. What was written stays when the command is interrupted; started again, it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable

from kefu.engines.measures import following
from kefu.engines.measures.services import fill_all, stand_today
from kefu.entry.demo.bulk import aside
from kefu.entry.demo.bulk.factory import Factory
from kefu.entry.demo.bulk.orders import PREFIX
from kefu.entry.demo.bulk.writer import Writer
from kefu.entry.speech import gettext as _
from kefu.timeline.models import Subject

MANY = 50_000


def done() -> int:
    """How many made-up orders there are: the running number after that of the newest."""
    last = Subject.objects.filter(number__startswith=PREFIX).order_by("-number").values_list("number", flat=True).first()
    return int(last[len(PREFIX) + 8 :]) + 1 if last else 0


def make(orders: int, *, months: int, progress: Callable[[str], None]) -> int:
    """Bring the made-up orders to ``orders``, accepted over the last ``months``; the answer is how many were written now."""
    began = done()
    if began >= orders and not aside.waits():
        _add_up(months, progress, anew=False)
        return 0
    many = orders - began >= MANY
    writer = Writer()
    with writer.loading():
        if began < orders:
            factory = Factory(writer, began, orders, months)
            if many:
                aside.put(factory.tables)
            factory.run(progress, apart=many)
        if aside.waits():
            progress(_("Putting the indexes in order ..."))
            aside.bring_back(lambda reached, of: progress(f"  {reached}/{of}") if reached % 10 == 0 else None)
    _add_up(months, progress, anew=True)
    return max(orders - began, 0)


def _add_up(months: int, progress: Callable[[str], None], *, anew: bool) -> None:
    """The figures of past days and of this one, as the worker would have left them."""
    progress(_("Adding up the figures of past days ..."))
    fill_all(back=months * 30 + 2, anew=anew)
    stand_today()
    following.skip()
