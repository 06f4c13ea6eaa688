"""The tags of mail as they may stand in our own page: no class of the sender, no picture from afar, no odd link."""

from __future__ import annotations

import re
from functools import lru_cache

_ATTRIBUTE = re.compile(r' ([^\s=>"]+)="([^"]*)"')
_DROPPED = re.compile(r' (?:class|id|name|type|cite)="[^"]*"')
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,", re.IGNORECASE)
_NEGATIVE = re.compile(r"margin[a-z-]*:[^;\"]*-\d")
_STYLE = re.compile(r' style="[^"]*"')
_TINY = re.compile(r"0*[0-2](?:px)?")
_MARGIN = re.compile(r"(?:^|;)\s*(?:width|height):\s?[0-2]px")


def _picture(attrs: str) -> str:
    """Pictures of the mail itself stay; of those from afar the address is kept aside; the invisible ones that only report are gone."""
    found = dict(_ATTRIBUTE.findall(attrs))
    source = found.pop("src", "").strip()
    kept = "".join(f' {name}="{value}"' for name, value in found.items() if name in {"alt", "width", "height", "style", "align"})
    if source[:4].lower() == "cid:" or _PICTURE.match(source):
        return f'<img src="{source}"{kept}>'
    tiny = any(_TINY.fullmatch(found.get(name, "")) for name in ("width", "height")) or _MARGIN.search(found.get("style", ""))
    if tiny or not _LINK.match(source):
        return ""
    return f'<img data-remote="{source}"{kept}>'


@lru_cache(maxsize=2048)
def shown_tag(closing: str, name: str, attrs: str) -> str:
    """One tag that nh3 wrote, as it may be shown."""
    if name in ("includetail", "sign"):
        return f"<{closing}div>"
    if name == "img":
        return _picture(attrs)
    if name == "a":
        target = dict(_ATTRIBUTE.findall(attrs)).get("href", "").strip()
        if not _LINK.match(target):
            attrs = re.sub(r' href="[^"]*"', "", attrs)
    attrs = _DROPPED.sub("", attrs)
    if "margin" in attrs and _NEGATIVE.search(attrs):
        attrs = _STYLE.sub("", attrs)
    return f"<{closing}{name}{attrs}>"
