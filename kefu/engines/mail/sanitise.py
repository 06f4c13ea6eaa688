"""Foreign HTML made harmless and well formed. nh3 parses; what would cost it more than its length is refused before.

Its parser takes quadratic time for deep nesting and for tags with very many attributes, so both are bounded by a look at the tags first.
"""

from __future__ import annotations

import html as entities
import re

import nh3

from kefu.engines.mail.words import words

MAX_CHARACTERS, MAX_NESTED, MAX_ATTRIBUTES = 2_000_000, 400, 300
_ALWAYS_FINE = 1500
_TAGS = words(
    "a abbr address article b big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure",
    "font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small span strike strong sub sup",
    "summary table tbody td tfoot th thead time tr tt u ul var wbr includetail sign",
)
_STYLES = words(
    "color background-color font font-family font-size font-style font-weight font-variant text-align text-decoration text-indent",
    "line-height letter-spacing vertical-align white-space word-break word-wrap direction display visibility",
    "border border-top border-right border-bottom border-left border-color border-width border-style border-collapse border-spacing",
    "border-radius padding padding-top padding-right padding-bottom padding-left margin margin-top margin-right margin-bottom",
    "margin-left width height max-width max-height min-width table-layout mso-hide",
)
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags={"script", "style", "title", "noscript", "iframe", "object", "template", "textarea", "select", "svg", "math", "xml"},
    attributes={
        "*": {"class", "id", "style", "dir", "lang", "align", "valign"},
        "a": {"href"},
        "img": {"src", "alt", "width", "height"},
        "blockquote": {"type", "name", "cite"},
        "font": {"color", "face", "size"},
        "ol": {"start", "type"},
        **{name: {"colspan", "rowspan", "width", "height", "bgcolor"} for name in ("td", "th")},
        **{name: {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor"} for name in ("table", "tr", "tbody", "col")},
    },
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    filter_style_properties=set(_STYLES),
    strip_comments=True,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BETWEEN = re.compile(r"[\s/]+")
_FLAT = words("br img hr meta link input col wbr base area p li td th tr tbody thead tfoot dd dt option body html head")
_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|p|div|tr|li)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_HUGE_DATA = re.compile(r"data:[a-z]{1,20}/[a-z0-9.+-]{1,40};base64,[A-Za-z0-9+/=\s]{300000,}", re.IGNORECASE)


def harmless(html: str) -> tuple[str, str]:
    """Well-formed HTML without scripts, forms, frames and foreign styles, and what was wrong with it (empty: nothing).

    Classes and ids are still in it, for ``page.read``, which takes them out.
    """
    fault = ""
    if len(html) > 300_000:
        html = _HUGE_DATA.sub("", html)
    if len(html) > MAX_CHARACTERS:
        html, fault = html[:MAX_CHARACTERS], "html cut"
    html = html.replace("\x00", "")
    if _costly(html):
        return f"<pre>{entities.escape(stripped(html))}</pre>", "html too deep"
    return _CLEANER.clean(html), fault


def _costly(html: str) -> bool:
    if len(html) > 2000:
        for found in _LONG_TAG.finditer(html):
            if len(_BETWEEN.findall(_QUOTED.sub("", found[0]))) > MAX_ATTRIBUTES:
                return True
    if html.count("<") < _ALWAYS_FINE:
        return False
    depth = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _FLAT:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        if depth > MAX_NESTED:
            return True
    return False


def _without(html: str, name: str) -> str:
    """The HTML without one kind of element and what is in it; linear, whatever is left open."""
    small, out, at = html.lower(), [], 0
    if len(small) != len(html):  # a few characters change their length
        return html
    while True:
        start = small.find("<" + name, at)
        if start < 0:
            out.append(html[at:])
            return "".join(out)
        out.append(html[at:start])
        stop = small.find("</" + name, start)
        if stop < 0:
            return "".join(out)
        at = stop + len(name) + 3


def stripped(html: str) -> str:
    """The bare text of HTML, without parsing it."""
    for name in ("script", "style", "title"):
        html = _without(html, name)
    return entities.unescape(_ANY_TAG.sub("", _BREAKS.sub("\n", html)))
