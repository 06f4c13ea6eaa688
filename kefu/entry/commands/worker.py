"""A worker alone, for a machine that serves no pages."""

from __future__ import annotations

import argparse

HELP = "run one worker (clock, timetable, background work) until it is stopped"
READY = False


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    from kefu.entry import children, processes
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    try:
        with processes.hold(alone=False):
            return children.main(["worker"])
    except processes.Busy:
        say(_("A restore is running on this state folder; wait for its end."))
        return 1
