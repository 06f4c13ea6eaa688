"""Put a backup back; what was here before is kept beside."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "put a backup in place of what is here (verified first; stop the server before)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="an archive of `kefu backup`")
    parser.add_argument("--check", action="store_true", help="only verify the archive, change nothing")
    parser.add_argument("--force", action="store_true", help="even while a server runs on this state folder")


def run(options: argparse.Namespace) -> int:
    from kefu.entry import processes
    from kefu.entry.backup import archive
    from kefu.entry.backup import run as backup
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    try:
        if options.check:
            manifest = backup.verify(options.file)
            say(_("The backup is whole: made %(at)s, %(count)s parts.") % {"at": manifest["made_at"], "count": len(manifest["members"])})
            return 0
        if options.force:
            kept = backup.restore(options.file, lambda _step: say(_("The backup is whole; putting it in place ...")))
        else:
            with processes.hold(alone=True):
                kept = backup.restore(options.file, lambda _step: say(_("The backup is whole; putting it in place ...")))
    except processes.Busy:
        say(_("A server runs on this state folder. Stop it first (or use --force)."))
        return 1
    except archive.Damaged as error:
        say(_("Nothing was changed. The backup cannot be used: %(error)s") % {"error": error})
        return 1
    say(_("Restored. What was here before is kept in %(folder)s; delete it when all is well.") % {"folder": kept})
    return 0
