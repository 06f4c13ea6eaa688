"""Says what is wrong with this installation and what to do."""

from __future__ import annotations

import argparse

HELP = "examine this installation; exit status 1 if something must be mended"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    from kefu import __version__
    from kefu.entry import doctor
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    say(f"Kefu {__version__}")
    bad = False
    for finding in doctor.examine():
        say(f"{finding.level:>5}  {finding.text}")
        if finding.level != doctor.GOOD and finding.remedy:
            say(f"       -> {finding.remedy}")
        bad = bad or finding.level == doctor.BAD
    say(_("Something must be mended.") if bad else _("Nothing must be mended."))
    return 1 if bad else 0
