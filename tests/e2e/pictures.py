"""The pictures of the documents: small, with few colours, of the screens as the stories left them."""

from __future__ import annotations

import io

from PIL import Image

from tests.e2e.screens import Screen
from tests.installation import ROOT

FOLDER = ROOT / "docs" / "pictures"


def take(screen: Screen, name: str) -> None:
    """Write docs/pictures/<name>.png in 255 colours: the top of the page, without the words that pass by."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    screen.page.evaluate("() => document.fonts.ready")
    screen.page.evaluate("() => document.querySelectorAll('#messages > *').forEach(one => one.remove())")
    screen.page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    shot = Image.open(io.BytesIO(screen.page.screenshot(animations="disabled"))).convert("RGB")
    shot.quantize(255, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
