"""Run as a process of its own: ``python -m kefu.engines.paper.drawing FOLDER MOST`` draws ``in`` into page-001.png and on.

Ends with 3 and the number of pages if there are too many.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST, PIXELS = 1754, 80_000_000
MEMORY, PROCESSOR = 1_500_000_000, 50
TOO_MANY = 3


def _pdf(path: Path, most: int) -> Iterator[Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(str(path))
    if len(document) > most:
        sys.stdout.write(str(len(document)))
        raise SystemExit(TOO_MANY)
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        scale = min(LONGEST / max(width, height, 1), 4)
        yield page.render(scale=scale, grayscale=True).to_pil()


def _tiff(path: Path, most: int) -> Iterator[Any]:
    from PIL import Image, ImageSequence

    Image.MAX_IMAGE_PIXELS = PIXELS // 2  # Pillow refuses at twice this
    with Image.open(path, formats=["TIFF"]) as picture:
        count = int(getattr(picture, "n_frames", 1))
        if count > most:
            sys.stdout.write(str(count))
            raise SystemExit(TOO_MANY)
        for frame in ImageSequence.Iterator(picture):
            # Faxes have pixels that are no squares: 204 dots across, 98 or 196 down.
            across, down = (float(one) or 1.0 for one in frame.info.get("dpi", (1, 1)))
            drawn = frame.convert("L")
            if 1.5 < across / down < 3:
                drawn = drawn.resize((drawn.width, int(drawn.height * across / down)))
            drawn.thumbnail((LONGEST, LONGEST))
            yield drawn


def main(folder: Path, most: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    path = folder / "in"
    with path.open("rb") as file:
        way = _pdf if b"%PDF-" in file.read(1024) else _tiff
    for number, page in enumerate(way(path, most), 1):
        page.save(folder / f"page-{number:03}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
