"""The demo centre, and very many orders for measuring."""

from __future__ import annotations

import argparse

HELP = "fill an empty centre with a property firm; --orders N adds N made-up orders"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--orders", type=int, default=0, metavar="N", help="how many made-up orders there shall be (1000000: some minutes)")
    parser.add_argument("--months", type=int, default=24, metavar="M", help="over how many past months they are spread (default 24)")


def run(options: argparse.Namespace) -> int:
    from django.core.management import call_command
    from django.utils import translation

    from kefu.entry import demo, processes
    from kefu.entry.demo import bulk
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    if options.orders < 0 or not 1 <= options.months <= 240:
        say(_("Give a number of orders from 0 on and 1 to 240 months."))
        return 2
    try:
        with processes.hold(alone=False):
            call_command("migrate", interactive=False, verbosity=0)
            people = demo.ensure(say)
            if not people:
                say(_("This centre has people of its own; made-up orders are only for a demo centre."))
                return 1
            with translation.override("zh-hans"):
                made = bulk.make(options.orders, months=options.months, progress=say)
    except processes.Busy:
        say(_("A restore is running on this state folder; wait for its end."))
        return 1
    say(_("%(count)s orders were made.") % {"count": f"{made:,}"})
    return 0
