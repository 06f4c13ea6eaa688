"""A backup while everybody works on."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "write database, files and secrets into one file, online"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the archive to write; an existing one is replaced only when the new one is whole")
    parser.add_argument(
        "--without-secrets", action="store_true", help="leave the keys out (keep them elsewhere: encrypted fields need them)"
    )


def run(options: argparse.Namespace) -> int:
    from kefu.entry.backup import archive
    from kefu.entry.backup import run as backup
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    try:
        manifest = backup.make(options.file.absolute(), secrets=not options.without_secrets)
        backup.verify(options.file.absolute())
    except (OSError, archive.Damaged) as error:
        say(_("The backup failed: %(error)s") % {"error": error})
        return 1
    size = options.file.stat().st_size / 1_000_000
    say(
        _("Backup written and read back: %(file)s (%(count)s parts, %(size).1f MB)")
        % {"file": options.file, "count": len(manifest["members"]), "size": size}
    )
    if not options.without_secrets:
        say(_("It holds the keys of this installation: keep it where only you can read it."))
    return 0
