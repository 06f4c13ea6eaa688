"""Reading and writing the small XML of the platforms. No document type, no entities of its own, little depth, few elements."""

from __future__ import annotations

from xml.parsers import expat
from xml.sax.saxutils import escape

MOST_BYTES, MOST_DEPTH, MOST_ELEMENTS = 64 * 1024, 6, 200


class Malformed(Exception):
    """It is no XML that a platform writes."""


class _Reader:
    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.path: list[str] = []
        self.text: list[str] = []
        self.count = 0

    def start(self, name: str, _attributes: object) -> None:
        self.path.append(name)
        self.text = []
        self.count += 1
        if len(self.path) > MOST_DEPTH or self.count > MOST_ELEMENTS:
            raise Malformed("too many elements")

    def words(self, some: str) -> None:
        self.text.append(some)

    def end(self, _name: str) -> None:
        if len(self.path) > 1:
            self.found.setdefault(".".join(self.path[1:]), "".join(self.text).strip())
        self.path.pop()
        self.text = []

    def refuse(self, *_words: object) -> None:
        raise Malformed("a document type has no place here")


def read(body: bytes) -> dict[str, str]:
    """The texts of the elements by name; inner ones as ``outer.inner``, the first of equal names. Raises ``Malformed``."""
    if len(body) > MOST_BYTES:
        raise Malformed("too long")
    reader, parser = _Reader(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.words
    for name in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler", "ProcessingInstructionHandler"):
        setattr(parser, name, reader.refuse)
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Malformed(str(error)) from error
    return reader.found


def write(**fields: str | int) -> bytes:
    """XML as the platforms read it: numbers bare, texts escaped."""
    inner = "".join(f"<{name}>{value if isinstance(value, int) else escape(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>".encode()
